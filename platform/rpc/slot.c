/* The way of a slot. Its callback runs on one of nng's few threads and must
 * never block. */
#include "platform/rpc/slot.h"

#include "platform/base/log.h"
#include "platform/rpc/telemetry.h"

enum {
    SEND_TIMEOUT_MS = 1000,
    PAUSE_MS = 20, /* after a receive that failed for no reason of the peer's */
};

static void slot_event(void *argument);

int qli_slot_open(struct qli_slot *slot, struct ql_rpc_server *server)
{
    int rv = nng_ctx_open(&slot->ctx, server->socket);

    slot->server = server;
    if (rv == 0)
        rv = nng_aio_alloc(&slot->aio, slot_event, slot);
    return rv;
}

void qli_slot_receive(struct qli_slot *slot)
{
    slot->phase = QLI_SLOT_RECEIVING;
    nng_aio_set_timeout(slot->aio, NNG_DURATION_INFINITE);
    nng_ctx_recv(slot->ctx, slot->aio);
}

static void slot_paused(void *argument)
{
    struct qli_slot *slot = argument;
    int rv = nng_aio_result(slot->timer);

    if (rv != NNG_ECANCELED && rv != NNG_ECLOSED)
        qli_slot_receive(slot);
}

/* Without memory even for the timer the next receive is the pause. */
static void slot_pause(struct qli_slot *slot)
{
    slot->phase = QLI_SLOT_IDLE;
    if (slot->timer == NULL && nng_aio_alloc(&slot->timer, slot_paused, slot) != 0) {
        slot->timer = NULL;
        qli_slot_receive(slot);
        return;
    }
    nng_aio_set_timeout(slot->timer, NNG_DURATION_INFINITE);
    nng_sleep_aio(PAUSE_MS, slot->timer);
}

/* The Request is answered, or nobody can answer it. */
static void taken_down(struct ql_rpc_server *server)
{
    if (atomic_fetch_sub(&server->n_taken, 1) != 1 || !atomic_load(&server->is_draining))
        return;
    pthread_mutex_lock(&server->lock);
    pthread_cond_broadcast(&server->all_answered);
    pthread_mutex_unlock(&server->lock);
}

/* Takes the reply's message. */
static void slot_reply(struct qli_slot *slot, struct qli_reply *reply)
{
    struct ql_rpc_server *server = slot->server;

    qli_arena_give(&server->envelope_arenas, slot->arena);
    slot->arena = NULL;
    if (reply->message == NULL) {
        taken_down(server);
        qli_slot_receive(slot);
        return;
    }
    slot->phase = QLI_SLOT_SENDING;
    nng_aio_set_msg(slot->aio, reply->message);
    nng_aio_set_timeout(slot->aio, SEND_TIMEOUT_MS);
    nng_ctx_send(slot->ctx, slot->aio);
}

static void slot_sent(struct qli_slot *slot)
{
    int rv = nng_aio_result(slot->aio);

    if (rv != 0) {
        nng_msg_free(nng_aio_get_msg(slot->aio));
        nng_aio_set_msg(slot->aio, NULL);
    }
    taken_down(slot->server);
    if (rv == NNG_ECLOSED || rv == NNG_ECANCELED)
        return;
    if (rv == NNG_ETIMEDOUT)
        nng_pipe_close(slot->pipe); /* a peer that does not read would hold slot after slot */
    qli_slot_receive(slot);
}

/* False: declined; the slot is still the caller's. */
static bool slot_run(struct qli_slot *slot, struct ql_arena *arena)
{
    struct qli_reply reply;

    qli_reply_init(&reply, slot->work.request->n_calls);
    if (!qli_work_run(&slot->server->dispatcher, &slot->work, arena, &reply)) {
        nng_msg_free(reply.message); /* nng takes NULL */
        return false;
    }
    slot_reply(slot, &reply);
    return true;
}

void qli_slot_work(void *argument, struct ql_arena *arena)
{
    struct qli_slot *slot = argument;

    slot->work.may_block = true;
    (void)slot_run(slot, arena); /* nothing is declined here */
}

