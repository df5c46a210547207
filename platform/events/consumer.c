/* The consumer thread: connect, receive, attempt until success, acknowledge.
 *
 *   connected:  receive -> read -> handler -> dead letters -> acknowledge -> receive
 *                            ^________| pause, heartbeats served
 *   broken, at any point: all received messages are dropped (the broker delivers them
 *   again), and the thread connects again.
 *
 * While a handler runs no heartbeats are served; hence a heartbeat of twice the handler's
 * time. */
#include "platform/events/consumer.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/base/clock.h"
#include "platform/base/fault.h"
#include "platform/events/batch.h"
#include "platform/events/consumer_attempt.h"
#include "platform/events/consumer_chore.h"
#include "platform/events/consumer_health.h"
#include "platform/events/dead_letter_publisher.h"
#include "platform/events/receiver.h"
#include "platform/events/topology.h"

enum {
    HEARTBEAT_S = 20, /* twice the time of an attempt */
    CONNECT_TIMEOUT_MS = 20000,
    RECEIVE_WAIT_MS = 500,
    PAUSE_MIN_MS = 50,
    PAUSE_MAX_MS = 2000,
    RECONNECT_MIN_MS = 100,
    RECONNECT_MAX_MS = 2000,
    PREFETCH_MAX = 1000,
    NAME_MAX_BYTES = 128,
};

static const size_t arena_limit = (size_t)64 * 1024 * 1024;

struct ql_consumer {
    const struct ql_subscription *subscription;
    const struct ql_queue *queue;
    char *url;
    char name[NAME_MAX_BYTES];
    char method[NAME_MAX_BYTES]; /* "consume <queue>", for the log */
    struct qli_consumer_health health;
    struct qli_receiver receiver;

    /* Of the thread. */
    struct ql_arena *arena;
    struct qli_dead_letter_publisher dead_letters;
    struct qli_consumer_attempt attempt;
    struct qli_consumer_chore chore;

    pthread_t thread;
};

int64_t ql_consumer_stuck_ms(struct ql_consumer *consumer, char *ret_reason, size_t reason_size)
{
    return qli_consumer_health_stuck_ms(&consumer->health, ret_reason, reason_size);
}

/* Waits while heartbeats are served and messages received, bounded by the prefetch. */
static bool pause_for(struct ql_consumer *consumer, int64_t duration_ms)
{
    return qli_receiver_take(&consumer->receiver, SIZE_MAX, duration_ms);
}

static int64_t next_pause(int64_t pause_ms)
{
    return pause_ms * 2 < PAUSE_MAX_MS ? pause_ms * 2 : PAUSE_MAX_MS;
}

/* Publishes the dead letters until the broker has confirmed them: the handler's effects are
 * committed, and another run might not reject the same deliveries. False: broken, or to
 * stop. */
static bool publish_dead_letters(struct ql_consumer *consumer, struct ql_call *call,
                                 struct qli_batch *batch)
{
    int64_t pause_ms = PAUSE_MIN_MS;
    enum ql_code rc;

    if (qli_batch_collect_rejected(call, consumer->queue->dead_letter_key, batch) != QL_OK) {
        qli_consumer_health_failed(&consumer->health, call, batch->n_items);
        return false;
    }
    while (batch->n_dead_letters > 0) {
        rc = qli_dead_letter_publisher_publish(call, &consumer->dead_letters, batch->dead_letters,
                                               batch->headers, batch->n_dead_letters);
        qli_batch_drop_confirmed(batch);
        if (rc == QL_OK)
            break;
        qli_consumer_health_failed(&consumer->health, call, batch->n_dead_letters);
        if (!pause_for(consumer, pause_ms) || consumer->receiver.is_stopping)
            return false;
        pause_ms = next_pause(pause_ms);
    }
    return true;
}

/* One batch, from the first attempt to its acknowledgement. False: broken, or
 * to stop with the batch not acknowledged. */
static bool consume_batch(struct ql_consumer *consumer)
{
    int64_t pause_ms = PAUSE_MIN_MS;
    struct qli_batch batch;
    struct ql_call call;

    while (qli_consumer_attempt_run(&consumer->attempt, &call, &consumer->receiver.intake,
                                    consumer->receiver.connection.account, &batch) != QL_OK) {
        qli_consumer_health_failed(&consumer->health, &call, batch.n_items);
        qli_consumer_attempt_shrink(&consumer->attempt);
        if (!pause_for(consumer, pause_ms) || consumer->receiver.is_stopping)
            return false;
        pause_ms = next_pause(pause_ms);
    }
    if (!publish_dead_letters(consumer, &call, &batch))
        return false;
    QL_FAULT_POINT(&call, "before the acknowledgement");
    if (!qli_receiver_acknowledge(&consumer->receiver, batch.last_tag))
        return false;
    QL_FAULT_POINT(&call, "after the acknowledgement");
    qli_batch_count(&batch);
    qli_intake_pop(&consumer->receiver.intake, batch.n_items);
    qli_consumer_health_succeeded(&consumer->health, /* is_batch= */ true);
    qli_consumer_attempt_grow(&consumer->attempt);
    return true;
}

/* Runs the chore before the first event, without a connection, which would need
 * heartbeats. */
