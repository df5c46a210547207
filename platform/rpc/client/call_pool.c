/* Taking calls, ending them, and cancelling all of them. */
#include "platform/rpc/client/call_pool.h"

#include <pthread.h>
#include <stdlib.h>

#include "platform/base/clock.h"
#include "platform/pb/schema/schema.h"
#include "platform/rpc/client/request_pack.h"

enum {
    IN_CALLBACK_MAX = 64, /* callbacks that run at once: nng has fewer threads */
    REPLY_ARENA_BYTES = 1024 * 1024,
};

struct qli_call_pool {
    struct qli_call_pool_options options;
    struct qli_arena_pool arenas; /* for the check and the status of a reply */
    atomic_uint_least64_t last_id;
    int size;
    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t none_under_way;
    struct ql_rpc_pending **made; /* every call there is, at most size */
    int n_made, n_under_way;
    struct ql_rpc_pending *free_list;
    bool is_closing;
};

struct qli_call_pool *qli_call_pool_new(const struct qli_call_pool_options *options)
{
    struct qli_call_pool *pool = calloc(1, sizeof(*pool));

    if (pool == NULL)
        return NULL;
    pool->options = *options;
    pool->size = options->calls_max + IN_CALLBACK_MAX;
    pool->made = calloc((size_t)pool->size, sizeof(struct ql_rpc_pending *));
    if (pool->made == NULL) {
        free(pool);
        return NULL;
    }
    qli_arena_pool_init(&pool->arenas, REPLY_ARENA_BYTES);
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->none_under_way, NULL);
    return pool;
}

int qli_call_pool_size(const struct qli_call_pool *pool)
{
    return pool->size;
}

struct qli_arena_pool *qli_call_pool_arenas(struct qli_call_pool *pool)
{
    return &pool->arenas;
}

static void call_done(void *argument, const struct ql_status *status,
                      const struct qli_result_view *result, nng_msg *reply)
{
    qli_call_finish(argument, status, result, reply);
}

/* The caller holds the lock. NULL without memory. */
static struct ql_rpc_pending *call_new(struct qli_call_pool *pool)
{
    struct ql_rpc_pending *call = calloc(1, sizeof(*call));

    if (call == NULL)
        return NULL;
    call->pool = pool;
    if (qli_attempt_init(&call->attempt, pool->options.service, pool->options.balancer,
                         &pool->arenas, call_done, call) != 0) {
        free(call);
        return NULL;
    }
    pool->made[pool->n_made++] = call;
    return call;
}

struct ql_rpc_pending *qli_call_take(struct qli_call_pool *pool, ql_rpc_done *done, void *argument)
{
    struct ql_rpc_pending *call = NULL;

    pthread_mutex_lock(&pool->lock);
    if (!pool->is_closing && pool->n_under_way < pool->options.calls_max) {
        call = pool->free_list;
        if (call != NULL)
            pool->free_list = call->next_free;
        else if (pool->n_made < pool->size)
            call = call_new(pool);
    }
    if (call != NULL) {
        pool->n_under_way++;
        qli_attempt_reset(&call->attempt); /* before a close can cancel it */
        call->done = done;
        call->argument = argument;
    }
    pthread_mutex_unlock(&pool->lock);
    return call;
}

static bool is_safe(const char *name)
{
    const struct ql_method *method = ql_schema_method(ql_schema_embedded(), name);

    return method != NULL && method->is_safe;
}

bool qli_call_prepare(struct ql_rpc_pending *call, const struct ql_rpc_request *request)
{
    uint64_t id = atomic_fetch_add(&call->pool->last_id, 1) + 1; /* 0 is for nobody */

    if (qli_attempt_prepare(&call->attempt, id, request->deadline_ms, is_safe(request->method)))
        return true;
    qli_attempt_fail(&call->attempt, QLI_FAILED_LATE);
    return false;
}

void qli_call_start(struct ql_rpc_pending *call, const struct ql_rpc_request *request)
{
    nng_msg *message;
    enum ql_code rc;

    rc = qli_request_pack(request, call->attempt.id, request->deadline_ms - ql_monotonic_ms(),
                          &message);
    if (rc == QL_OK)
        qli_attempt_start(&call->attempt, message);
    else
        qli_attempt_fail(&call->attempt,
                         rc == QL_INVALID_ARGUMENT ? QLI_FAILED_TOO_LARGE : QLI_FAILED_NO_MEMORY);
}

static void callback_run(struct ql_rpc_pending *call, const struct ql_status *status,
                         const struct qli_result_view *result, nng_msg *reply)
{
    struct ql_rpc_result outcome = {.status = status, .owner = reply};

    if (result != NULL) {
        outcome.payload = result->payload.data;
        outcome.payload_length = result->payload.length;
        outcome.etag = (const char *)result->etag.data;
        outcome.etag_length = result->etag.length;
        outcome.is_replayed = result->is_replayed;
    }
    call->done(call->argument, &outcome);
    nng_msg_free(outcome.owner); /* nng takes NULL */
}

void qli_call_finish(struct ql_rpc_pending *call, const struct ql_status *status,
                     const struct qli_result_view *result, nng_msg *reply)
{
    struct qli_call_pool *pool = call->pool;

    pthread_mutex_lock(&pool->lock);
    if (--pool->n_under_way == 0)
        pthread_cond_broadcast(&pool->none_under_way);
    pthread_mutex_unlock(&pool->lock);
    callback_run(call, status, result, reply);
    pthread_mutex_lock(&pool->lock);
    call->next_free = pool->free_list;
    pool->free_list = call;
    pthread_mutex_unlock(&pool->lock);
}

/* First the mark, then the look: a call that just leaves its batch to go alone sees the
 * mark, any other is found there. */
void qli_call_cancel(struct ql_rpc_pending *call)
{
    qli_attempt_cancel(&call->attempt);
    if (call->pool->options.withdraw(call))
        qli_attempt_fail(&call->attempt, QLI_FAILED_CANCELLED);
}

void qli_call_pool_close(struct qli_call_pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    pool->is_closing = true;
    for (int i = 0; i < pool->n_made; i++)
        qli_call_cancel(pool->made[i]);
    while (pool->n_under_way > 0)
        pthread_cond_wait(&pool->none_under_way, &pool->lock);
    pthread_mutex_unlock(&pool->lock);
    for (int i = 0; i < pool->n_made; i++)
        qli_attempt_stop(&pool->made[i]->attempt);
}

void qli_call_pool_free(struct qli_call_pool *pool)
{
    if (pool == NULL)
        return;
    for (int i = 0; i < pool->n_made; i++) {
        qli_attempt_release(&pool->made[i]->attempt);
        free(pool->made[i]);
    }
    qli_arena_pool_done(&pool->arenas);
    pthread_cond_destroy(&pool->none_under_way);
    pthread_mutex_destroy(&pool->lock);
    free(pool->made);
    free(pool);
}
