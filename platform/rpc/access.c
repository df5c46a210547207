/* The access matrix and the owner rule. */
#include "platform/rpc/access.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

static bool role_may(enum ql_role role, enum ql_access access)
{
    switch (access) {
    case QL_ACCESS_PUBLIC:
        return true;
    case QL_ACCESS_USER:
        return role == QL_ROLE_USER || role == QL_ROLE_ADMIN || role == QL_ROLE_SERVICE;
    case QL_ACCESS_ADMIN:
        return role == QL_ROLE_ADMIN;
    case QL_ACCESS_INTERNAL:
        return role == QL_ROLE_SERVICE;
    case QL_ACCESS_PUBLISHER:
        return role == QL_ROLE_PUBLISHER;
    case QL_ACCESS_OPERATOR:
        return role == QL_ROLE_ADMIN || role == QL_ROLE_SERVICE;
    case QL_ACCESS_UNSPECIFIED:
        break;
    }
    return false;
}

enum ql_code qli_access_check(struct ql_call *call, enum ql_access access)
{
    if (role_may(call->identity.role, access))
        return QL_OK;
    if (call->identity.role == QL_ROLE_NONE)
        return ql_fail(call, QL_UNAUTHENTICATED, "TOKEN_MISSING", "the method needs a token");
    return ql_fail(call, QL_PERMISSION_DENIED, "ROLE_NOT_ALLOWED",
                   "the caller's role may not call the method");
}

/* UUIDs are the same in any case of letters. */
static bool ids_equal(const char *left, const char *right)
{
    if (ql_uuid_is_valid(left) && ql_uuid_is_valid(right))
        return strcasecmp(left, right) == 0;
    return strcmp(left, right) == 0;
}

enum ql_code qli_owner_check(struct ql_call *call, const ProtobufCFieldDescriptor *owner,
                             const char *json_name, void *in)
{
    struct ql_identity *identity = &call->identity;
    char **field = (char **)((char *)in + owner->offset);
    bool is_person = identity->role == QL_ROLE_USER || identity->role == QL_ROLE_ADMIN;

    if ((*field)[0] == '\0')
        return ql_violate(call, json_name, "must not be empty");
    if (strcmp(*field, "me") == 0) {
        if (!is_person)
            return ql_violate(call, json_name, "\"me\" is for users only");
        *field = identity->subject;
        return QL_OK;
    }
    if (identity->role == QL_ROLE_ADMIN || identity->role == QL_ROLE_SERVICE)
        return QL_OK;
    if (identity->role == QL_ROLE_USER && ids_equal(*field, identity->subject)) {
        *field = identity->subject;
        return QL_OK;
    }
    return ql_fail(call, QL_PERMISSION_DENIED, "NOT_OWNER", "%s is not the caller's", json_name);
}
