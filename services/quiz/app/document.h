/* Messages of the contract as JSON documents in columns: with the names of proto, and
 * without what has its default. */
#ifndef QL_QUIZ_APP_DOCUMENT_H
#define QL_QUIZ_APP_DOCUMENT_H

#include <protobuf-c/protobuf-c.h>

#include "platform/base/call.h"

/* The message's document, in the call's arena. */
enum ql_code document_write(struct ql_call *call, const ProtobufCMessage *message,
                            const char **ret_document) QL_MUST_CHECK;

/* The message of a document, in the call's arena; fields that this release does not know
 * are left out. DATA_LOSS (STORED_DOCUMENT_UNREADABLE). */
enum ql_code document_read(struct ql_call *call, const ProtobufCMessageDescriptor *type,
                           const char *document, void *ret_message) QL_MUST_CHECK;

#endif
