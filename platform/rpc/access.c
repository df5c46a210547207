/* The access matrix and the owner rule. */
#include "platform/rpc/access.h"

#include <string.h>
#include <strings.h>

#include "platform/auth/token.h"

/* A whole word of the list. */
static bool is_named(const char *callers, const char *name)
{
    size_t length = strlen(name);

    while (*callers != '\0') {
        size_t word = strcspn(callers, " ");

        if (word == length && memcmp(callers, name, length) == 0)
            return true;
        callers += word + (callers[word] == ' ');
    }
    return false;
}

static bool is_person(const struct ql_identity *identity)
{
    return identity->role == QL_ROLE_USER || identity->role == QL_ROLE_ADMIN;
}

bool ql_access_allows(enum ql_access access, const char *callers,
                      const struct ql_identity *identity)
{
    bool is_service = identity->role == QL_ROLE_SERVICE;
    bool is_operator = is_service && strcmp(identity->subject, QL_OPERATOR_ISSUER) == 0;
    bool is_caller = is_service && is_named(callers, identity->subject);

    switch (access) {
    case QL_ACCESS_PUBLIC:
        return true;
    case QL_ACCESS_USER:
        return is_person(identity) || is_operator || is_caller;
    case QL_ACCESS_ADMIN:
        return identity->role == QL_ROLE_ADMIN;
    case QL_ACCESS_INTERNAL:
        return is_caller;
    case QL_ACCESS_PUBLISHER:
        return identity->role == QL_ROLE_PUBLISHER;
    case QL_ACCESS_OPERATOR:
        return identity->role == QL_ROLE_ADMIN || is_operator || is_caller;
    case QL_ACCESS_UNSPECIFIED:
        break;
    }
    return false;
}

enum ql_code qli_access_check(struct ql_call *call, enum ql_access access, const char *callers)
{
    if (ql_access_allows(access, callers, &call->identity))
        return QL_OK;
    if (call->identity.role == QL_ROLE_NONE)
        return ql_fail(call, QL_UNAUTHENTICATED, "TOKEN_MISSING", "the method needs a token");
    if (call->identity.role == QL_ROLE_SERVICE)
        return ql_fail(call, QL_PERMISSION_DENIED, "ROLE_NOT_ALLOWED",
                       "the contract lets no service %s call the method", call->identity.subject);
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

    if ((*field)[0] == '\0')
        return ql_violate(call, json_name, "must not be empty");
    if (strcmp(*field, "me") == 0) {
        if (!is_person(identity))
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
