/* Who may call a method, and on whose behalf: two rules without I/O. */
#ifndef QL_RPC_ACCESS_H
#define QL_RPC_ACCESS_H

#include <stdbool.h>

#include <protobuf-c/protobuf-c.h>

#include "platform/base/call.h"
#include "platform/pb/schema/schema.h"

/* Who may call a method: the access it is served with, which may be wider than the
 * contract's in local mode, and the services that may call it with their own tokens, by
 * spaces. A service that is not named there may not, whatever its key; operators may
 * what USER and OPERATOR allow. */
bool ql_access_allows(enum ql_access access, const char *callers,
                      const struct ql_identity *identity);

/* The same for a call. UNAUTHENTICATED (TOKEN_MISSING) for a caller without an
 * identity, PERMISSION_DENIED (ROLE_NOT_ALLOWED) for a wrong one. */
enum ql_code qli_access_check(struct ql_call *call, enum ql_access access,
                              const char *callers) QL_MUST_CHECK;

/* The owner rule on the unpacked request in, whose string field owner names a
 * user. "me" becomes the caller's id, which lives as long as call. json_name is
 * the field's in messages. INVALID_ARGUMENT (INVALID_FIELD) when it is empty or
 * "me" means nobody; PERMISSION_DENIED (NOT_OWNER). */
enum ql_code qli_owner_check(struct ql_call *call, const ProtobufCFieldDescriptor *owner,
                             const char *json_name, void *in) QL_MUST_CHECK;

#endif
