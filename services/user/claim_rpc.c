/* ClaimService: what a user has been promised. */
#include <inttypes.h>

#include "platform/service/page.h"
#include "services/user/claim_pb.h"
#include "services/user/claim_store.h"
#include "services/user/user_service.h"

static enum ql_code fill_page(struct ql_call *call, const struct claim *claims, size_t n_claims,
                              size_t n_asked, ListClaimsResponse *out)
{
    out->claims = ql_arena_calloc(call->arena, n_claims, sizeof(*out->claims));
    if (out->claims == NULL && n_claims > 0)
        return ql_fail_memory(call);
    while (out->n_claims < n_claims && out->n_claims < n_asked) {
        Claim *claim = claim_to_pb(call, &claims[out->n_claims]);

        if (claim == NULL)
            return ql_fail_memory(call);
        out->claims[out->n_claims++] = claim;
    }
    if (out->n_claims == n_claims)
        return QL_OK;
    out->next_page_token = ql_arena_printf(call->arena, "%" PRId64, claims[out->n_claims - 1].seq);
    return out->next_page_token == NULL ? ql_fail_memory(call) : QL_OK;
}

/* ListClaims: a user's claims, oldest first. That they are the caller's is
 * checked before we are called. */
static enum ql_code claim_rpc_list(struct ql_call *call, const ListClaimsRequest *in,
                                   ListClaimsResponse *out)
{
    struct user_service *app = call->app;
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    struct claim *claims;
    int64_t after;
    size_t n_claims;
    int n_asked;
    enum ql_code rc, token_rc;

    rc = ql_page_size_read(call, in->page_size, &n_asked);
    token_rc = ql_page_after_number(call, in->page_token, &after);
    if (rc != QL_OK || token_rc != QL_OK)
        return QL_INVALID_ARGUMENT;
    if (!ql_uuid_is_valid(in->user_id)) /* nobody, who has no claims */
        return QL_OK;
    rc = ql_pg_begin(call, app->parts.pg, &tx);
    if (rc != QL_OK)
        return rc;
    /* One more than asked for tells whether a page follows. */
    rc = claim_store_list(call, tx, in->user_id, after, n_asked + 1, &claims, &n_claims);
    if (rc != QL_OK)
        return rc;
    return fill_page(call, claims, n_claims, (size_t)n_asked, out);
}

QL_RPC_HANDLER(claim_rpc_list, ListClaimsRequest, ListClaimsResponse)

const struct ql_rpc_method claim_methods[] = {
    QL_RPC_METHOD("questline.user.v1.ClaimService/ListClaims", claim_rpc_list, ListClaimsRequest,
                  ListClaimsResponse, QL_LANE_NORMAL),
    {0},
};