static void slot_work_inline(struct qli_slot *slot)
{
    struct ql_rpc_server *server = slot->server;
    struct ql_arena *arena = qli_arena_take(&server->call_arenas);
    bool is_done;

    if (arena == NULL) {
        slot_reply(slot, &(struct qli_reply){0});
        return;
    }
    slot->work.may_block = false;
    is_done = slot_run(slot, arena);
    if (!is_done && !qli_lane_push(&server->normal, slot, ql_arena_used(slot->arena))) {
        slot->work.verdict = QLI_REFUSE_BUSY;
        (void)slot_run(slot, arena); /* a refusal declines nothing */
    }
    qli_arena_give(&server->call_arenas, arena);
}

void qli_slot_refuse(struct qli_slot *slot)
{
    slot->work.verdict = QLI_REFUSE_DRAINING;
    slot_work_inline(slot);
}

static void slot_reply_malformed(struct qli_slot *slot, const struct ql_status *status)
{
    struct qli_reply reply;

    QL_LOG(QL_LOG_INFO, NULL, QL_TEXT("event", "request_refused"),
           QL_TEXT("code", ql_code_name(status->code)), QL_TEXT("reason", status->reason));
    ql_metric_add(&qli_rpc_metrics[QLI_CALLS], ql_code_name(status->code), 1);
    qli_reply_init(&reply, 1);
    qli_reply_add_status(&reply, 0, status);
    slot_reply(slot, &reply);
}

/* Sends the work where it belongs. After a push the slot is another thread's. */
static void slot_route(struct qli_slot *slot)
{
    struct ql_rpc_server *server = slot->server;
    size_t bytes = ql_arena_used(slot->arena);

    switch (qli_work_route(&server->dispatcher, &slot->work)) {
    case QLI_ROUTE_INLINE:
        break;
    case QLI_ROUTE_NORMAL:
        if (qli_lane_push(&server->normal, slot, bytes))
            return;
        slot->work.verdict = QLI_REFUSE_BUSY;
        break;
    case QLI_ROUTE_HEAVY:
        if (qli_lane_push(&server->heavy, slot, bytes))
            return;
        slot->work.verdict = QLI_REFUSE_BUSY_HEAVY;
        break;
    }
    slot_work_inline(slot);
}

static void slot_take(struct qli_slot *slot, nng_msg *message)
{
    struct ql_rpc_server *server = slot->server;
    struct ql_call call = {.arena = slot->arena};
    enum ql_code rc;

    /* First counted, then looked: a drain sees the one or we see the other. */
    atomic_fetch_add(&server->n_taken, 1);
    slot->work.verdict = atomic_load(&server->is_draining) ? QLI_REFUSE_DRAINING : QLI_RUN;
    slot->work.is_declined = false;
    rc = qli_work_read(&call, &server->dispatcher, nng_msg_body(message), nng_msg_len(message),
                       &slot->work);
    if (rc == QL_OK)
        slot_route(slot);
    else
        slot_reply_malformed(slot, &call.status);
}

static void slot_received(struct qli_slot *slot)
{
    int rv = nng_aio_result(slot->aio);
    nng_msg *message;

    if (rv == NNG_ECLOSED || rv == NNG_ECANCELED)
        return;
    if (rv != 0) {
        slot_pause(slot);
        return;
    }
    message = nng_aio_get_msg(slot->aio);
    nng_aio_set_msg(slot->aio, NULL);
    slot->pipe = nng_msg_get_pipe(message);
    slot->arena = qli_arena_take(&slot->server->envelope_arenas);
    if (slot->arena == NULL)
        slot_pause(slot);
    else
        slot_take(slot, message); /* everything it needs of the message is copied */
    nng_msg_free(message);
}

static void slot_event(void *argument)
{
    struct qli_slot *slot = argument;

    switch (slot->phase) {
    case QLI_SLOT_RECEIVING:
        slot_received(slot);
        break;
    case QLI_SLOT_SENDING:
        slot_sent(slot);
        break;
    case QLI_SLOT_IDLE:
        break;
    }
}

void qli_slot_close(struct qli_slot *slot)
{
    if (slot->aio == NULL)
        return;
    /* The timer's callback may start the aio, and the aio's the timer. */
    if (slot->timer != NULL)
        nng_aio_stop(slot->timer);
    nng_aio_stop(slot->aio);
    if (slot->timer != NULL) {
        nng_aio_stop(slot->timer);
        nng_aio_free(slot->timer);
    }
    nng_aio_free(slot->aio);
    ql_arena_free(slot->arena);
}
