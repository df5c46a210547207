/* A delivery: one event as a consumer's handler gets it, and checking a received message. */
#ifndef QL_EVENTS_DELIVERY_H
#define QL_EVENTS_DELIVERY_H

#include <stddef.h>

#include "platform/base/call.h"
#include "platform/events/account.h"
#include "platform/events/event.h"

struct ql_delivery {
    struct ql_event event;
    const char *routing_key;
    const char *account; /* the broker account of its first publisher; "": not stated */
    char reject_reason[QL_REASON_MAX]; /* "": accepted */
    char reject_text[QL_MESSAGE_MAX];
};

/* Handles deliveries in order, all or none: QL_OK means that the effects of every delivery
 * not rejected are committed. call->app is the service's. The call's arena is empty at each
 * attempt; its deadline is 10 s away. */
typedef enum ql_code ql_delivery_handler(struct ql_call *call, struct ql_delivery *deliveries,
                                         size_t n_deliveries);

/* Rejects a delivery that can never be handled: it becomes a dead letter. */
void ql_delivery_reject(struct ql_delivery *delivery, const char *reason, const char *format, ...)
    QL_PRINTF(3, 4);

/* A message as it arrived. */
struct qli_received {
    const char *routing_key;
    const char *message_id; /* compared with the event's id; "": not */
    const void *bytes;
    size_t length;
    struct ql_message_origin origin;
};

/* Reads the event of a message and checks that its type fits the routing key and the
 * account of its publisher (account.h); own_account is the reader's. INVALID_ARGUMENT with
 * the reason for a dead letter. */
enum ql_code qli_received_read(struct ql_call *call, const struct qli_received *received,
                               const char *own_account, struct ql_event *ret_event) QL_MUST_CHECK;

#endif
