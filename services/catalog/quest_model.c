/* Quests for those who only carry them about. */
#include "platform/pb/message.h"
#include "platform/pb/timestamp.h"
#include "services/catalog/quest_pb.h"
#include "services/catalog/quest_store.h"
#include "services/catalog/model.h"

/* On its way out of the database a quest of a few kB, with the most items that its
 * conditions may have, takes more than 100 kB. */
static const size_t rows_limit = 32u * 1024 * 1024;

/* The message must live as long as the item. */
static enum ql_code to_item(struct ql_call *call, const Quest *quest, struct ql_copy_item *ret_item)
{
    uint8_t *bytes;
    size_t length;
    enum ql_code rc = ql_message_pack(call, quest, &bytes, &length);

    if (rc != QL_OK)
        return rc;
    *ret_item = (struct ql_copy_item){.id = quest->quest_id,
                                      .revision = quest->revision,
                                      .is_hidden = quest->archived != 0,
                                      .etag = quest->etag,
                                      .bytes = bytes,
                                      .length = length};
    if (quest->revised_at != NULL)
        ret_item->revised_ms = ql_timestamp_ms(quest->revised_at);
    return QL_OK;
}

static enum ql_code from_bytes(struct ql_call *call, const void *bytes, size_t length,
                               struct ql_copy_item *ret_item)
{
    Quest *quest;
    enum ql_code rc = ql_message_unpack(call, &Quest_descriptor, bytes, length, &quest);

    return rc == QL_OK ? to_item(call, quest, ret_item) : rc;
}

static enum ql_code from_event(struct ql_call *call, const struct ql_event *event,
                               struct ql_copy_item *ret_item)
{
    QuestChanged *body;
    enum ql_code rc =
        ql_message_unpack(call, &QuestChanged_descriptor, event->body, event->body_length, &body);

    if (rc != QL_OK)
        return rc;
    if (body->quest == NULL || !ql_uuid_is_valid(body->quest->quest_id) ||
        body->quest->revision < 1)
        return ql_fail(call, QL_INVALID_ARGUMENT, "NOT_A_REVISION",
                       "the event names no revision of a quest");
    return to_item(call, body->quest, ret_item);
}

static enum ql_code from_row(struct ql_call *call, const struct quest *quest,
                             struct ql_copy_item *ret_item)
{
    Quest *pb = quest_to_pb(call, quest);

    return pb == NULL ? ql_fail_memory(call) : to_item(call, pb, ret_item);
}

static enum ql_code read_one(struct ql_call *call, struct ql_pg_tx *tx, const char *id,
                             int64_t revision, struct ql_copy_item *ret_item)
{
    struct quest quest;
    enum ql_code rc = quest_store_get(call, tx, id, revision, &quest);

    return rc == QL_OK ? from_row(call, &quest, ret_item) : rc;
}

/* From the arena of the rows to the one that the caller keeps. */
static bool item_keep(struct ql_arena *arena, struct ql_copy_item *item)
{
    item->id = ql_arena_strdup(arena, item->id);
    item->etag = ql_arena_strdup(arena, item->etag);
    item->bytes = ql_arena_memdup(arena, item->bytes, item->length);
    return item->id != NULL && item->etag != NULL && item->bytes != NULL;
}

static enum ql_code list(struct ql_call *call, struct ql_pg_tx *tx, const char *after,
                         int64_t archived_since_ms, int limit, struct ql_copy_item **ret_items,
                         size_t *ret_n_items)
{
    QL_CLEANUP(ql_arena_freep) struct ql_arena *rows = ql_arena_new(rows_limit);
    struct ql_arena *outer = call->arena;
    struct quest *quests = NULL;
    enum ql_code rc;

    *ret_items = ql_arena_calloc(outer, (size_t)limit + 1, sizeof(**ret_items));
    if (rows == NULL || *ret_items == NULL)
        return ql_fail_memory(call);
    call->arena = rows;
    rc = quest_store_list(call, tx, after, archived_since_ms, limit, &quests, ret_n_items);
    for (size_t i = 0; rc == QL_OK && i < *ret_n_items; i++) {
        rc = from_row(call, &quests[i], &(*ret_items)[i]);
        if (rc == QL_OK && !item_keep(outer, &(*ret_items)[i]))
            rc = ql_fail_memory(call);
    }
    call->arena = outer;
    return rc;
}

const struct model_kind model_quests = {
    .name = "quest",
    .event_type = "QuestChanged",
    .from_bytes = from_bytes,
    .from_event = from_event,
    .read = read_one,
    .list = list,
};
