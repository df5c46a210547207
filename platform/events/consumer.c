/* The consumer thread: connect, gather, attempt until it succeeds, acknowledge.
 *
 *   connected:  gather -> read -> handler -> dead letters -> acknowledge -> gather
 *                           ^________| pause, heartbeats served
 *   broken, at any point: everything in hand is dropped (the broker delivers it
 *   again), and the thread connects anew.
 *
 * While a handler runs nobody serves heartbeats; hence a heartbeat of twice the
 * handler's time. Dead letters leave through a publisher of their own, made when
 * the first is needed, so that confirms and deliveries never share a channel. */
#include "platform/events/consumer.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "platform/base/clock.h"
#include "platform/base/fault.h"
#include "platform/base/log.h"
#include "platform/base/metrics.h"
#include "platform/base/rerun.h"
#include "platform/events/batch.h"
#include "platform/events/connection.h"
#include "platform/events/intake.h"
#include "platform/events/publisher_inside.h"
#include "platform/events/topology.h"

enum {
    ATTEMPT_TIMEOUT_MS = 10000,
    HEARTBEAT_S = 20, /* twice the attempt */
    CONNECT_TIMEOUT_MS = 20000,
    BURY_TIMEOUT_MS = 10000,
    GATHER_WAIT_MS = 500,
    PAUSE_MIN_MS = 50,
    PAUSE_MAX_MS = 2000,
    RECONNECT_MIN_MS = 100,
    RECONNECT_MAX_MS = 2000,
    LOG_EVERY_MS = 5000,
    PREFETCH_MAX = 1000,
    NAME_MAX_BYTES = 128,
};

static const size_t arena_limit = (size_t)64 * 1024 * 1024;

struct ql_consumer {
    const struct ql_subscription *subscription;
    const struct ql_queue *queue;
    void *app;
    char *url;
    char name[NAME_MAX_BYTES];
    char method[NAME_MAX_BYTES]; /* "consume <queue>": names the work in the log */
    size_t prefetch;

    /* Of the thread. */
    struct ql_arena *arena;
    struct qli_connection connection;
    struct qli_intake intake;
    struct ql_publisher *undertaker; /* NULL until there is a dead letter */
    int64_t next_log_ms;
    int64_t n_failures;  /* since the last success */
    size_t batch_limit;  /* at most max_batch; smaller after failures */
    bool has_chores;     /* a step is due at once */
    int64_t chore_at_ms; /* none before: the last one failed */
    int64_t chore_pause_ms;

    /* Since when it cannot go on (0: it can) and why; under the lock. */
    pthread_mutex_t lock;
    int64_t stuck_since_ms;
    bool is_stuck_outside; /* of batches: a subscription or chore that succeeds mends it */
    char stuck_reason[QL_MESSAGE_MAX];

    pthread_t thread;
    int wake_fd; /* readable once the consumer is to stop */
    _Atomic bool is_stopping;
};

static struct ql_metric metrics[] = {
    {QL_METRIC_COUNTER, "ql_consumer_failures_total",
     "Failed attempts: of the handler, of dead letters, of the connection", "queue", NULL, NULL},
};

/* Notes a failure that does not mend itself. An outage (UNAVAILABLE) neither begins nor
 * ends such a time. */
static void note_stuck(struct ql_consumer *consumer, const struct ql_call *call, size_t n)
{
    if (call->status.code == QL_UNAVAILABLE)
        return;
    pthread_mutex_lock(&consumer->lock);
    if (consumer->stuck_since_ms == 0)
        consumer->stuck_since_ms = ql_monotonic_ms();
    consumer->is_stuck_outside = n == 0;
    snprintf(consumer->stuck_reason, sizeof(consumer->stuck_reason), "%.60s: %.180s",
             call->status.reason, call->status.message);
    pthread_mutex_unlock(&consumer->lock);
}

/* A batch that is acknowledged mends everything; a subscription, or a chore, what
 * happened outside of batches. */
static void note_success(struct ql_consumer *consumer, bool is_batch)
{
    pthread_mutex_lock(&consumer->lock);
    if (is_batch || consumer->is_stuck_outside)
        consumer->stuck_since_ms = 0;
    pthread_mutex_unlock(&consumer->lock);
}

