/* user_quest_rewards: how far each user is with each quest. */
#ifndef QL_PROCESSING_STORE_PROGRESS_STORE_H
#define QL_PROCESSING_STORE_PROGRESS_STORE_H

#include "platform/pg/pg.h"
#include "services/processing/rules/progress.h"

/* Puts the progress of each user on the quest of the same place into the set. Who means to
 * change it holds the event table's lock (event_store_lock): nobody else writes
 * progress then, so the rows need no locks of their own. */
enum ql_code progress_store_read(struct ql_call *call, struct ql_pg_tx *tx,
                                 const char *const *user_ids, const char *const *quest_ids,
                                 size_t n, struct progress_set *set) QL_MUST_CHECK;

/* The same of these users on all quests. */
enum ql_code progress_store_read_users(struct ql_call *call, struct ql_pg_tx *tx,
                                       const char *const *user_ids, size_t n_users,
                                       struct progress_set *set) QL_MUST_CHECK;

/* Writes what changed in the set. */
enum ql_code progress_store_save(struct ql_call *call, struct ql_pg_tx *tx,
                                 const struct progress_set *set) QL_MUST_CHECK;

/* Progress as it is shown: with its quest as the newest revision says. */
struct shown_progress {
    char quest_id[QL_UUID_SIZE];
    bool is_exhausted;
    int32_t streak, duplication;

    int64_t quest_revision; /* 0: no row has the quest, and the fields below are empty */
    const char *reward_id, *name;
    int32_t quest_streak, quest_duplication;
    bool has_start, has_end, is_archived;
    int64_t starts_ms, ends_ms;
};

/* At most max of a user's rows behind the quest after_quest_id, by quest. */
enum ql_code progress_store_list(struct ql_call *call, struct ql_pg_tx *tx, const char *user_id,
                                 const char *after_quest_id, int max,
                                 struct shown_progress **ret_rows,
                                 size_t *ret_n_rows) QL_MUST_CHECK;

#endif
