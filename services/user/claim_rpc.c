/* ClaimService: lists a user's claims and pays them. */
#include <string.h>

#include "platform/service/page.h"
#include "questline/user/v1/server.h"
#include "services/user/claim_pb.h"
#include "services/user/claim_store.h"
#include "services/user/user_service.h"
#include "services/user/wallet_store.h"

enum { COUNT_MAX = 10000 };

/* What a list is asked for. */
struct wish {
    const enum claim_status *status; /* NULL: any */
    struct ql_page page;
};

static enum ql_code read_wish(struct ql_call *call, const ListClaimsRequest *in,
                              struct wish *ret_wish)
{
    static const enum claim_status pending = CLAIM_PENDING, claimed = CLAIM_CLAIMED;

    ret_wish->status = NULL;
    if (in->status == CLAIM_STATUS_PENDING)
        ret_wish->status = &pending;
    else if (in->status == CLAIM_STATUS_CLAIMED)
        ret_wish->status = &claimed;
    return ql_page_read(call, in, QL_PAGE_SIZE_DEFAULT, &ret_wish->page);
}

/* Claims are made at the end of the list and of those that wait. Among those that are
 * paid one may appear before others, so that list has no end to resume from. */
static enum ql_code fill_page(struct ql_call *call, const struct wish *wish,
                              const struct claim *claims, size_t n_claims, ListClaimsResponse *out)
{
    int64_t end = ql_page_after_number(&wish->page);
    size_t n_shown;
    enum ql_code rc;

    rc =
        ql_page_fill(call, &wish->page,
                     &(const struct ql_page_rows){claims, n_claims, sizeof(*claims), claim_message},
                     out, "claims", &n_shown);
    if (rc != QL_OK)
        return rc;
    if (n_shown > 0)
        end = claims[n_shown - 1].seq;
    if (n_shown < n_claims)
        rc = ql_page_token_number(call, &wish->page, end, &out->next_page_token);
    if (rc != QL_OK)
        return rc;
    if (wish->status == NULL || *wish->status == CLAIM_PENDING)
        rc = ql_page_token_number(call, &wish->page, end, &out->resume_page_token);
    return rc;
}

/* ListClaims: a user's claims, oldest first. That they are the caller's is
 * checked before we are called. */
static enum ql_code claim_rpc_list(struct ql_call *call, const ListClaimsRequest *in,
                                   ListClaimsResponse *out)
{
    struct user_service *app = call->app;
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    struct claim *claims;
    int64_t total = 0;
    struct wish wish;
    size_t n_claims;
    enum ql_code rc;

    rc = read_wish(call, in, &wish);
    if (rc != QL_OK)
        return rc;
    if (!ql_uuid_is_valid(in->user_id)) /* nobody, who has no claims */
        return QL_OK;
    rc = ql_pg_begin(call, app->parts.pg, &tx);
    if (rc != QL_OK)
        return rc;
    if (wish.page.is_first)
        rc = claim_store_count(call, tx, in->user_id, wish.status, COUNT_MAX, &total);
    if (rc != QL_OK)
        return rc;
    out->total_size = (int32_t)total;
    /* One row more than asked for shows whether a page follows. */
    rc = claim_store_list(call, tx, in->user_id, wish.status, ql_page_after_number(&wish.page),
                          wish.page.n_rows + 1, &claims, &n_claims);
    if (rc != QL_OK)
        return rc;
    return fill_page(call, &wish, claims, n_claims, out);
}

/* The owner may not be paid any more; a claim that was paid, perhaps while the lock
 * was waited for, is still answered as it is. */
static enum ql_code refuse_owner(struct ql_call *call, struct ql_pg_tx *tx, enum user_status status,
                                 struct claim *claim)
{
    enum ql_code rc = claim_store_get(call, tx, claim->claim_id, claim);

    if (rc != QL_OK || claim->status == CLAIM_CLAIMED)
        return rc;
    if (status == USER_IS_DELETED)
        return ql_fail(call, QL_FAILED_PRECONDITION, "USER_DELETED", "the account is deleted");
    return ql_fail(call, QL_PERMISSION_DENIED, "USER_BANNED", "this account may not claim");
}

/* Pays a claim into its owner's wallet. One that has been paid is answered as it
 * is, whatever became of its owner. Somebody else's is not found: whether it exists
 * would tell that its owner completed the quest. */
static enum ql_code pay_claim(struct ql_call *call, struct ql_pg_tx *tx, struct claim *claim)
{
    enum user_status owner_status;
    int64_t balance;
    bool waited;
    enum ql_code rc;

    rc = claim_store_lock_owner(call, tx, claim->claim_id, call->identity.subject, claim,
                                &owner_status);
    if (rc != QL_OK || claim->status == CLAIM_CLAIMED)
        return rc;
    if (owner_status != USER_IS_NEW && owner_status != USER_IS_ACTIVE)
        return refuse_owner(call, tx, owner_status, claim);
    rc = claim_store_set_paid(call, tx, claim, &waited, &balance);
    if (rc != QL_OK)
        return rc;
    if (!waited) /* somebody paid it while we waited for the lock */
        return claim_store_get(call, tx, claim->claim_id, claim);
    if (!claim_fits(claim, balance))
        return ql_fail(call, QL_FAILED_PRECONDITION, "BALANCE_OVERFLOW",
                       "the wallet cannot hold that much of %s", claim->reward_item);
    return wallet_store_credit(call, tx, claim->user_id, claim->reward_item, claim->reward_qty,
                               claim->claim_id);
}

/* ClaimReward: pays a waiting claim; one that was paid is answered as it is. So a
 * repeated call needs no Idempotency-Key. */
static enum ql_code claim_rpc_claim(struct ql_call *call, const ClaimRewardRequest *in,
                                    ClaimRewardResponse *out)
{
    struct user_service *app = call->app;
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    struct claim claim;
    enum ql_code rc;

    memset(&claim, 0, sizeof(claim));
    memcpy(claim.claim_id, in->claim_id, sizeof(claim.claim_id));
    rc = ql_pg_begin(call, app->parts.pg, &tx);
    if (rc != QL_OK)
        return rc;
    rc = pay_claim(call, tx, &claim);
    if (rc != QL_OK)
        return rc;
    rc = ql_pg_commit(call, &tx);
    if (rc != QL_OK)
        return rc;
    out->claim = claim_to_pb(call, &claim);
    return out->claim == NULL ? ql_fail_memory(call) : QL_OK;
}

QL_RPC_SERVE(ClaimService_ListClaims, claim_rpc_list)
QL_RPC_SERVE(ClaimService_ClaimReward, claim_rpc_claim)