int64_t ql_consumer_stuck_ms(struct ql_consumer *consumer, char *ret_reason, size_t reason_size)
{
    int64_t stuck_ms = 0;

    pthread_mutex_lock(&consumer->lock);
    if (consumer->stuck_since_ms != 0)
        stuck_ms = ql_monotonic_ms() - consumer->stuck_since_ms + 1;
    snprintf(ret_reason, reason_size, "%s is stuck: %s", consumer->queue->name,
             consumer->stuck_reason);
    pthread_mutex_unlock(&consumer->lock);
    return stuck_ms;
}

/* One line for the first failure in a row, then one per 5 s. */
static void report_failure(struct ql_consumer *consumer, const struct ql_call *call, size_t n)
{
    int64_t now_ms = ql_monotonic_ms();

    note_stuck(consumer, call, n);
    consumer->n_failures++;
    ql_metric_add(&metrics[0], consumer->queue->name, 1);
    if (consumer->n_failures > 1 && now_ms < consumer->next_log_ms)
        return;
    consumer->next_log_ms = now_ms + LOG_EVERY_MS;
    QL_LOG(QL_LOG_WARN, &call->trace, QL_TEXT("event", "consume"),
           QL_TEXT("queue", consumer->queue->name),
           QL_TEXT("code", ql_code_name(call->status.code)), QL_TEXT("reason", call->status.reason),
           QL_TEXT("message", call->status.message), QL_NUMBER("events", n),
           QL_NUMBER("failures", consumer->n_failures));
}

/* Waits until the socket can be read (when there is one), the consumer is to
 * stop, or the time is over. */
static void wait_for_news(struct ql_consumer *consumer, int64_t timeout_ms)
{
    struct pollfd fds[2] = {{consumer->wake_fd, POLLIN, 0}, {-1, POLLIN, 0}};

    if (consumer->connection.state != NULL)
        fds[1].fd = amqp_get_sockfd(consumer->connection.state);
    (void)poll(fds, 2, (int)timeout_ms);
}

/* Takes in frames until n whole messages are there, the time is over or the
 * consumer is to stop; heartbeats are served. False: the connection broke. */
static bool take_in(struct ql_consumer *consumer, size_t n, int64_t timeout_ms)
{
    int64_t end_ms = ql_monotonic_ms() + timeout_ms;
    amqp_frame_t frame;

    while (consumer->intake.n_whole < n) {
        int64_t left_ms = end_ms - ql_monotonic_ms();

        switch (qli_connection_next(&consumer->connection, 0, &frame)) {
        case QLI_BROKEN:
            return false;
        case QLI_FRAME:
            if (qli_intake_frame(&consumer->intake, &frame))
                continue;
            snprintf(consumer->connection.trouble, sizeof(consumer->connection.trouble),
                     "cannot take a delivery: unexpected frame or no memory");
            return false;
        case QLI_TIMEOUT:
            break;
        }
        if (left_ms <= 0 || consumer->is_stopping)
            return true;
        wait_for_news(consumer, left_ms);
    }
    return true;
}

/* A pause in which heartbeats are served and deliveries pile up, bounded by the
 * prefetch. */
static bool pause_for(struct ql_consumer *consumer, int64_t duration_ms)
{
    return take_in(consumer, SIZE_MAX, duration_ms);
}

static int64_t next_pause(int64_t pause_ms)
{
    return pause_ms * 2 < PAUSE_MAX_MS ? pause_ms * 2 : PAUSE_MAX_MS;
}

static void begin_call(struct ql_consumer *consumer, struct ql_call *call, int64_t deadline_ms)
{
    ql_arena_reset(consumer->arena);
    ql_call_init(call, consumer->arena, consumer->method, 0);
    call->deadline_ms = deadline_ms;
    call->app = consumer->app;
}

/* Reads the batch and runs the handler once. */
static enum ql_code run_handler(struct ql_consumer *consumer, struct ql_call *call,
                                int64_t deadline_ms, struct qli_batch *ret_batch)
{
    enum ql_code rc;

    begin_call(consumer, call, deadline_ms);
    rc = qli_batch_read(call, &consumer->intake, consumer->batch_limit,
                        consumer->connection.account, ret_batch);
    if (rc != QL_OK || ret_batch->n_deliveries == 0)
        return rc;
    ql_trace_continue(&call->trace, ret_batch->deliveries[0].event.traceparent);
    QL_FAULT_POINT(call, "before the handler");
    rc = consumer->subscription->handler(call, ret_batch->deliveries, ret_batch->n_deliveries);
    if (rc != QL_OK && call->status.code == QL_OK)
        (void)ql_fail(call, rc, "HANDLER_FAILED", "the handler gave no reason");
    return rc;
}

