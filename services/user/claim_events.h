/* The consumer of QuestCompleted: completed quests become claims. */
#ifndef QL_USER_CLAIM_EVENTS_H
#define QL_USER_CLAIM_EVENTS_H

#include "services/user/user_service.h"

/* The handler of the queue's deliveries; call->app is the struct user_service. A transient
 * failure leaves all of them to be delivered again. Consumer thread only. */
enum ql_code claim_events_consume(struct ql_call *call, struct ql_delivery *deliveries,
                                  size_t n_deliveries);

#endif
