/* One attempt at the received messages: reads them, lists the valid events for the handler,
 * collects the dead letters. Everything is in the attempt's arena and points into the
 * intake. Module-internal. */
#ifndef QL_EVENTS_BATCH_H
#define QL_EVENTS_BATCH_H

#include "platform/base/call.h"
#include "platform/events/dead_letter_headers.h"
#include "platform/events/delivery.h"
#include "platform/events/intake.h"
#include "platform/events/publisher.h"

struct qli_item; /* one message and its outcome */

struct qli_batch {
    size_t n_items; /* of the intake's first messages */
    struct qli_item *items;
    const char *own_account;
    struct ql_delivery *deliveries; /* the readable ones, for the handler */
    size_t n_deliveries;
    uint64_t last_tag;
    struct ql_message_out *dead_letters; /* set by qli_batch_collect_rejected, as the next */
    struct qli_dead_letter_headers *headers;
    size_t n_dead_letters;
};

/* Reads up to max messages, as the broker account own_account; fewer when their memory would
 * leave too little for the handler. RESOURCE_EXHAUSTED without memory. */
enum ql_code qli_batch_read(struct ql_call *call, const struct qli_intake *intake, size_t max,
                            const char *own_account, struct qli_batch *ret_batch) QL_MUST_CHECK;

/* Makes a dead letter of each rejected message, in the order of arrival. */
enum ql_code qli_batch_collect_rejected(struct ql_call *call, const char *dead_letter_key,
                                        struct qli_batch *batch) QL_MUST_CHECK;

/* Removes the dead letters that the broker has confirmed. */
void qli_batch_drop_confirmed(struct qli_batch *batch);

/* Counts the handled and the rejected messages, once they are acknowledged, and logs a line
 * for each dead letter. */
void qli_batch_count(const struct qli_batch *batch);

#endif
