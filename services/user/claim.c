/* The rules of a claim. */
#include "services/user/claim.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void claim_begin(struct claim *claim, const char *user_id, const char *quest_id,
                 int64_t quest_revision, int32_t ordinal)
{
    char ordinal_text[16];

    memset(claim, 0, sizeof(*claim));
    ql_uuid_copy(claim->user_id, user_id);
    ql_uuid_copy(claim->quest_id, quest_id);
    claim->quest_revision = quest_revision;
    claim->ordinal = ordinal;
    claim->status = CLAIM_PENDING;
    snprintf(ordinal_text, sizeof(ordinal_text), "%" PRId32, ordinal);
    ql_uuid_derive(claim->claim_id,
                   (const char *const[]){"claim", claim->user_id, claim->quest_id, ordinal_text},
                   4);
}

bool claim_fits(const struct claim *claim, int64_t balance)
{
    return balance <= INT32_MAX - (int64_t)claim->reward_qty;
}

void claim_wait_for_balance(struct claim *claim, int64_t balance)
{
    if (claim->status != CLAIM_CLAIMED || claim_fits(claim, balance))
        return;
    claim->status = CLAIM_PENDING;
    claim->pending_reason = "BALANCE_OVERFLOW";
}
