/* ScoreCalculated: an attempt gets its score. */
#ifndef QL_QUIZ_ATTEMPTS_SCORE_EVENT_H
#define QL_QUIZ_ATTEMPTS_SCORE_EVENT_H

#include "platform/events/consumer.h"
#include "platform/pg/pg.h"

/* Stores the score of the attempt, once, in the transaction. Rejects a delivery of an attempt
 * that is not there (ATTEMPT_NOT_FOUND), and one that is no score (UNEXPECTED_BODY). */
enum ql_code score_event_apply(struct ql_call *call, struct ql_pg_tx *tx,
                               struct ql_delivery *delivery) QL_MUST_CHECK;

#endif
