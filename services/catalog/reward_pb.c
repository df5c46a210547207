/* pb <-> domain for rewards, and the check of the fields. */
#include "services/catalog/reward_pb.h"

#include <inttypes.h>

#include "platform/pb/timestamp.h"

enum ql_code reward_from_pb(struct ql_call *call, const Reward *pb, struct reward *ret_reward)
{
    struct reward reward = {0};

    reward.name = pb->reward_name;
    reward.item = pb->reward_item;
    reward.qty = pb->reward_qty;
    *ret_reward = reward;
    return reward_validate(call, &reward);
}

Reward *reward_to_pb(struct ql_call *call, const struct reward *reward)
{
    Reward *pb = ql_arena_alloc(call->arena, sizeof(*pb));
    Google__Protobuf__Timestamp *revised_at = ql_timestamp_new(call, reward->revised_ms);
    char *reward_id = ql_arena_strdup(call->arena, reward->reward_id);
    char *etag = ql_arena_printf(call->arena, "%" PRId64, reward->revision);

    if (pb == NULL || revised_at == NULL || reward_id == NULL || etag == NULL)
        return NULL;
    Reward_init(pb);
    pb->reward_id = reward_id;
    pb->reward_name = (char *)reward->name;
    pb->reward_item = (char *)reward->item;
    pb->reward_qty = reward->qty;
    pb->revision = reward->revision;
    pb->revised_at = revised_at;
    pb->archived = reward->archived;
    pb->etag = etag;
    return pb;
}
