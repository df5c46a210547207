/* Players, attempts, weeks, results and entries of boards, in the transaction of a batch. */
#ifndef QL_EVALUATION_RESULT_STORE_H
#define QL_EVALUATION_RESULT_STORE_H

#include "platform/pg/pg.h"
#include "services/evaluation/results/batch.h"

/* Attempts of a batch, a part of them and in an order of one's own. */
struct attempt_list {
    struct attempt **attempts;
    size_t n;
};

/* A week whose number of attempts has grown. */
struct counted_week {
    const char *week;
    bool is_final;  /* was so before: these attempts count for all time only */
    bool is_closed; /* how many attempts it must have is known */
};

/* What a user's attempts at a quiz come to by now, in a period. */
struct result_change {
    const char *user_id, *quiz_id, *period;
    int64_t n_attempts, n_passed;
};

/* What has changed: all texts are the call's arena's. */
struct result_changes {
    struct result_change *rows;
    size_t n;
};

struct id_list {
    const char **ids;
    size_t n;
};

/* Waits until no other transaction writes results, and keeps others waiting to its end.
 * Locks of rows are not needed beside it. */
enum ql_code result_store_lock(struct ql_call *call, struct ql_pg_tx *tx) QL_MUST_CHECK;

/* Makes the players that are not there. */
enum ql_code result_store_add_players(struct ql_call *call, struct ql_pg_tx *tx,
                                      const struct id_list *user_ids) QL_MUST_CHECK;

/* Sets who is banned and who is deleted; each user is there once. *ret_changed: whose
 * entries come to boards or leave them. */
enum ql_code result_store_change_players(struct ql_call *call, struct ql_pg_tx *tx,
                                         const struct account_change *changes, size_t n_changes,
                                         struct id_list *ret_changed) QL_MUST_CHECK;

/* Takes users who are deleted out of the standings of weeks that are FINAL. */
enum ql_code result_store_forget_in_standings(struct ql_call *call, struct ql_pg_tx *tx,
                                              const struct id_list *user_ids) QL_MUST_CHECK;

/* Stores attempts; leaves those in the list that were not there before. */
enum ql_code result_store_insert_attempts(struct ql_call *call, struct ql_pg_tx *tx,
                                          struct attempt_list *attempts) QL_MUST_CHECK;

/* Counts attempts in their weeks. */
enum ql_code result_store_count_weeks(struct ql_call *call, struct ql_pg_tx *tx,
                                      const struct attempt_list *attempts,
                                      struct counted_week **ret_weeks,
                                      size_t *ret_n_weeks) QL_MUST_CHECK;

/* Stores how many attempts weeks must have. */
enum ql_code result_store_close_weeks(struct ql_call *call, struct ql_pg_tx *tx,
                                      const struct week_close *weeks, size_t n_weeks) QL_MUST_CHECK;

/* Computes results of the attempts' users and quizzes again: of all time, and of the
 * attempt's week unless is_late says that it is FINAL. */
enum ql_code result_store_refresh_results(struct ql_call *call, struct ql_pg_tx *tx,
                                          const struct attempt_list *attempts, const bool *are_late,
                                          struct result_changes *ret_changes) QL_MUST_CHECK;

/* Computes the entries of boards again that follow from changed results, and all entries of
 * some users. *ret_boards: the boards that have changed. */
enum ql_code result_store_refresh_boards(struct ql_call *call, struct ql_pg_tx *tx,
                                         const struct result_changes *changes,
                                         const struct id_list *user_ids,
                                         struct id_list *ret_boards) QL_MUST_CHECK;

#endif
