/* What evaluation does with events: scores attempts, and follows accounts and weeks. */
#ifndef QL_EVALUATION_CONSUMER_H
#define QL_EVALUATION_CONSUMER_H

#include "platform/events/delivery.h"

enum { CONSUMER_BATCH_MAX = 100 };

/* A ql_delivery_handler; call->app is a struct evaluation. */
enum ql_code consumer_handle(struct ql_call *call, struct ql_delivery *deliveries,
                             size_t n_deliveries);

void consumer_register_metrics(void);

#endif
