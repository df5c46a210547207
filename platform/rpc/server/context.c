/* The way of a context. Its callback runs on one of nng's few threads and must
 * never block. */
#include "platform/rpc/server/context.h"

#include <string.h>

#include "platform/base/log.h"
#include "platform/rpc/server/work_run.h"
#include "platform/rpc/telemetry.h"

enum {
    SEND_TIMEOUT_MS = 10000, /* where the kernel does not say who reads (pipes.h) */
    PAUSE_MS = 20,           /* after a receive that failed for no reason of the peer's */
};

static void context_event(void *argument);

int qli_context_open(struct qli_context *context, nng_socket socket,
                     struct qli_context_shared *shared)
{
    int rv = nng_ctx_open(&context->ctx, socket);

    context->shared = shared;
    if (rv == 0)
        rv = nng_aio_alloc(&context->aio, context_event, context);
    return rv;
}

void qli_context_receive(struct qli_context *context)
{
    context->phase = QLI_CONTEXT_RECEIVING;
    nng_aio_set_timeout(context->aio, NNG_DURATION_INFINITE);
    nng_ctx_recv(context->ctx, context->aio);
}

static void context_paused(void *argument)
{
    struct qli_context *context = argument;
    int rv = nng_aio_result(context->timer);

    if (rv != NNG_ECANCELED && rv != NNG_ECLOSED)
        qli_context_receive(context);
}

/* Without memory even for the timer the next receive is the pause. */
static void context_pause(struct qli_context *context)
{
    context->phase = QLI_CONTEXT_IDLE;
    if (context->timer == NULL && nng_aio_alloc(&context->timer, context_paused, context) != 0) {
        context->timer = NULL;
        qli_context_receive(context);
        return;
    }
    nng_aio_set_timeout(context->timer, NNG_DURATION_INFINITE);
    nng_sleep_aio(PAUSE_MS, context->timer);
}

/* The Request is answered, or nobody can answer it. */
static void taken_down(struct qli_context_shared *shared)
{
    if (atomic_fetch_sub(&shared->n_taken, 1) != 1 || !atomic_load(&shared->is_draining))
        return;
    pthread_mutex_lock(&shared->lock);
    pthread_cond_broadcast(&shared->all_answered);
    pthread_mutex_unlock(&shared->lock);
}

/* Sends the reply. */
static void context_reply(struct qli_context *context)
{
    struct qli_context_shared *shared = context->shared;

    qli_arena_give(&shared->envelope_arenas, context->arena);
    context->arena = NULL;
    if (context->reply.message == NULL) {
        taken_down(shared);
        qli_context_receive(context);
        return;
    }
    context->phase = QLI_CONTEXT_SENDING;
    nng_aio_set_msg(context->aio, context->reply.message);
    nng_aio_set_timeout(context->aio, SEND_TIMEOUT_MS);
    context->reply.message = NULL;
    nng_ctx_send(context->ctx, context->aio);
}

static void context_sent(struct qli_context *context)
{
    int rv = nng_aio_result(context->aio);

    if (rv != 0) {
        nng_msg_free(nng_aio_get_msg(context->aio));
        nng_aio_set_msg(context->aio, NULL);
    }
    taken_down(context->shared);
    if (rv == NNG_ECLOSED || rv == NNG_ECANCELED)
        return;
    /* A peer that does not read would hold context after context. */
    if (rv == NNG_ETIMEDOUT)
        qli_pipes_cut(context->shared->pipes, context->pipe);
    qli_context_receive(context);
}

static void begin_reply(struct qli_context *context)
{
    if (context->work.n_done == 0)
        qli_reply_init(&context->reply, context->work.request->n_calls);
}

/* Describes the context to the queue, by the next call that needs a pool. */
static void context_describe(struct qli_context *context)
{
    const struct qli_work *work = &context->work;
    const struct qli_method_table *table = &context->shared->dispatcher->table;
    size_t next = work->n_done;

    while (next < work->request->n_calls && work->planned[next].client == NULL)
        next++;
    context->waiting.owner = context;
    context->waiting.amount[QLI_FAIR_CALLS] = work->request->n_calls - work->n_done;
    context->waiting.amount[QLI_FAIR_BYTES] = ql_arena_used(context->arena);
    if (next == work->request->n_calls)
        return;
    context->waiting.group = (size_t)(work->planned[next].method - table->methods);
    memcpy(context->waiting.client, work->planned[next].client->key,
           sizeof(context->waiting.client));
}

bool qli_context_work(struct qli_fair_item *waiting, struct ql_arena *arena)
{
    struct qli_context *context = waiting->owner;

    context->work.may_block = true;
    begin_reply(context);
    /* Nothing is declined here. */
    if (qli_work_run_next(context->shared->dispatcher, &context->work, arena, &context->reply) ==
        QLI_WORK_GOES_ON) {
        context_describe(context);
        return true;
    }
    context_reply(context);
    return false;
}

/* Runs all that is left on this thread. False: declined; the context is the caller's. */
static bool context_run(struct qli_context *context, struct ql_arena *arena)
{
    context->work.may_block = false;
    begin_reply(context);
    if (!qli_work_run(context->shared->dispatcher, &context->work, arena, &context->reply)) {
        nng_msg_free(context->reply.message); /* nng takes NULL */
        return false;
    }
    context_reply(context);
    return true;
}

static void context_refuse(struct qli_context *context, enum qli_verdict verdict);

