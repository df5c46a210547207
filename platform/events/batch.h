/* One attempt at the messages in hand: read them, show the handler those that
 * are events, collect the dead letters. Everything lives in the attempt's arena
 * and points into the intake. */
#ifndef QL_EVENTS_BATCH_H
#define QL_EVENTS_BATCH_H

#include "platform/base/call.h"
#include "platform/events/consumer.h"
#include "platform/events/intake.h"
#include "platform/events/publisher_inside.h"

struct qli_item; /* one message: its bytes and what became of it */

struct qli_batch {
    size_t n_items; /* of the intake's first messages */
    struct qli_item *items;
    const char *own_account;
    struct ql_delivery *deliveries; /* the readable ones, for the handler */
    size_t n_deliveries;
    uint64_t last_tag;
    struct ql_message_out *dead; /* after qli_batch_collect_rejected */
    struct qli_dead_letter_headers *letters;
    size_t n_dead;
};

/* Reads up to max messages, as the broker's account own_account; fewer when their memory would leave the handler
 * without any. RESOURCE_EXHAUSTED when there is none to begin with. */
enum ql_code qli_batch_read(struct ql_call *call, const struct qli_intake *intake, size_t max,
                            const char *own_account, struct qli_batch *ret_batch) QL_MUST_CHECK;

/* Makes a dead letter of everything rejected, in the order of arrival. */
enum ql_code qli_batch_collect_rejected(struct ql_call *call, const char *dead_letter_key,
                                        struct qli_batch *batch) QL_MUST_CHECK;

/* Forgets the dead letters that the broker has. */
void qli_batch_drop_confirmed(struct qli_batch *batch);

/* Counts what was handled and rejected, once it is acknowledged, and logs a line
 * for each dead letter. */
void qli_batch_count(const struct qli_batch *batch);

#endif
