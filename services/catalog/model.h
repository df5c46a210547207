/* Quests and rewards as those see them who only carry them about: an id, a revision,
 * and the message's wire bytes. The two kinds differ in where they come from. */
#ifndef QL_CATALOG_MODEL_H
#define QL_CATALOG_MODEL_H

#include "platform/copy/copy.h"
#include "platform/events/event.h"
#include "platform/pg/pg.h"

enum { MODEL_QUESTS, MODEL_REWARDS, MODEL_KINDS };

/* All results live in the call's arena. */
struct model_kind {
    const char *name; /* "quest" */
    const char *event_type;
    /* From the message's wire bytes. */
    enum ql_code (*from_bytes)(struct ql_call *call, const void *bytes, size_t length,
                               struct ql_copy_item *ret_item);
    /* From the body of an event of the type. */
    enum ql_code (*from_event)(struct ql_call *call, const struct ql_event *event,
                               struct ql_copy_item *ret_item);
    /* From PostgreSQL: one revision, 0 for the newest. NOT_FOUND. */
    enum ql_code (*read)(struct ql_call *call, struct ql_pg_tx *tx, const char *id,
                         int64_t revision, struct ql_copy_item *ret_item);
    /* The newest revisions behind the id, by id, at most limit: those that are not
     * archived, and those archived since that moment, in ms since 1970; 0: all. */
    enum ql_code (*list)(struct ql_call *call, struct ql_pg_tx *tx, const char *after,
                         int64_t archived_since_ms, int limit, struct ql_copy_item **ret_items,
                         size_t *ret_n_items);
};

/* quest_model.c, reward_model.c */
extern const struct model_kind model_quests, model_rewards;

/* model.c: by MODEL_QUESTS and MODEL_REWARDS. */
extern const struct model_kind *const model_kinds[MODEL_KINDS];
/* The kind that an event is about; -1: none. */
int model_kind_of(const struct ql_event *event);

#endif
