/* The queue of the service: each type of event goes to the function that handles it. */
#ifndef QL_QUIZ_CONSUMER_H
#define QL_QUIZ_CONSUMER_H

#include "platform/events/consumer.h"

/* A ql_delivery_handler. An event that nothing here handles is rejected. */
enum ql_code consumer_handle(struct ql_call *call, struct ql_delivery *deliveries,
                             size_t n_deliveries) QL_MUST_CHECK;

#endif
