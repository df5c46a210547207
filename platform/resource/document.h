/* Messages of the contract as JSON documents in PostgreSQL: with the names of proto, and
 * without what has its default. PostgreSQL matches them with columns by name. */
#ifndef QL_RESOURCE_DOCUMENT_H
#define QL_RESOURCE_DOCUMENT_H

#include <protobuf-c/protobuf-c.h>

#include "platform/base/call.h"

/* The message's document, in the call's arena. */
enum ql_code ql_document_write(struct ql_call *call, const ProtobufCMessage *message,
                               const char **ret_document) QL_MUST_CHECK;

/* The message of a document, in the call's arena; fields that this release does not know
 * are left out. INTERNAL (ROW_UNREADABLE). */
enum ql_code ql_document_read(struct ql_call *call, const ProtobufCMessageDescriptor *type,
                              const char *document, void *ret_message) QL_MUST_CHECK;

#endif
