/* The attempts at a call: waiting, trying, trying again. A function whose name ends in
 * _locked is called with the lock held. */
#include "platform/rpc/client/attempt.h"

#include <string.h>

#include "platform/base/clock.h"
#include "platform/rpc/client/status_read.h"
#include "platform/rpc/telemetry.h"

enum {
    CONNECT_WAIT_MS = 2000, /* a call waits no longer for a connection */
    RETRY_MS = 2000,        /* for one of several endpoints to come back */
    TRIES_MAX = 3,          /* on one endpoint */
};

static void timer_event(void *argument);
static void attempt_exchanged(void *argument);

int qli_attempt_init(struct qli_attempt *attempt, const char *service,
                     struct qli_balancer *balancer, struct qli_arena_pool *arenas,
                     qli_attempt_done *done, void *argument)
{
    int rv;

    memset(attempt, 0, sizeof(*attempt));
    rv = qli_exchange_init(&attempt->exchange, balancer, attempt_exchanged, attempt);
    if (rv != 0)
        return rv;
    rv = nng_aio_alloc(&attempt->timer, timer_event, attempt);
    if (rv != 0) {
        qli_exchange_release(&attempt->exchange);
        return rv;
    }
    nng_aio_set_timeout(attempt->timer, NNG_DURATION_INFINITE);
    attempt->service = service;
    attempt->balancer = balancer;
    attempt->arenas = arenas;
    attempt->done = done;
    attempt->argument = argument;
    attempt->waiter.timer = attempt->timer;
    pthread_mutex_init(&attempt->lock, NULL);
    return 0;
}

void qli_attempt_stop(struct qli_attempt *attempt)
{
    qli_exchange_stop(&attempt->exchange);
    nng_aio_stop(attempt->timer);
}

void qli_attempt_release(struct qli_attempt *attempt)
{
    qli_exchange_release(&attempt->exchange);
    nng_aio_free(attempt->timer);
    pthread_mutex_destroy(&attempt->lock);
}

static int64_t earlier_of(int64_t left, int64_t right)
{
    return left < right ? left : right;
}

void qli_attempt_reset(struct qli_attempt *attempt)
{
    pthread_mutex_lock(&attempt->lock);
    attempt->phase = QLI_ATTEMPT_IDLE;
    attempt->is_cancelled = false;
    pthread_mutex_unlock(&attempt->lock);
}

bool qli_attempt_prepare(struct qli_attempt *attempt, uint64_t id, int64_t deadline_ms,
                         bool is_safe)
{
    int64_t now_ms = ql_monotonic_ms(), remaining_ms = deadline_ms - now_ms;

    attempt->id = id;
    attempt->deadline_ms = deadline_ms;
    attempt->is_safe = is_safe;
    attempt->request = NULL;
    attempt->tried = 0;
    attempt->n_tries = 0;
    attempt->retry_until_ms = 0;
    /* The caller must still be there to hear that there is no connection. */
    attempt->connect_until_ms =
        now_ms + earlier_of(remaining_ms - remaining_ms / 8, CONNECT_WAIT_MS);
    return remaining_ms > 0;
}

static void attempt_finish(struct qli_attempt *attempt, const struct ql_status *status,
                           const struct qli_result_view *result, nng_msg *reply)
{
    nng_msg_free(attempt->request);
    attempt->request = NULL;
    attempt->done(attempt->argument, status, result, reply);
}

static void finish_failed(struct qli_attempt *attempt, enum qli_call_failure failure)
{
    struct ql_call call = {.arena = NULL};

    qli_call_fail(&call, attempt->service, failure);
    attempt_finish(attempt, &call.status, NULL, NULL);
}

/* One attempt on the best endpoint. False: none is connected, or no memory. */
static bool try_locked(struct qli_attempt *attempt)
{
    nng_msg *copy;

    if (!qli_exchange_pick(&attempt->exchange, 1, attempt->is_safe, attempt->tried))
        return false;
    if (nng_msg_dup(&copy, attempt->request) != 0) {
        qli_exchange_end(&attempt->exchange, NULL);
        return false;
    }
    attempt->phase = QLI_ATTEMPT_EXCHANGING;
    attempt->tried = attempt->exchange.lease.tried;
    attempt->n_tries++;
    qli_exchange_start(&attempt->exchange, copy, attempt->deadline_ms - ql_monotonic_ms());
    return true;
}

