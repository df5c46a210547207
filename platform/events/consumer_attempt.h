/* Attempts at the messages that a consumer has received: reading a batch and running the
 * handler. Module-internal. */
#ifndef QL_EVENTS_CONSUMER_ATTEMPT_H
#define QL_EVENTS_CONSUMER_ATTEMPT_H

#include <stddef.h>

#include "platform/base/call.h"
#include "platform/events/batch.h"
#include "platform/events/delivery.h"
#include "platform/events/intake.h"

struct qli_consumer_attempt {
    ql_delivery_handler *handler;
    const char *method; /* its name in the log */
    void *app;
    struct ql_arena *arena; /* reset with each run */
    size_t batch_limit;     /* at most batch_max; smaller after failures */
    size_t batch_max;
};

/* Reads the first messages of the intake and runs the handler, again after database
 * conflicts, within 10 s. Fills call and *ret_batch, also on failure. Codes of
 * qli_batch_read and of the handler. */
enum ql_code qli_consumer_attempt_run(const struct qli_consumer_attempt *attempt,
                                      struct ql_call *call, const struct qli_intake *intake,
                                      const char *own_account,
                                      struct qli_batch *ret_batch) QL_MUST_CHECK;

/* Halves the batch after a failure: with a slow database a whole batch may never be done
 * within the time of an attempt. After successes the batch grows slowly, since each failed
 * attempt takes all of its time. */
void qli_consumer_attempt_shrink(struct qli_consumer_attempt *attempt);
void qli_consumer_attempt_grow(struct qli_consumer_attempt *attempt);

#endif
