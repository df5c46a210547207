/* Checking tokens, with the waiting checks counted by client address. */
#include "gateway/token_step.h"

#include <string.h>

#include "gateway/charge.h"
#include "platform/rpc/access.h"

/* The number of checks that one counts as, from an address that sends invalid tokens. */
enum { BAD_SENDER_CHECKS = 8 };

static bool count_check(struct request *request)
{
    struct ql_limits *limits = request->gateway->limits;
    const struct ql_client *client = charge_client(request);
    bool sends_bad_ones = ql_client_limit_held(limits, QL_LIMIT_BAD_TOKENS, client) >=
                          ql_limit_max(limits, QL_LIMIT_BAD_TOKENS);

    request->checked = *client;
    request->n_checked = sends_bad_ones ? BAD_SENDER_CHECKS : 1;
    return ql_client_limit_take(limits, QL_LIMIT_UNVERIFIED_TOKENS, client, request->n_checked);
}

static void uncount_check(struct request *request)
{
    ql_client_limit_give(request->gateway->limits, QL_LIMIT_UNVERIFIED_TOKENS, &request->checked,
                         request->n_checked);
}

static void count_bad_token(struct request *request)
{
    /* At its limit the count stays there for the rest of its window. */
    if (!ql_client_limit_take(request->gateway->limits, QL_LIMIT_BAD_TOKENS, &request->checked, 1))
        return;
}

/* On a thread of the token pool. */
static void on_check_done(struct token_check *check)
{
    request_post(H2O_STRUCT_FROM_MEMBER(struct request, check, check));
}

enum token_verdict token_step_begin(struct request *request, request_resume *resume,
                                    struct refusal *ret_refusal)
{
    struct token_check *check = &request->check;

    if (ql_verify_token_cached(request->gateway->verifier, check->token, &check->identity))
        return TOKEN_VERIFIED;
    if (!count_check(request)) {
        refusal_set_limited(ret_refusal, "TOO_MANY_TOKENS",
                            "too many tokens from your address wait for their check");
        return TOKEN_REFUSED;
    }
    request_begin_wait(request);
    request->resume = resume;
    check->done = on_check_done;
    if (token_pool_submit(request->gateway->token_pool, check))
        return TOKEN_WAITS;
    uncount_check(request);
    refusal_set_busy(ret_refusal);
    return TOKEN_REFUSED;
}

bool token_step_end(struct request *request, struct refusal *ret_refusal)
{
    const struct ql_status *status = &request->check.status;

    uncount_check(request);
    if (status->code == QL_OK)
        return true;
    if (status->code == QL_UNAUTHENTICATED)
        count_bad_token(request);
    return refusal_set_status(ret_refusal, status);
}

bool token_step_check_access(struct request *request, struct refusal *ret_refusal)
{
    const struct ql_method *method = request->match.method;
    const struct ql_identity *identity = &request->check.identity;

    memcpy(request->record.user, identity->subject, sizeof(request->record.user));
    if (!charge_account(request, request->record.user, ret_refusal))
        return false;
    if (!ql_access_allows(method->access, method->callers, identity))
        return refusal_set(ret_refusal, 403, QL_PERMISSION_DENIED, "ROLE_NOT_ALLOWED",
                           "your role may not call this method");
    return true;
}