/* What made way for others is refused with the verdict of its pool. */
static bool pool_push(struct qli_worker_pool *pool, struct qli_context *context,
                      enum qli_verdict verdict)
{
    struct qli_fair_item *evicted, *next;
    bool is_taken;

    context_describe(context);
    is_taken = qli_worker_pool_push(pool, &context->waiting, &evicted);
    for (; evicted != NULL; evicted = next) {
        next = evicted->next;
        context_refuse(evicted->owner, verdict);
    }
    return is_taken;
}

/* For want of memory nobody is answered. */
static void context_abandon(struct qli_context *context)
{
    qli_work_abandon(context->shared->dispatcher, &context->work);
    nng_msg_free(context->reply.message);
    context->reply.message = NULL;
    context_reply(context);
}

/* A call that its fast handler declined goes where it may block. */
static bool push_declined(struct qli_context *context)
{
    struct ql_call call = {.arena = context->arena};

    return qli_work_admit(&call, context->shared->dispatcher, &context->work, context->peer) ==
               QL_OK &&
           pool_push(context->shared->normal, context, QLI_REFUSE_BUSY);
}

static void context_work_inline(struct qli_context *context)
{
    struct qli_context_shared *shared = context->shared;
    struct ql_arena *arena = qli_arena_take(&shared->call_arenas);

    if (arena == NULL) {
        context_abandon(context);
        return;
    }
    if (!context_run(context, arena) && !push_declined(context)) {
        context->work.verdict = QLI_REFUSE_BUSY;
        (void)context_run(context, arena); /* a refusal declines nothing */
    }
    qli_arena_give(&shared->call_arenas, arena);
}

static void context_refuse(struct qli_context *context, enum qli_verdict verdict)
{
    context->work.verdict = verdict;
    context_work_inline(context);
}

void qli_context_refuse(struct qli_fair_item *waiting)
{
    context_refuse(waiting->owner, QLI_REFUSE_DRAINING);
}

static void context_reply_malformed(struct qli_context *context, const struct ql_status *status)
{
    QL_LOG(QL_LOG_INFO, NULL, QL_TEXT("event", "request_refused"),
           QL_TEXT("code", ql_code_name(status->code)), QL_TEXT("reason", status->reason));
    ql_metric_add(&qli_rpc_metrics[QLI_CALLS], ql_code_name(status->code), 1);
    qli_reply_init(&context->reply, 1);
    qli_reply_add_status(&context->reply, 0, status, false);
    context_reply(context);
}

/* Sends the work where it belongs. After a push the context is another thread's. */
static void context_route(struct qli_context *context)
{
    struct qli_context_shared *shared = context->shared;

    switch (qli_work_route(&context->work)) {
    case QLI_ROUTE_INLINE:
        break;
    case QLI_ROUTE_NORMAL:
        if (pool_push(shared->normal, context, QLI_REFUSE_BUSY))
            return;
        context->work.verdict = QLI_REFUSE_BUSY;
        break;
    case QLI_ROUTE_HEAVY:
        if (pool_push(shared->heavy, context, QLI_REFUSE_BUSY_HEAVY))
            return;
        context->work.verdict = QLI_REFUSE_BUSY_HEAVY;
        break;
    }
    context_work_inline(context);
}

static void context_take(struct qli_context *context, nng_msg *message)
{
    struct qli_context_shared *shared = context->shared;
    struct ql_call call = {.arena = context->arena};
    enum ql_code rc;

    /* First counted, then looked: a drain sees the one or we see the other. */
    atomic_fetch_add(&shared->n_taken, 1);
    context->work = (struct qli_work){
        .verdict = atomic_load(&shared->is_draining) ? QLI_REFUSE_DRAINING : QLI_RUN,
    };
    rc = qli_work_read(&call, shared->dispatcher, nng_msg_body(message), nng_msg_len(message),
                       &context->work);
    if (rc == QL_OK)
        rc = qli_work_admit(&call, shared->dispatcher, &context->work, context->peer);
    if (rc == QL_OK)
        context_route(context);
    else
        context_reply_malformed(context, &call.status);
}

static void context_received(struct qli_context *context)
{
    int rv = nng_aio_result(context->aio);
    nng_msg *message;

    if (rv == NNG_ECLOSED || rv == NNG_ECANCELED)
        return;
    if (rv != 0) {
        context_pause(context);
        return;
    }
    message = nng_aio_get_msg(context->aio);
    nng_aio_set_msg(context->aio, NULL);
    context->pipe = nng_msg_get_pipe(message);
    qli_pipes_note_message(context->shared->pipes, context->pipe, nng_msg_len(message),
                           context->peer);
    context->arena = qli_arena_take(&context->shared->envelope_arenas);
    if (context->arena == NULL)
        context_pause(context);
    else
        context_take(context, message); /* everything it needs of the message is copied */
    nng_msg_free(message);
}

static void context_event(void *argument)
{
    struct qli_context *context = argument;

    switch (context->phase) {
    case QLI_CONTEXT_RECEIVING:
        context_received(context);
        break;
    case QLI_CONTEXT_SENDING:
        context_sent(context);
        break;
    case QLI_CONTEXT_IDLE:
        break;
    }
}

void qli_context_close(struct qli_context *context)
{
    if (context->aio == NULL)
        return;
    /* The timer's callback may start the aio, and the aio's the timer. */
    if (context->timer != NULL)
        nng_aio_stop(context->timer);
    nng_aio_stop(context->aio);
    if (context->timer != NULL) {
        nng_aio_stop(context->timer);
        nng_aio_free(context->timer);
    }
    nng_aio_free(context->aio);
    ql_arena_free(context->arena);
}
