/* domain -> pb for claims. */
#include "services/user/claim_pb.h"

#include "platform/pb/wire/timestamp.h"

Claim *claim_to_pb(struct ql_call *call, const struct claim *claim)
{
    Claim *pb = ql_arena_alloc(call->arena, sizeof(*pb));
    char *claim_id = ql_arena_strdup(call->arena, claim->claim_id);
    char *quest_id = ql_arena_strdup(call->arena, claim->quest_id);

    if (pb == NULL || claim_id == NULL || quest_id == NULL)
        return NULL;
    Claim_init(pb);
    pb->claim_id = claim_id;
    pb->quest_id = quest_id;
    pb->reward_item = (char *)claim->reward_item;
    pb->reward_qty = claim->reward_qty;
    pb->status = claim->status == CLAIM_CLAIMED ? CLAIM_STATUS_CLAIMED : CLAIM_STATUS_PENDING;
    pb->ordinal = claim->ordinal;
    if (claim->pending_reason != NULL)
        pb->pending_reason = (char *)claim->pending_reason;
    pb->created_at = ql_timestamp_new(call, claim->created_ms);
    if (claim->status == CLAIM_CLAIMED)
        pb->claimed_at = ql_timestamp_new(call, claim->claimed_ms);
    if (pb->created_at == NULL || (claim->status == CLAIM_CLAIMED && pb->claimed_at == NULL))
        return NULL;
    return pb;
}

void *claim_message(struct ql_call *call, const void *row)
{
    return claim_to_pb(call, row);
}
