/* One late attempt after the other. */
#include "services/quiz/attempts/sweeper.h"

#include <stdatomic.h>

#include "platform/base/clock.h"
#include "platform/base/log.h"
#include "services/quiz/attempts/attempt_end.h"
#include "services/quiz/attempts/attempt_metrics.h"
#include "services/quiz/attempts/attempt_store.h"

enum { ATTEMPTS_MAX = 100, COUNT_EVERY_MS = 5000 };

static void log_failure(const struct ql_call *call, const struct attempt *attempt)
{
    QL_LOG(QL_LOG_ERROR, &call->trace, QL_TEXT("event", "late attempt not ended"),
           QL_TEXT("attemptId", attempt->attempt_id), QL_TEXT("reason", call->status.reason),
           QL_TEXT("message", call->status.message));
}

/* Whether it is this attempt that cannot be ended: the next one may be another matter. */
static bool is_of_attempt(const struct ql_call *call)
{
    switch (call->status.code) {
    case QL_UNAVAILABLE:
    case QL_DEADLINE_EXCEEDED:
    case QL_ABORTED:
        return false;
    default:
        return true;
    }
}

/* Ends the first late attempt behind `last`, which becomes it. */
static enum ql_code sweep_next(struct ql_call *call, const struct quiz_service *app,
                               struct attempt *last, bool *ret_is_found)
{
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    const struct attempt *after = last->attempt_id[0] == '\0' ? NULL : last;
    enum ql_code rc;

    rc = ql_pg_begin(call, app->parts.pg, &tx);
    if (rc != QL_OK)
        return rc;
    rc = attempt_store_lock_late(call, tx, app->grace_ms, after, last, ret_is_found);
    if (rc != QL_OK || !*ret_is_found)
        return rc;
    rc = attempt_expire(call, &tx, last);
    if (rc == QL_OK || !is_of_attempt(call))
        return rc;
    log_failure(call, last);
    ql_call_clear_status(call);
    return QL_OK;
}

/* Now and then: the count reads an entry of the index for each attempt in progress. */
static enum ql_code count_in_progress(struct ql_call *call, const struct quiz_service *app)
{
    static _Atomic int64_t next_ms;
    int64_t count, now_ms = ql_monotonic_ms();
    enum ql_code rc;

    if (now_ms < atomic_load(&next_ms))
        return QL_OK;
    rc = attempt_store_count_in_progress(call, app->parts.pg, &count);
    if (rc != QL_OK)
        return rc;
    attempt_metrics_set_in_progress(count);
    atomic_store(&next_ms, now_ms + COUNT_EVERY_MS);
    return QL_OK;
}

enum ql_code sweeper_turn(struct ql_call *call, void *app, bool *ret_has_more)
{
    const struct ql_arena_mark mark = ql_arena_mark(call->arena);
    struct attempt last = {.attempt_id = ""};
    bool is_found = true;
    enum ql_code rc;

    *ret_has_more = false;
    attempt_metrics_register();
    for (int i = 0; i < ATTEMPTS_MAX; i++) {
        rc = sweep_next(call, app, &last, &is_found);
        if (rc != QL_OK)
            return rc;
        ql_arena_rewind(call->arena, &mark);
        if (!is_found)
            return count_in_progress(call, app);
    }
    *ret_has_more = true;
    return QL_OK;
}
