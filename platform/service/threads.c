/* Threads that take turns: hold the lease, take a turn, pause. */
#include "platform/service/threads.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "platform/base/clock.h"
#include "platform/base/condition.h"
#include "platform/base/log.h"
#include "platform/base/rerun.h"
#include "platform/pg/lease.h"

enum {
    ARENA_BYTES = 32 * 1024 * 1024,
    LEASE_CALL_MS = 2000,
    WAIT_FOR_LEASE_MS = 250, /* how often a process looks for the lease of another */
    TROUBLE_PAUSE_MIN_MS = 50,
    TROUBLE_PAUSE_MAX_MS = 2000,
    COMPLAIN_EVERY_MS = 10000,
};

struct worker {
    const struct ql_service_thread *about;
    struct ql_pg_pool *pool;
    void *app;
    struct ql_arena *arena;
    struct ql_pg_lease lease;
    int64_t trouble_pause_ms, complain_at_ms;

    pthread_t thread;
    bool is_running;
    pthread_mutex_t lock; /* guards the rest */
    pthread_cond_t changed;
    bool is_woken, is_stopping;
};

struct qli_threads {
    struct worker *workers;
    size_t n_workers;
};

static void begin_call(struct worker *worker, struct ql_call *call, int64_t most_ms)
{
    ql_arena_reset(worker->arena);
    ql_call_init(call, worker->arena, worker->about->name, most_ms);
    call->app = worker->app;
}

static void complain_seldom(struct worker *worker, const struct ql_call *call)
{
    int64_t now_ms = ql_monotonic_ms();
    bool is_due = now_ms >= worker->complain_at_ms;

    if (is_due)
        worker->complain_at_ms = now_ms + COMPLAIN_EVERY_MS;
    QL_LOG(is_due ? QL_LOG_WARN : QL_LOG_DEBUG, &call->trace, QL_TEXT("event", "turn failed"),
           QL_TEXT("thread", worker->about->name), QL_TEXT("reason", call->status.reason),
           QL_TEXT("text", call->status.message));
}

/* Whether this process takes turns now. */
static enum ql_code hold_lease(struct worker *worker, struct ql_call *call, bool *ret_is_held)
{
    enum ql_code rc = QL_OK;

    *ret_is_held = true;
    if (worker->about->lease == NULL)
        return QL_OK;
    begin_call(worker, call, LEASE_CALL_MS);
    rc = ql_pg_lease_hold(call, worker->pool, &worker->lease);
    *ret_is_held = rc == QL_OK && ql_pg_lease_is_held(&worker->lease);
    return rc;
}

static enum ql_code take_turn(struct worker *worker, struct ql_call *call, bool *ret_has_more)
{
    struct ql_arena_mark mark;
    enum ql_code rc;

    begin_call(worker, call, worker->about->turn_ms);
    mark = ql_arena_mark(worker->arena);
    rc = worker->about->turn(call, worker->app, ret_has_more);
    for (int n_runs = 1; rc != QL_OK && ql_rerun(call, n_runs); n_runs++) {
        ql_arena_rewind(worker->arena, &mark);
        *ret_has_more = false;
        rc = worker->about->turn(call, worker->app, ret_has_more);
    }
    return rc;
}

/* How long to pause after a turn, in milliseconds. */
static int64_t run_once(struct worker *worker)
{
    bool is_held = false, has_more = false;
    struct ql_call call;
    int64_t pause_ms = worker->about->pause_ms;
    enum ql_code rc = hold_lease(worker, &call, &is_held);

    if (rc == QL_OK && is_held)
        rc = take_turn(worker, &call, &has_more);
    if (rc != QL_OK) {
        complain_seldom(worker, &call);
        if (pause_ms < worker->trouble_pause_ms)
            pause_ms = worker->trouble_pause_ms;
        if (worker->trouble_pause_ms < TROUBLE_PAUSE_MAX_MS)
            worker->trouble_pause_ms *= 2;
        return pause_ms;
    }
    worker->trouble_pause_ms = TROUBLE_PAUSE_MIN_MS;
    if (!is_held)
        return pause_ms < WAIT_FOR_LEASE_MS ? WAIT_FOR_LEASE_MS : pause_ms;
    return has_more ? 0 : pause_ms;
}

