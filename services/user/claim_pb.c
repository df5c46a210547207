/* domain -> pb for claims. */
#include "services/user/claim_pb.h"

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
    pb->status = claim->status == CLAIM_IS_PAID ? CLAIM_STATUS_CLAIMED : CLAIM_STATUS_PENDING;
    return pb;
}
