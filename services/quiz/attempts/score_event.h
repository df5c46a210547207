/* ScoreCalculated: an attempt gets its score. */
#ifndef QL_QUIZ_ATTEMPTS_SCORE_EVENT_H
#define QL_QUIZ_ATTEMPTS_SCORE_EVENT_H

#include "platform/events/consumer.h"

/* Stores the score of the attempt, once. Rejects a delivery of an attempt that is not there
 * (ATTEMPT_NOT_FOUND), and one that is no score (UNEXPECTED_BODY). */
enum ql_code score_event_on_calculated(struct ql_call *call,
                                       struct ql_delivery *delivery) QL_MUST_CHECK;

#endif
