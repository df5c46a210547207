/* Running the steps of a chore, with a growing pause after failures. */
#include "platform/events/consumer_chore.h"

#include "platform/base/clock.h"
#include "platform/base/rerun.h"

enum { STEP_TIMEOUT_MS = 10000, PAUSE_MIN_MS = 50, PAUSE_MAX_MS = 2000 };

void qli_consumer_chore_begin(struct qli_consumer_chore *chore)
{
    chore->has_more = chore->step != NULL;
    chore->at_ms = 0;
    chore->pause_ms = PAUSE_MIN_MS;
}

void qli_consumer_chore_run(struct qli_consumer_chore *chore)
{
    int64_t deadline_ms = ql_monotonic_ms() + STEP_TIMEOUT_MS;
    struct ql_call call;
    enum ql_code rc;
    int n_runs = 0;

    if (chore->step == NULL || ql_monotonic_ms() < chore->at_ms)
        return;
    do {
        ql_arena_reset(chore->arena);
        ql_call_init(&call, chore->arena, chore->method, 0);
        call.deadline_ms = deadline_ms;
        call.app = chore->app;
        rc = chore->step(&call, &chore->has_more);
    } while (rc != QL_OK && ql_rerun(&call, ++n_runs));
    if (rc == QL_OK) {
        chore->pause_ms = PAUSE_MIN_MS;
        qli_consumer_health_succeeded(chore->health, /* is_batch= */ false);
        return;
    }
    qli_consumer_health_failed(chore->health, &call, 0);
    chore->at_ms = ql_monotonic_ms() + chore->pause_ms;
    chore->pause_ms = chore->pause_ms * 2 < PAUSE_MAX_MS ? chore->pause_ms * 2 : PAUSE_MAX_MS;
}

int64_t qli_consumer_chore_wait_ms(const struct qli_consumer_chore *chore, int64_t idle_ms)
{
    int64_t wait_ms = chore->at_ms - ql_monotonic_ms();

    if (!chore->has_more || wait_ms > idle_ms)
        return idle_ms;
    return wait_ms > 0 ? wait_ms : 0;
}
