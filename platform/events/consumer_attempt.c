/* Running a handler on a batch, and the size of batches. */
#include "platform/events/consumer_attempt.h"

#include "platform/base/clock.h"
#include "platform/base/fault.h"
#include "platform/base/rerun.h"

enum { ATTEMPT_TIMEOUT_MS = 10000 };

/* Reads the batch and runs the handler once. */
static enum ql_code run_handler(const struct qli_consumer_attempt *attempt, struct ql_call *call,
                                const struct qli_intake *intake, const char *own_account,
                                int64_t deadline_ms, struct qli_batch *ret_batch)
{
    enum ql_code rc;

    ql_arena_reset(attempt->arena);
    ql_call_init(call, attempt->arena, attempt->method, 0);
    call->deadline_ms = deadline_ms;
    call->app = attempt->app;
    rc = qli_batch_read(call, intake, attempt->batch_limit, own_account, ret_batch);
    if (rc != QL_OK || ret_batch->n_deliveries == 0)
        return rc;
    ql_trace_continue(&call->trace, ret_batch->deliveries[0].event.traceparent);
    QL_FAULT_POINT(call, "before the handler");
    rc = attempt->handler(call, ret_batch->deliveries, ret_batch->n_deliveries);
    if (rc != QL_OK && call->status.code == QL_OK)
        (void)ql_fail(call, rc, "HANDLER_FAILED", "the handler failed without a status");
    return rc;
}

/* Reruns after a conflict are safe also when a run has committed a part: the next run finds
 * it, as after a redelivery. */
enum ql_code qli_consumer_attempt_run(const struct qli_consumer_attempt *attempt,
                                      struct ql_call *call, const struct qli_intake *intake,
                                      const char *own_account, struct qli_batch *ret_batch)
{
    int64_t deadline_ms = ql_monotonic_ms() + ATTEMPT_TIMEOUT_MS;
    enum ql_code rc;
    int n_runs = 0;

    do
        rc = run_handler(attempt, call, intake, own_account, deadline_ms, ret_batch);
    while (rc != QL_OK && ql_rerun(call, ++n_runs));
    return rc;
}

void qli_consumer_attempt_shrink(struct qli_consumer_attempt *attempt)
{
    if (attempt->batch_limit > 1)
        attempt->batch_limit /= 2;
}

void qli_consumer_attempt_grow(struct qli_consumer_attempt *attempt)
{
    attempt->batch_limit += 1 + attempt->batch_max / 16;
    if (attempt->batch_limit > attempt->batch_max)
        attempt->batch_limit = attempt->batch_max;
}
