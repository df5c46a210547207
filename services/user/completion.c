/* From completions to claims and credits, in one transaction. */
#include "services/user/completion.h"

#include "platform/outbox/outbox.h"
#include "services/user/claim_store.h"
#include "services/user/user_store.h"
#include "services/user/wallet_store.h"

#define INBOX_CONSUMER "user.claims"

/* The completions of a batch without a refusal. */
struct batch {
    struct quest_completion **open;
    const char **user_ids;
    bool *user_found;
    size_t n_open;
};

/* The balance is read in the transaction that credits it, under the lock of its user, so it
 * cannot change in between. */
static enum ql_code check_balance(struct ql_call *call, struct ql_pg_tx *tx, struct claim *claim)
{
    int64_t balance;
    enum ql_code rc;

    if (claim->status != CLAIM_CLAIMED)
        return QL_OK;
    rc = wallet_store_balance(call, tx, claim->user_id, claim->reward_item, &balance);
    if (rc != QL_OK)
        return rc;
    claim_wait_for_balance(claim, balance);
    return QL_OK;
}

static enum ql_code apply_one(struct ql_call *call, struct ql_pg_tx *tx,
                              const struct quest_completion *completion)
{
    struct claim claim = completion->claim;
    bool is_there, is_new;
    enum ql_code rc;

    rc = claim_store_exists(call, tx, claim.claim_id, &is_there);
    if (rc != QL_OK || is_there)
        return rc;
    rc = ql_inbox_enter(call, tx, INBOX_CONSUMER, completion->event_id, &is_new);
    if (rc != QL_OK || !is_new)
        return rc;
    rc = check_balance(call, tx, &claim);
    if (rc != QL_OK)
        return rc;
    rc = claim_store_insert(call, tx, &claim, &is_new);
    if (rc != QL_OK || !is_new || claim.status != CLAIM_CLAIMED)
        return rc;
    return wallet_store_credit(call, tx, claim.user_id, claim.reward_item, claim.reward_qty,
                               claim.claim_id);
}

static enum ql_code apply_all(struct ql_call *call, struct ql_pg_pool *pool,
                              const struct batch *batch)
{
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    enum ql_code rc;

    rc = ql_pg_begin(call, pool, &tx);
    if (rc != QL_OK)
        return rc;
    rc = user_store_lock_many(call, tx, batch->user_ids, batch->n_open, batch->user_found);
    if (rc != QL_OK)
        return rc;
    for (size_t i = 0; i < batch->n_open; i++) {
        struct quest_completion *completion = batch->open[i];

        completion->has_no_user = !batch->user_found[i];
        if (!completion->has_no_user)
            rc = apply_one(call, tx, completion);
        if (rc != QL_OK)
            return rc;
    }
    return ql_pg_commit(call, &tx);
}

enum ql_code completion_apply(struct ql_call *call, struct ql_pg_pool *pool,
                              struct quest_completion *completions, size_t n_completions)
{
    struct batch batch = {
        .open = ql_arena_calloc(call->arena, n_completions, sizeof(*batch.open)),
        .user_ids = ql_arena_calloc(call->arena, n_completions, sizeof(*batch.user_ids)),
        .user_found = ql_arena_calloc(call->arena, n_completions, sizeof(*batch.user_found)),
    };

    if (batch.open == NULL || batch.user_ids == NULL || batch.user_found == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < n_completions; i++) {
        if (completions[i].refusal != NULL)
            continue;
        batch.user_ids[batch.n_open] = completions[i].claim.user_id;
        batch.open[batch.n_open++] = &completions[i];
    }
    return batch.n_open == 0 ? QL_OK : apply_all(call, pool, &batch);
}