/* Waits until woken or the time is over; false: the end. */
static bool pause_for(struct worker *worker, int64_t pause_ms)
{
    int64_t until_ms = ql_monotonic_ms() + pause_ms;
    bool goes_on;

    pthread_mutex_lock(&worker->lock);
    while (!worker->is_stopping && !worker->is_woken && pause_ms > 0 &&
           ql_condition_wait(&worker->changed, &worker->lock, until_ms))
        continue;
    worker->is_woken = false;
    goes_on = !worker->is_stopping;
    pthread_mutex_unlock(&worker->lock);
    return goes_on;
}

static void *worker_thread(void *argument)
{
    struct worker *worker = argument;
    struct ql_call call;

    while (pause_for(worker, run_once(worker)))
        continue;
    begin_call(worker, &call, LEASE_CALL_MS);
    if (worker->about->lease != NULL &&
        ql_pg_lease_leave(&call, worker->pool, &worker->lease) != QL_OK)
        complain_seldom(worker, &call); /* it ends by itself, later */
    return NULL;
}

static bool worker_start(struct worker *worker)
{
    worker->trouble_pause_ms = TROUBLE_PAUSE_MIN_MS;
    ql_pg_lease_init(&worker->lease, worker->about->lease);
    pthread_mutex_init(&worker->lock, NULL);
    ql_condition_init(&worker->changed);
    worker->arena = ql_arena_new(ARENA_BYTES);
    worker->is_running =
        worker->arena != NULL && pthread_create(&worker->thread, NULL, worker_thread, worker) == 0;
    return worker->is_running;
}

static void worker_change(struct worker *worker, bool *flag)
{
    pthread_mutex_lock(&worker->lock);
    *flag = true;
    pthread_cond_signal(&worker->changed);
    pthread_mutex_unlock(&worker->lock);
}

struct qli_threads *qli_threads_start(const struct ql_service_thread *list, struct ql_pg_pool *pool,
                                      void *app)
{
    struct qli_threads *threads = calloc(1, sizeof(*threads));
    size_t n = 0;

    while (list[n].name != NULL)
        n++;
    if (threads != NULL)
        threads->workers = calloc(n + 1, sizeof(*threads->workers));
    if (threads == NULL || threads->workers == NULL) {
        free(threads);
        return NULL;
    }
    for (size_t i = 0; i < n; i++) {
        struct worker *worker = &threads->workers[threads->n_workers++];

        *worker = (struct worker){.about = &list[i], .pool = pool, .app = app};
        if (!worker_start(worker)) {
            qli_threads_stop(threads);
            return NULL;
        }
    }
    return threads;
}

void qli_threads_wake(struct qli_threads *threads, const char *name)
{
    for (size_t i = 0; threads != NULL && i < threads->n_workers; i++) {
        if (strcmp(threads->workers[i].about->name, name) == 0)
            worker_change(&threads->workers[i], &threads->workers[i].is_woken);
    }
}

void qli_threads_drain(struct qli_threads *threads)
{
    for (size_t i = 0; threads != NULL && i < threads->n_workers; i++)
        worker_change(&threads->workers[i], &threads->workers[i].is_stopping);
    for (size_t i = 0; threads != NULL && i < threads->n_workers; i++) {
        if (threads->workers[i].is_running)
            (void)pthread_join(threads->workers[i].thread, NULL);
        threads->workers[i].is_running = false;
    }
}

void qli_threads_stop(struct qli_threads *threads)
{
    if (threads == NULL)
        return;
    qli_threads_drain(threads);
    for (size_t i = 0; i < threads->n_workers; i++) {
        pthread_cond_destroy(&threads->workers[i].changed);
        pthread_mutex_destroy(&threads->workers[i].lock);
        ql_arena_free(threads->workers[i].arena);
    }
    free(threads->workers);
    free(threads);
}