static void pause_locked(struct qli_attempt *attempt, int64_t pause_ms)
{
    attempt->phase = QLI_ATTEMPT_WAITING;
    nng_sleep_aio((nng_duration)pause_ms, attempt->timer);
}

/* Tries, or waits for an endpoint to try on. False: it has waited long enough. */
static bool try_or_wait_locked(struct qli_attempt *attempt)
{
    int64_t wait_ms;

    if (try_locked(attempt))
        return true;
    wait_ms = attempt->connect_until_ms - ql_monotonic_ms();
    if (wait_ms <= 0)
        return false;
    pause_locked(attempt, wait_ms);
    qli_balancer_add_waiter(attempt->balancer, &attempt->waiter);
    return true;
}

/* A sleep of 0 ms would end a millisecond late, and nng's thread spin until then. */
static void fail_locked(struct qli_attempt *attempt, enum qli_call_failure failure)
{
    attempt->phase = QLI_ATTEMPT_FAILING;
    attempt->failed = failure;
    if (nng_aio_begin(attempt->timer))
        nng_aio_finish(attempt->timer, 0);
}

void qli_attempt_fail(struct qli_attempt *attempt, enum qli_call_failure failure)
{
    pthread_mutex_lock(&attempt->lock);
    fail_locked(attempt, failure);
    pthread_mutex_unlock(&attempt->lock);
}

void qli_attempt_start(struct qli_attempt *attempt, nng_msg *request)
{
    attempt->request = request;
    pthread_mutex_lock(&attempt->lock);
    if (attempt->is_cancelled)
        fail_locked(attempt, QLI_FAILED_CANCELLED);
    else if (!try_or_wait_locked(attempt))
        pause_locked(attempt, 1); /* the timer reports it */
    pthread_mutex_unlock(&attempt->lock);
}

void qli_attempt_go_on(struct qli_attempt *attempt, nng_msg *request, uint32_t tried)
{
    attempt->tried = tried;
    attempt->n_tries = 1;
    attempt->connect_until_ms = earlier_of(ql_monotonic_ms() + RETRY_MS, attempt->deadline_ms);
    qli_attempt_start(attempt, request);
}

void qli_attempt_cancel(struct qli_attempt *attempt)
{
    pthread_mutex_lock(&attempt->lock);
    attempt->is_cancelled = true;
    if (attempt->phase == QLI_ATTEMPT_EXCHANGING)
        qli_exchange_interrupt(&attempt->exchange);
    else if (attempt->phase == QLI_ATTEMPT_WAITING)
        nng_aio_cancel(attempt->timer);
    pthread_mutex_unlock(&attempt->lock);
}

/* The wait or the pause is over. */
static void attempt_waited(struct qli_attempt *attempt)
{
    bool is_cancelled, goes_on;

    qli_balancer_remove_waiter(attempt->balancer, &attempt->waiter);
    pthread_mutex_lock(&attempt->lock);
    attempt->phase = QLI_ATTEMPT_IDLE;
    is_cancelled = attempt->is_cancelled;
    goes_on = !is_cancelled && try_or_wait_locked(attempt);
    pthread_mutex_unlock(&attempt->lock);
    if (goes_on)
        return;
    finish_failed(attempt, is_cancelled ? QLI_FAILED_CANCELLED : QLI_FAILED_UNCONNECTED);
}

static void timer_event(void *argument)
{
    struct qli_attempt *attempt = argument;
    bool is_failing;

    pthread_mutex_lock(&attempt->lock);
    is_failing = attempt->phase == QLI_ATTEMPT_FAILING;
    pthread_mutex_unlock(&attempt->lock);
    if (is_failing)
        finish_failed(attempt, attempt->failed);
    else
        attempt_waited(attempt);
}

/* Whether endpoints that did not take the call are tried again: a few times, or for as
 * long as one of several may take to come back. */
