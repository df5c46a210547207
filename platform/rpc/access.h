/* Who may call a method, and on whose behalf: two rules without I/O. */
#ifndef QL_RPC_ACCESS_H
#define QL_RPC_ACCESS_H

#include <protobuf-c/protobuf-c.h>

#include "platform/base/call.h"
#include "platform/pb/schema.h"

/* The matrix of roles and access. UNAUTHENTICATED (TOKEN_MISSING) for a caller
 * without an identity, PERMISSION_DENIED (ROLE_NOT_ALLOWED) for a wrong one. */
enum ql_code qli_access_check(struct ql_call *call, enum ql_access access) QL_MUST_CHECK;

/* The owner rule on the unpacked request in, whose string field owner names a
 * user. "me" becomes the caller's id, which lives as long as call. json_name is
 * the field's in messages. INVALID_ARGUMENT (INVALID_FIELD) when it is empty or
 * "me" means nobody; PERMISSION_DENIED (NOT_OWNER). */
enum ql_code qli_owner_check(struct ql_call *call, const ProtobufCFieldDescriptor *owner,
                             const char *json_name, void *in) QL_MUST_CHECK;

#endif
