/* A claim: the reward for one completion of a quest. Pure rules; no I/O. */
#ifndef QL_USER_CLAIM_H
#define QL_USER_CLAIM_H

#include <stdbool.h>
#include <stdint.h>

#include "platform/base/call.h"

enum claim_status {
    CLAIM_PENDING, /* until its owner claims it */
    CLAIM_CLAIMED, /* the wallet was credited with it */
};

/* Texts live in the call's arena. */
struct claim {
    char claim_id[QL_UUID_SIZE];
    char user_id[QL_UUID_SIZE];
    char quest_id[QL_UUID_SIZE];
    int64_t quest_revision;
    int32_t ordinal; /* 1 for the user's first completion of the quest */
    char reward_id[QL_UUID_SIZE];
    const char *reward_item;
    int32_t reward_qty;
    enum claim_status status;
    const char *pending_reason; /* UPPER_SNAKE: why it was not paid at once; else NULL */
    int64_t seq;                /* grows in the order in which claims were made; set by the store */
    int64_t created_ms;         /* set by the store */
    int64_t claimed_ms;         /* 0 before it is paid; set by the store */
};

/* Becomes the claim for a completion, its reward still unknown. The id follows
 * from user, quest and ordinal: a completion that is delivered
 * again names the same claim. */
void claim_begin(struct claim *claim, const char *user_id, const char *quest_id,
                 int64_t quest_revision, int32_t ordinal);

/* Whether a wallet that holds balance of the item can take the reward. */
bool claim_fits(const struct claim *claim, int64_t balance);

/* A claim that was to be paid at once waits instead (BALANCE_OVERFLOW) when the
 * wallet, which holds balance of the item, cannot take it: the claim is kept, and its
 * owner sees the reason. */
void claim_wait_for_balance(struct claim *claim, int64_t balance);

#endif
