/* Reading one claim of a token that was verified before. */
#include "platform/auth/token_grant.h"

#include <string.h>

#include <jansson.h>
#include <sodium.h>

#include "platform/auth/token.h"

static void free_json(json_t **json)
{
    json_decref(*json);
}

/* The claims, which stand between the dots; NULL when there are none. */
static json_t *read_claims(const char *token)
{
    const char *claims = strchr(token, '.'), *end;
    unsigned char bytes[QL_TOKEN_MAX];
    size_t length;

    end = claims == NULL ? NULL : strchr(claims + 1, '.');
    if (end == NULL ||
        sodium_base642bin(bytes, sizeof(bytes), claims + 1, (size_t)(end - claims - 1), NULL,
                          &length, NULL, sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0)
        return NULL;
    return json_loadb((const char *)bytes, length, JSON_REJECT_DUPLICATES, NULL);
}

enum ql_code ql_token_event_grant(struct ql_call *call, const char *token, const char **ret_grant)
{
    QL_CLEANUP(free_json) json_t *claims = token == NULL ? NULL : read_claims(token);
    const char *grant = json_string_value(json_object_get(claims, "evt"));

    if (grant == NULL)
        return ql_fail(call, QL_UNAUTHENTICATED, "TOKEN_MALFORMED", "the token grants no events");
    *ret_grant = ql_arena_strdup(call->arena, grant);
    return *ret_grant == NULL ? ql_fail_memory(call) : QL_OK;
}
