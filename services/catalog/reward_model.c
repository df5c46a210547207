/* Rewards for those who only carry them about. */
#include "platform/pb/message.h"
#include "platform/pb/timestamp.h"
#include "services/catalog/reward_pb.h"
#include "services/catalog/reward_store.h"
#include "services/catalog/model.h"

/* The message must live as long as the item. */
static enum ql_code to_item(struct ql_call *call, const Reward *reward,
                            struct ql_copy_item *ret_item)
{
    uint8_t *bytes;
    size_t length;
    enum ql_code rc = ql_message_pack(call, reward, &bytes, &length);

    if (rc != QL_OK)
        return rc;
    *ret_item = (struct ql_copy_item){.id = reward->reward_id,
                                      .revision = reward->revision,
                                      .is_hidden = reward->archived != 0,
                                      .etag = reward->etag,
                                      .bytes = bytes,
                                      .length = length};
    if (reward->revised_at != NULL)
        ret_item->revised_ms = ql_timestamp_ms(reward->revised_at);
    return QL_OK;
}

static enum ql_code from_bytes(struct ql_call *call, const void *bytes, size_t length,
                               struct ql_copy_item *ret_item)
{
    Reward *reward;
    enum ql_code rc = ql_message_unpack(call, &Reward_descriptor, bytes, length, &reward);

    return rc == QL_OK ? to_item(call, reward, ret_item) : rc;
}

static enum ql_code from_event(struct ql_call *call, const struct ql_event *event,
                               struct ql_copy_item *ret_item)
{
    RewardChanged *body;
    enum ql_code rc =
        ql_message_unpack(call, &RewardChanged_descriptor, event->body, event->body_length, &body);

    if (rc != QL_OK)
        return rc;
    if (body->reward == NULL || !ql_uuid_is_valid(body->reward->reward_id) ||
        body->reward->revision < 1)
        return ql_fail(call, QL_INVALID_ARGUMENT, "NOT_A_REVISION",
                       "the event names no revision of a reward");
    return to_item(call, body->reward, ret_item);
}

static enum ql_code from_row(struct ql_call *call, const struct reward *reward,
                             struct ql_copy_item *ret_item)
{
    Reward *pb = reward_to_pb(call, reward);

    return pb == NULL ? ql_fail_memory(call) : to_item(call, pb, ret_item);
}

static enum ql_code read_one(struct ql_call *call, struct ql_pg_tx *tx, const char *id,
                             int64_t revision, struct ql_copy_item *ret_item)
{
    struct reward reward;
    enum ql_code rc = reward_store_get(call, tx, id, revision, &reward);

    return rc == QL_OK ? from_row(call, &reward, ret_item) : rc;
}

static enum ql_code list(struct ql_call *call, struct ql_pg_tx *tx, const char *after,
                         int64_t archived_since_ms, int limit, struct ql_copy_item **ret_items,
                         size_t *ret_n_items)
{
    struct reward *rewards;
    enum ql_code rc =
        reward_store_list(call, tx, after, archived_since_ms, limit, &rewards, ret_n_items);

    if (rc != QL_OK)
        return rc;
    *ret_items = ql_arena_calloc(call->arena, *ret_n_items + 1, sizeof(**ret_items));
    if (*ret_items == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; rc == QL_OK && i < *ret_n_items; i++)
        rc = from_row(call, &rewards[i], &(*ret_items)[i]);
    return rc;
}

const struct model_kind model_rewards = {
    .name = "reward",
    .event_type = "RewardChanged",
    .from_bytes = from_bytes,
    .from_event = from_event,
    .read = read_one,
    .list = list,
};