static bool may_try_same(struct qli_attempt *attempt, int64_t now_ms)
{
    if (attempt->retry_until_ms == 0)
        attempt->retry_until_ms = now_ms + RETRY_MS;
    return attempt->n_tries < TRIES_MAX ||
           (now_ms < attempt->retry_until_ms && qli_balancer_count(attempt->balancer) > 1);
}

/* Tries again, at once on an endpoint that was not tried, else after a pause. False: the
 * call ends here. */
static bool attempt_retry(struct qli_attempt *attempt, enum qli_retry retry)
{
    int64_t now_ms = ql_monotonic_ms(), remaining_ms = attempt->deadline_ms - now_ms;
    bool has_untried = (qli_balancer_available(attempt->balancer) & ~attempt->tried) != 0;
    int64_t pause_ms = has_untried ? 0 : qli_exchange_pause_ms(attempt->n_tries);
    bool is_retried;

    if (remaining_ms <= pause_ms || retry == QLI_RETRY_NOWHERE ||
        (!has_untried && (retry == QLI_RETRY_ELSEWHERE || !may_try_same(attempt, now_ms))))
        return false;
    attempt->connect_until_ms = now_ms + earlier_of(remaining_ms, RETRY_MS);
    pthread_mutex_lock(&attempt->lock);
    is_retried = !attempt->is_cancelled;
    if (is_retried && (!has_untried || !try_locked(attempt)))
        pause_locked(attempt, pause_ms > 1 ? pause_ms : 1);
    pthread_mutex_unlock(&attempt->lock);
    if (is_retried)
        ql_metric_add(&qli_rpc_metrics[QLI_RETRIES], NULL, 1);
    return is_retried;
}

static void attempt_answered(struct qli_attempt *attempt)
{
    struct qli_arena_pool *arenas = attempt->arenas; /* outlives the attempt */
    struct ql_arena *arena = qli_arena_take(arenas);
    struct ql_call call = {.arena = arena};
    nng_msg *reply = attempt->exchange.reply;
    struct qli_result_view result;
    struct qli_signs signs = {.has_answered = true};
    enum qli_retry retry;

    attempt->exchange.reply = NULL;
    if (arena == NULL) {
        nng_msg_free(reply);
        qli_exchange_end(&attempt->exchange, NULL);
        finish_failed(attempt, QLI_FAILED_NO_MEMORY_FOR_REPLY);
        return;
    }
    if (qli_reply_read(&call, reply, attempt->id, &result) != QL_OK) {
        nng_msg_free(reply);
        reply = NULL;
    }
    qli_signs_note(&signs, call.status.code, &result);
    retry = qli_exchange_retry(&attempt->exchange, result.is_not_executed, attempt->is_safe);
    qli_exchange_end(&attempt->exchange, &signs);
    if (retry == QLI_RETRY_NOWHERE || !attempt_retry(attempt, retry))
        attempt_finish(attempt, &call.status, reply != NULL ? &result : NULL, reply);
    qli_arena_give(arenas, arena);
}

static void attempt_unanswered(struct qli_attempt *attempt)
{
    enum qli_outcome outcome = attempt->exchange.outcome;
    enum qli_retry retry = qli_exchange_retry(&attempt->exchange, false, attempt->is_safe);
    bool is_cancelled;

    qli_exchange_end(&attempt->exchange, NULL);
    pthread_mutex_lock(&attempt->lock);
    attempt->phase = QLI_ATTEMPT_IDLE;
    is_cancelled = attempt->is_cancelled;
    pthread_mutex_unlock(&attempt->lock);
    if (is_cancelled)
        finish_failed(attempt, QLI_FAILED_CANCELLED);
    else if (attempt_retry(attempt, retry))
        return;
    else if (outcome == QLI_NOT_SENT)
        finish_failed(attempt, QLI_FAILED_UNCONNECTED);
    else if (outcome == QLI_TIMED_OUT)
        finish_failed(attempt, QLI_FAILED_UNANSWERED);
    else
        finish_failed(attempt, QLI_FAILED_LOST);
}

static void attempt_exchanged(void *argument)
{
    struct qli_attempt *attempt = argument;

    if (attempt->exchange.outcome == QLI_ANSWERED)
        attempt_answered(attempt);
    else
        attempt_unanswered(attempt);
}
