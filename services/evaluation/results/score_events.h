/* What is published of new attempts: ScoreCalculated of each, and LeaderboardUpdated of each
 * of their quizzes. */
#ifndef QL_EVALUATION_SCORE_EVENTS_H
#define QL_EVALUATION_SCORE_EVENTS_H

#include "services/evaluation/results/outcome.h"

/* What the events say; the arrays are those of one transaction. */
struct score_report {
    const struct attempt_list *attempts;
    const struct outcome *outcomes;
    const struct user_totals *totals;
    size_t n_totals;
    const struct quiz_sums *quizzes;
    size_t n_quizzes;
    const struct id_list *boards; /* that have changed */
};

/* Adds the events to the outbox; each has the trace of the attempt that it follows from. */
enum ql_code score_events_add(struct ql_call *call, struct ql_pg_tx *tx,
                              const struct score_report *report) QL_MUST_CHECK;

#endif