/* An attempt is one run, or a few where the database gave up transactions for others.
 * What a run has committed does no harm: the next one finds it, as after a redelivery. */
static enum ql_code attempt(struct ql_consumer *consumer, struct ql_call *call,
                            struct qli_batch *ret_batch)
{
    int64_t deadline_ms = ql_monotonic_ms() + ATTEMPT_TIMEOUT_MS;
    enum ql_code rc;
    int n_runs = 0;

    do
        rc = run_handler(consumer, call, deadline_ms, ret_batch);
    while (rc != QL_OK && ql_rerun(call, ++n_runs));
    return rc;
}

/* Nobody but an administrator can bring a queue back. */
static enum ql_code fail_without_queue(struct ql_call *call, const struct ql_queue *queue)
{
    return ql_fail(call, QL_FAILED_PRECONDITION, "DEAD_LETTER_QUEUE_MISSING",
                   "no queue takes the key %s: declare %s again (questctl broker declare)",
                   queue->dead_letter_key, queue->dead_letter);
}

static bool was_returned(const struct qli_batch *batch)
{
    for (size_t i = 0; i < batch->n_dead; i++) {
        if (batch->dead[i].is_returned)
            return true;
    }
    return false;
}

/* Puts the rejected messages into the dead-letter queue, confirmed. What was
 * confirmed in an earlier try is not sent again. */
static enum ql_code bury(struct ql_consumer *consumer, struct ql_call *call,
                         struct qli_batch *batch)
{
    enum ql_code rc;

    if (consumer->undertaker == NULL)
        consumer->undertaker = qli_publisher_new(consumer->url, consumer->name, HEARTBEAT_S);
    if (consumer->undertaker == NULL)
        return ql_fail_memory(call);
    ql_call_clear_status(call);
    call->deadline_ms = ql_monotonic_ms() + BURY_TIMEOUT_MS;
    rc = qli_publisher_publish(call, consumer->undertaker, QL_EXCHANGE, batch->dead, batch->letters,
                               batch->n_dead);
    qli_batch_drop_confirmed(batch);
    if (rc != QL_OK || batch->n_dead == 0)
        return rc;
    if (was_returned(batch))
        return fail_without_queue(call, consumer->queue);
    return ql_fail(call, QL_FAILED_PRECONDITION, "DEAD_LETTER_REFUSED",
                   "the broker refused %zu dead letters: is %s full?", batch->n_dead,
                   consumer->queue->dead_letter);
}

/* Buries until it succeeds: the handler's effects are committed, and running it
 * again could forget what it rejected. False: broken, or to stop. */
static bool bury_all(struct ql_consumer *consumer, struct ql_call *call, struct qli_batch *batch)
{
    int64_t pause_ms = PAUSE_MIN_MS;

    if (qli_batch_bury(call, consumer->queue->dead_letter_key, batch) != QL_OK) {
        report_failure(consumer, call, batch->n_items);
        return false;
    }
    while (batch->n_dead > 0) {
        if (bury(consumer, call, batch) == QL_OK)
            break;
        report_failure(consumer, call, batch->n_dead);
        if (!pause_for(consumer, pause_ms) || consumer->is_stopping)
            return false;
        pause_ms = next_pause(pause_ms);
    }
    return true;
}

/* A batch may be too much for the time of an attempt, when the database is slow:
 * tried again whole it would fail for ever. So half of it is tried, and the limit
 * grows back slowly, since each try that fails costs all of its time. */
static void shrink_batches(struct ql_consumer *consumer)
{
    if (consumer->batch_limit > 1)
        consumer->batch_limit /= 2;
}

static void grow_batches(struct ql_consumer *consumer)
{
    size_t most = (size_t)consumer->subscription->max_batch;

    consumer->batch_limit += 1 + most / 16;
    if (consumer->batch_limit > most)
        consumer->batch_limit = most;
}

/* One batch, from the first attempt to its acknowledgement. False: broken, or
 * to stop with the batch not acknowledged. */
