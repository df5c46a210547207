/* What the user service keeps of ScoreCalculated: the totals that the account shows. */
#ifndef QL_USER_SCORE_EVENTS_H
#define QL_USER_SCORE_EVENTS_H

#include "platform/events/delivery.h"

/* A ql_delivery_handler for the queue of scores. Every event may come more than once, in
 * any order. Those about users who are not there change nothing; what is no
 * ScoreCalculated becomes a dead letter. */
enum ql_code score_events_consume(struct ql_call *call, struct ql_delivery *deliveries,
                                  size_t n_deliveries) QL_MUST_CHECK;

#endif
