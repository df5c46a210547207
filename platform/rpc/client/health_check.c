/* Probes: a CheckHealth that nobody waits for. Health is answered from memory on
 * the callee's receiving thread, however busy its workers are, so that an
 * unanswered probe means a process that does not run. */
#include "platform/base/clock.h"
#include "platform/base/log.h"
#include "platform/pb/schema/message.h"
#include "platform/rpc/client/channel_inside.h"
#include "questline/rpc/v1/names.h"

enum {
    QUIET_MS = 500, /* with calls outstanding, before a replica is doubted */
    ANSWER_MS = 800,
    PAUSE_MIN_MS = 200,
    PAUSE_MAX_MS = 2000,
};

static nng_msg *probe_pack(uint64_t id)
{
    Call call, *calls[] = {&call};
    Request wire;
    nng_msg *message;

    Call_init(&call);
    call.id = id;
    call.method = (char *)(uintptr_t)HealthService_CheckHealth;
    call.deadline_unix_ms = ql_unix_ms() + ANSWER_MS;
    Request_init(&wire);
    wire.calls = calls;
    wire.n_calls = 1;
    if (nng_msg_alloc(&message, Request_pack_size(&wire)) != 0)
        return NULL;
    Request_pack(&wire, nng_msg_body(message));
    return message;
}

static bool is_due(const struct qli_replica *replica, int64_t now_ms)
{
    const struct qli_probe *probe = &replica->probe;

    if (probe->phase != QLI_PROBE_IDLE || now_ms < probe->due_ms ||
        !qli_replica_is_connected(replica))
        return false;
    switch (replica->state) {
    case QLI_REPLICA_IN:
        return probe->is_wanted ||
               (replica->n_outstanding > 0 && now_ms - replica->quiet_since_ms >= QUIET_MS);
    case QLI_REPLICA_CLOSED:
    case QLI_REPLICA_HUNG:
        return true;
    case QLI_REPLICA_LEAVING:
        break;
    }
    return false;
}

void qli_replica_probe(struct qli_replica *replica, int64_t now_ms)
{
    struct qli_probe *probe = &replica->probe;
    nng_msg *message;

    if (!is_due(replica, now_ms))
        return;
    probe->id = atomic_fetch_add(&replica->channel->next_id, 1) + 1;
    message = probe_pack(probe->id);
    if (message == NULL)
        return;
    probe->phase = QLI_PROBE_SENDING;
    probe->began_ms = now_ms;
    probe->is_wanted = false;
    nng_aio_set_msg(probe->aio, message);
    nng_aio_set_timeout(probe->aio, ANSWER_MS);
    nng_ctx_send(probe->ctx, probe->aio);
}

static void probe_end(struct qli_replica *replica, bool is_good)
{
    struct qli_probe *probe = &replica->probe;
    int64_t now_ms = ql_monotonic_ms();

    probe->phase = QLI_PROBE_IDLE;
    if (is_good || probe->pause_ms == 0)
        probe->pause_ms = PAUSE_MIN_MS;
    probe->due_ms = now_ms + probe->pause_ms;
    if (!is_good && probe->pause_ms < PAUSE_MAX_MS)
        probe->pause_ms *= 2;
}

static void probe_passed(struct qli_replica *replica)
{
    replica->quiet_since_ms = ql_monotonic_ms();
    if (replica->state == QLI_REPLICA_CLOSED || replica->state == QLI_REPLICA_HUNG) {
        replica->state = QLI_REPLICA_IN;
        QL_LOG(QL_LOG_INFO, NULL, QL_TEXT("event", "replica_in"),
               QL_TEXT("service", replica->channel->service), QL_TEXT("replica", replica->label));
    }
    probe_end(replica, true);
}

/* Nothing came back. What was answered meanwhile shows that it runs. */
static void probe_unanswered(struct qli_replica *replica)
{
    if (replica->quiet_since_ms > replica->probe.began_ms && replica->state == QLI_REPLICA_IN) {
        probe_end(replica, true);
        return;
    }
    qli_replica_eject(replica, QLI_REPLICA_HUNG);
    probe_end(replica, false);
}

/* Anything but NOT_SERVING is an answer of something that takes calls. */
static bool says_not_serving(struct qli_replica *replica, nng_msg *message)
{
    struct qli_arena_pool *pool = &replica->channel->arenas;
    struct ql_arena *arena = qli_arena_take(pool);
    struct ql_call call = {.arena = arena};
    struct qli_result_view result = {.is_not_started = false};
    CheckHealthResponse *out;
    bool is_not_serving = false;

    if (arena == NULL)
        return false;
    if (qli_reply_read(&call, message, replica->probe.id, &result) == QL_OK &&
        ql_message_unpack(&call, &CheckHealthResponse_descriptor, result.payload.bytes,
                          result.payload.length, &out) == QL_OK)
        is_not_serving = out->state == SERVING_STATE_NOT_SERVING;
    qli_arena_give(pool, arena);
    return is_not_serving;
}

static void probe_answered(struct qli_replica *replica)
{
    struct qli_probe *probe = &replica->probe;
    nng_msg *message = nng_aio_get_msg(probe->aio);

    nng_aio_set_msg(probe->aio, NULL);
    if (says_not_serving(replica, message)) {
        qli_replica_eject(replica, QLI_REPLICA_CLOSED);
        probe_end(replica, false);
    } else {
        probe_passed(replica);
    }
    nng_msg_free(message);
}

void qli_probe_event(void *argument)
{
    struct qli_replica *replica = argument;
    struct qli_probe *probe = &replica->probe;
    int rv = nng_aio_result(probe->aio);

    pthread_mutex_lock(&replica->channel->lock);
    if (probe->phase == QLI_PROBE_SENDING && rv == 0) {
        probe->phase = QLI_PROBE_RECEIVING;
        nng_aio_set_timeout(probe->aio, ANSWER_MS);
        nng_ctx_recv(probe->ctx, probe->aio);
    } else if (probe->phase == QLI_PROBE_SENDING) {
        nng_msg_free(nng_aio_get_msg(probe->aio));
        nng_aio_set_msg(probe->aio, NULL);
        probe_unanswered(replica);
    } else if (rv == 0) {
        probe_answered(replica);
    } else if (rv == NNG_ETIMEDOUT) {
        probe_unanswered(replica);
    } else {
        probe_end(replica, false); /* the connection was lost, which tells itself */
    }
    replica->channel->is_changed = true;
    pthread_cond_broadcast(&replica->channel->changed);
    pthread_mutex_unlock(&replica->channel->lock);
}