static bool consume_batch(struct ql_consumer *consumer)
{
    int64_t pause_ms = PAUSE_MIN_MS;
    struct qli_batch batch;
    struct ql_call call;
    int status;

    while (attempt(consumer, &call, &batch) != QL_OK) {
        report_failure(consumer, &call, batch.n_items);
        shrink_batches(consumer);
        if (!pause_for(consumer, pause_ms) || consumer->is_stopping)
            return false;
        pause_ms = next_pause(pause_ms);
    }
    if (!bury_all(consumer, &call, &batch))
        return false;
    QL_FAULT_POINT(&call, "before the acknowledgement");
    status = amqp_basic_ack(consumer->connection.state, QLI_CHANNEL, batch.last_tag,
                            /* multiple= */ 1);
    if (!qli_connection_wrote(&consumer->connection, status, "acknowledge"))
        return false;
    QL_FAULT_POINT(&call, "after the acknowledgement");
    qli_batch_count(&batch);
    qli_intake_pop(&consumer->intake, batch.n_items);
    consumer->n_failures = 0;
    note_success(consumer, /* is_batch= */ true);
    grow_batches(consumer);
    return true;
}

/* One step of the chore, as an attempt. */
static void do_chore(struct ql_consumer *consumer)
{
    int64_t deadline_ms = ql_monotonic_ms() + ATTEMPT_TIMEOUT_MS;
    struct ql_call call;
    enum ql_code rc;
    int n_runs = 0;

    if (consumer->subscription->chore == NULL || ql_monotonic_ms() < consumer->chore_at_ms)
        return;
    do {
        begin_call(consumer, &call, deadline_ms);
        rc = consumer->subscription->chore(&call, &consumer->has_chores);
    } while (rc != QL_OK && ql_rerun(&call, ++n_runs));
    if (rc == QL_OK) {
        consumer->chore_pause_ms = PAUSE_MIN_MS;
        note_success(consumer, /* is_batch= */ false);
        return;
    }
    report_failure(consumer, &call, 0);
    consumer->chore_at_ms = ql_monotonic_ms() + consumer->chore_pause_ms;
    consumer->chore_pause_ms = next_pause(consumer->chore_pause_ms);
}

/* How long to wait for an event: not at all when there is a step to do. */
static int64_t gather_wait_ms(const struct ql_consumer *consumer)
{
    int64_t wait_ms = consumer->chore_at_ms - ql_monotonic_ms();

    if (!consumer->has_chores || wait_ms > GATHER_WAIT_MS)
        return GATHER_WAIT_MS;
    return wait_ms > 0 ? wait_ms : 0;
}

/* What has to be done before the first event, without a connection that would
 * want heartbeats meanwhile. */
static void prepare(struct ql_consumer *consumer)
{
    consumer->chore_pause_ms = PAUSE_MIN_MS;
    consumer->has_chores = consumer->subscription->chore != NULL;
    while (consumer->has_chores && !consumer->is_stopping) {
        int64_t wait_ms = consumer->chore_at_ms - ql_monotonic_ms();

        if (wait_ms > 0)
            wait_for_news(consumer, wait_ms);
        do_chore(consumer);
    }
}

/* Consumes until the connection breaks or the consumer is to stop. */
static void consume(struct ql_consumer *consumer)
{
    while (!consumer->is_stopping) {
        if (!take_in(consumer, 1, gather_wait_ms(consumer)))
            return;
        if (!take_in(consumer, (size_t)consumer->subscription->max_batch, 0))
            return;
        if (consumer->undertaker != NULL)
            ql_publisher_idle(consumer->undertaker);
        if (consumer->intake.n_whole > 0 && !consumer->is_stopping && !consume_batch(consumer))
            return;
        do_chore(consumer);
    }
}

static bool subscribe(struct ql_consumer *consumer)
{
    struct qli_connection *connection = &consumer->connection;

    amqp_basic_qos(connection->state, QLI_CHANNEL, 0, (uint16_t)consumer->prefetch, 0);
    if (!qli_connection_answered(connection, "bound the prefetch"))
        return false;
    amqp_basic_consume(connection->state, QLI_CHANNEL, amqp_cstring_bytes(consumer->queue->name),
                       amqp_empty_bytes, /* no_local= */ 0, /* no_ack= */ 0, /* exclusive= */ 0,
                       amqp_empty_table);
    return qli_connection_answered(connection, "consume");
}

