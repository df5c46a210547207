/* Figures of a quiz: what came of it, as LeaderboardUpdated says. */
#ifndef QL_QUIZ_QUIZZES_FIGURES_H
#define QL_QUIZ_QUIZZES_FIGURES_H

#include "platform/events/consumer.h"
#include "platform/readside/snapshot.h"

/* Figures as snapshots beside quizzes. */
extern const struct ql_snapshot_kind figures_kind;

/* Stores the figures of a LeaderboardUpdated unless those of a greater or the same sequence
 * are stored, and hands them to the read model. Rejects an event without figures. */
enum ql_code figures_on_leaderboard_updated(struct ql_call *call,
                                            struct ql_delivery *delivery) QL_MUST_CHECK;

#endif
