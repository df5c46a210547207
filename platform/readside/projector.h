/* The projector: the changes that are announced, from a work queue of their own into
 * the read model. What Redis has not taken stays in the queue. */
#ifndef QL_READSIDE_PROJECTOR_H
#define QL_READSIDE_PROJECTOR_H

#include "platform/events/consumer.h"
#include "platform/readside/read_side.h"

/* One event, for a handler that has more to do with it: a snapshot is stored first. Nothing
 * without Redis. */
enum ql_code ql_projector_project(struct ql_call *call, const struct ql_read_side *side,
                                  struct ql_delivery *delivery) QL_MUST_CHECK;

/* As a subscription's handler. An event that is no change of a kind is rejected. */
enum ql_code ql_projector_handle(struct ql_call *call, const struct ql_read_side *side,
                                 struct ql_delivery *deliveries, size_t n_deliveries) QL_MUST_CHECK;

#endif
