/* UserDeleted: the user's answers go, and no further attempt begins. */
#ifndef QL_QUIZ_ATTEMPTS_DEPARTURE_H
#define QL_QUIZ_ATTEMPTS_DEPARTURE_H

#include "platform/events/consumer.h"
#include "platform/pg/pg.h"

/* Discards the user's attempts in progress, without an event, and deletes the answers of all;
 * rows of attempts stay. Once more is harmless. Adds to *ret_n_discarded, which the caller
 * counts behind the commit. */
enum ql_code departure_apply(struct ql_call *call, struct ql_pg_tx *tx,
                             struct ql_delivery *delivery, int64_t *ret_n_discarded) QL_MUST_CHECK;

#endif