static enum ql_code connect_anew(struct ql_consumer *consumer, struct ql_call *call)
{
    enum ql_code rc;

    ql_arena_reset(consumer->arena);
    ql_call_init(call, consumer->arena, consumer->method, CONNECT_TIMEOUT_MS);
    rc = qli_connection_open(call, &consumer->connection, consumer->url, consumer->name,
                             HEARTBEAT_S);
    if (rc != QL_OK)
        return rc;
    if (subscribe(consumer)) {
        note_success(consumer, /* is_batch= */ false);
        return QL_OK;
    }
    if (consumer->connection.is_refused)
        return ql_fail(call, QL_FAILED_PRECONDITION, "QUEUE_REFUSED", "%s",
                       consumer->connection.trouble);
    return ql_fail(call, QL_UNAVAILABLE, "BROKER_UNAVAILABLE", "%s", consumer->connection.trouble);
}

static void *consumer_thread(void *argument)
{
    struct ql_consumer *consumer = argument;
    int64_t pause_ms = RECONNECT_MIN_MS;
    struct ql_call call;

    prepare(consumer);
    while (!consumer->is_stopping) {
        if (connect_anew(consumer, &call) == QL_OK) {
            pause_ms = RECONNECT_MIN_MS;
            consume(consumer);
            if (!consumer->is_stopping)
                (void)ql_fail(&call, QL_UNAVAILABLE, "BROKER_UNAVAILABLE", "%s",
                              consumer->connection.trouble);
        }
        if (consumer->is_stopping)
            break;
        report_failure(consumer, &call, 0);
        qli_connection_drop(&consumer->connection);
        qli_intake_done(&consumer->intake);
        wait_for_news(consumer, pause_ms);
        pause_ms = pause_ms * 2 < RECONNECT_MAX_MS ? pause_ms * 2 : RECONNECT_MAX_MS;
    }
    /* The good-bye makes sure that the last acknowledgement is taken. */
    qli_connection_close(&consumer->connection);
    qli_intake_done(&consumer->intake);
    return NULL;
}

static void consumer_free(struct ql_consumer *consumer)
{
    ql_publisher_free(consumer->undertaker);
    pthread_mutex_destroy(&consumer->lock);
    if (consumer->wake_fd >= 0)
        (void)close(consumer->wake_fd);
    ql_arena_free(consumer->arena);
    free(consumer->url);
    free(consumer);
}

struct ql_consumer *ql_consumer_start(const char *url, const char *connection_name,
                                      const struct ql_subscription *subscription, void *app)
{
    const struct ql_queue *queue = ql_queue_find(subscription->queue);
    struct ql_consumer *consumer;

    if (queue == NULL || subscription->max_batch < 1)
        return NULL;
    consumer = calloc(1, sizeof(*consumer));
    if (consumer == NULL)
        return NULL;
    consumer->subscription = subscription;
    consumer->queue = queue;
    consumer->app = app;
    consumer->batch_limit = (size_t)subscription->max_batch;
    consumer->prefetch = (size_t)subscription->max_batch * 2;
    if (consumer->prefetch > PREFETCH_MAX)
        consumer->prefetch = PREFETCH_MAX;
    snprintf(consumer->name, sizeof(consumer->name), "%s", connection_name);
    snprintf(consumer->method, sizeof(consumer->method), "consume %s", queue->name);
    qli_intake_init(&consumer->intake, consumer->prefetch);
    pthread_mutex_init(&consumer->lock, NULL);
    ql_metrics_register(metrics, (int)QL_ARRAY_LENGTH(metrics));
    consumer->url = strdup(url);
    consumer->arena = ql_arena_new(arena_limit);
    consumer->wake_fd = eventfd(0, EFD_CLOEXEC);
    if (consumer->url == NULL || consumer->arena == NULL || consumer->wake_fd < 0 ||
        pthread_create(&consumer->thread, NULL, consumer_thread, consumer) != 0) {
        consumer_free(consumer);
        return NULL;
    }
    return consumer;
}

void ql_consumer_stop(struct ql_consumer *consumer)
{
    uint64_t one = 1;

    if (consumer == NULL)
        return;
    consumer->is_stopping = true;
    (void)!write(consumer->wake_fd, &one, sizeof(one));
    (void)pthread_join(consumer->thread, NULL);
    consumer_free(consumer);
}