static void complete_chore(struct ql_consumer *consumer)
{
    qli_consumer_chore_begin(&consumer->chore);
    while (consumer->chore.has_more && !consumer->receiver.is_stopping) {
        int64_t wait_ms = qli_consumer_chore_wait_ms(&consumer->chore, PAUSE_MAX_MS);

        if (wait_ms > 0)
            qli_receiver_wait(&consumer->receiver, wait_ms);
        qli_consumer_chore_run(&consumer->chore);
    }
}

/* Consumes until the connection breaks or the consumer is to stop. */
static void consume_all(struct ql_consumer *consumer)
{
    while (!consumer->receiver.is_stopping) {
        if (!qli_receiver_take(&consumer->receiver, 1,
                               qli_consumer_chore_wait_ms(&consumer->chore, RECEIVE_WAIT_MS)))
            return;
        if (!qli_receiver_take(&consumer->receiver, (size_t)consumer->subscription->max_batch, 0))
            return;
        qli_dead_letter_publisher_idle(&consumer->dead_letters);
        if (consumer->receiver.intake.n_whole > 0 && !consumer->receiver.is_stopping &&
            !consume_batch(consumer))
            return;
        qli_consumer_chore_run(&consumer->chore);
    }
}

static enum ql_code connect_anew(struct ql_consumer *consumer, struct ql_call *call)
{
    enum ql_code rc;

    ql_arena_reset(consumer->arena);
    ql_call_init(call, consumer->arena, consumer->method, CONNECT_TIMEOUT_MS);
    rc = qli_receiver_connect(call, &consumer->receiver, consumer->url, consumer->name, HEARTBEAT_S,
                              consumer->queue->name);
    if (rc == QL_OK)
        qli_consumer_health_succeeded(&consumer->health, /* is_batch= */ false);
    return rc;
}

static void *consumer_thread(void *argument)
{
    struct ql_consumer *consumer = argument;
    int64_t pause_ms = RECONNECT_MIN_MS;
    struct ql_call call;

    complete_chore(consumer);
    while (!consumer->receiver.is_stopping) {
        if (connect_anew(consumer, &call) == QL_OK) {
            pause_ms = RECONNECT_MIN_MS;
            consume_all(consumer);
            if (!consumer->receiver.is_stopping)
                (void)ql_fail(&call, QL_UNAVAILABLE, "BROKER_UNAVAILABLE", "%s",
                              consumer->receiver.connection.trouble);
        }
        if (consumer->receiver.is_stopping)
            break;
        qli_consumer_health_failed(&consumer->health, &call, 0);
        qli_receiver_drop(&consumer->receiver);
        qli_receiver_wait(&consumer->receiver, pause_ms);
        pause_ms = pause_ms * 2 < RECONNECT_MAX_MS ? pause_ms * 2 : RECONNECT_MAX_MS;
    }
    return NULL;
}

static void consumer_free(struct ql_consumer *consumer)
{
    qli_dead_letter_publisher_done(&consumer->dead_letters);
    qli_receiver_done(&consumer->receiver);
    qli_consumer_health_done(&consumer->health);
    ql_arena_free(consumer->arena);
    free(consumer->url);
    free(consumer);
}

struct ql_consumer *ql_consumer_start(const char *url, const char *connection_name,
                                      const struct ql_subscription *subscription, void *app)
{
    const struct ql_queue *queue = ql_queue_find(subscription->queue);
    size_t prefetch = (size_t)subscription->max_batch * 2;
    struct ql_consumer *consumer;
    bool has_receiver;

    if (queue == NULL || subscription->max_batch < 1)
        return NULL;
    consumer = calloc(1, sizeof(*consumer));
    if (consumer == NULL)
        return NULL;
    consumer->subscription = subscription;
    consumer->queue = queue;
    if (prefetch > PREFETCH_MAX)
        prefetch = PREFETCH_MAX;
    snprintf(consumer->name, sizeof(consumer->name), "%s", connection_name);
    snprintf(consumer->method, sizeof(consumer->method), "consume %s", queue->name);
    qli_consumer_health_init(&consumer->health, queue->name);
    has_receiver = qli_receiver_init(&consumer->receiver, prefetch);
    consumer->url = strdup(url);
    consumer->arena = ql_arena_new(arena_limit);
    consumer->dead_letters = (struct qli_dead_letter_publisher){.url = consumer->url,
                                                                .connection_name = consumer->name,
                                                                .queue = queue,
                                                                .heartbeat_s = HEARTBEAT_S};
    consumer->attempt =
        (struct qli_consumer_attempt){.handler = subscription->handler,
                                      .method = consumer->method,
                                      .app = app,
                                      .arena = consumer->arena,
                                      .batch_limit = (size_t)subscription->max_batch,
                                      .batch_max = (size_t)subscription->max_batch};
    consumer->chore = (struct qli_consumer_chore){.step = subscription->chore,
                                                  .method = consumer->method,
                                                  .app = app,
                                                  .arena = consumer->arena,
                                                  .health = &consumer->health};
    if (!has_receiver || consumer->url == NULL || consumer->arena == NULL ||
        pthread_create(&consumer->thread, NULL, consumer_thread, consumer) != 0) {
        consumer_free(consumer);
        return NULL;
    }
    return consumer;
}

void ql_consumer_stop(struct ql_consumer *consumer)
{
    if (consumer == NULL)
        return;
    qli_receiver_stop(&consumer->receiver);
    (void)pthread_join(consumer->thread, NULL);
    consumer_free(consumer);
}
