/* Reading one claim of a token that was verified before. */
#include "platform/auth/token_grant.h"

#include "platform/auth/jwt.h"

enum ql_code ql_token_event_grant(struct ql_call *call, const char *token, const char **ret_grant)
{
    QL_CLEANUP(qli_claims_done) struct qli_claims claims = {0};
    struct qli_jwt_parts parts;

    if (token == NULL || !qli_jwt_split(token, &parts))
        return qli_token_malformed(call);
    if (qli_jwt_read_claims(call, &parts, &claims) != QL_OK || claims.event_grant == NULL)
        return ql_fail(call, QL_UNAUTHENTICATED, "TOKEN_MALFORMED", "the token grants no events");
    *ret_grant = ql_arena_strdup(call->arena, claims.event_grant);
    return *ret_grant == NULL ? ql_fail_memory(call) : QL_OK;
}
