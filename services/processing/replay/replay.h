/* Replaying stored events: what evaluating does with new events, done with rows of the
 * event table. A page of events is evaluated by the quests as they stand, progress is
 * written, completions go to a log. Progress is the table user_quest_rewards that
 * the transaction's search path leads to. */
#ifndef QL_PROCESSING_REPLAY_REPLAY_H
#define QL_PROCESSING_REPLAY_REPLAY_H

#include "services/processing/replay/affected_set.h"
#include "services/processing/store/history_store.h"

struct replay_completion {
    const struct completion *completion;
    const char *user_id;
    int64_t occurred_ms;
};

/* Where completions go, in order. */
struct completion_log {
    /* n is at least 1; *ret_cursor is where the last of them is. */
    enum ql_code (*add)(struct ql_call *call, struct ql_pg_tx *tx,
                        const struct replay_completion *completions, size_t n, int64_t *ret_cursor);
    /* Those between two places, as events, whose seqs are their places. */
    enum ql_code (*list)(struct ql_call *call, struct ql_pg_tx *tx, int64_t after_cursor,
                         int64_t before_cursor, int max, struct event_page *ret_page);
};

/* Progress between pages: kept in memory until there is too much of it, then
 * written to the table and read back as its users come again. */
struct replay_cache {
    struct ql_arena *arena;
    struct progress_set *set; /* NULL: to be begun */
    bool is_fresh;            /* the table has no progress that matters */
    size_t full_bytes;        /* from here on it is written */
};

struct replay {
    const struct definitions *definitions;
    struct day_zones *zones;
    const struct completion_log *log;
    struct replay_cache *cache;
    /* A quest that its users must have completed before a event, by the rows that
     * stand before it in the event table; NULL: by their progress. */
    const char *prerequisite_id;
    int64_t n_completions; /* counted up */
    int64_t last_cursor;   /* of the last completion */
};

/* Evaluates one or more events that stand from before_seq on, but for those of users who
 * are deleted, wherever that stands; with a fresh cache, from the first on, without a
 * gap among those about a user's zone or deletion. Where one registers a user, what has
 * waited for that follows it. */
enum ql_code replay_events(struct ql_call *call, struct ql_pg_tx *tx, struct replay *replay,
                           const struct event_page *page, int64_t before_seq) QL_MUST_CHECK;

/* Evaluates what has waited for the registration of a user, who is registered and has
 * just been. */
enum ql_code replay_waiting(struct ql_call *call, struct ql_pg_tx *tx, struct replay *replay,
                            const char *user_id) QL_MUST_CHECK;

/* A cache for a table without, or with, progress that matters. False without
 * memory. Done releases what was not written. */
bool replay_cache_init(struct replay_cache *cache, bool is_fresh) QL_MUST_CHECK;
void replay_cache_done(struct replay_cache *cache); /* for QL_CLEANUP */

/* Writes what has changed to the table, and forgets it. */
enum ql_code replay_cache_flush(struct ql_call *call, struct ql_pg_tx *tx,
                                struct replay_cache *cache) QL_MUST_CHECK;

#endif
