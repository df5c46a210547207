/* The relay's thread: turn after turn, a pause when there is nothing to do, a
 * growing one when there is trouble. */
#include "platform/outbox/relay.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "platform/base/clock.h"
#include "platform/base/condition.h"
#include "platform/outbox/relay_turn.h"

enum {
    TROUBLE_PAUSE_MIN_MS = 50,
    TROUBLE_PAUSE_MAX_MS = 1000,
    LEAVE_MIN_MS = 200, /* for giving the lease back, however late it is */
    ARENA_BYTES = 24 * 1024 * 1024,
};

struct ql_relay {
    struct qli_relay_turns turns; /* the thread's */
    struct ql_publisher *publisher;
    struct ql_arena *arena;
    pthread_t thread;
    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t changed;
    bool is_woken, is_stopping;
    int64_t stop_until_ms;
};

/* Waits until woken (when that counts), asked to stop, or the time is over. */
static void pause_for(struct ql_relay *relay, int64_t pause_ms, bool wakes)
{
    int64_t until_ms = ql_monotonic_ms() + pause_ms;

    pthread_mutex_lock(&relay->lock);
    while (!relay->is_stopping && !(wakes && relay->is_woken) &&
           ql_condition_wait(&relay->changed, &relay->lock, until_ms))
        continue;
    relay->is_woken = false;
    pthread_mutex_unlock(&relay->lock);
}

/* When everything must have ended; INT64_MAX while nobody asks for it. */
static int64_t stop_until(struct ql_relay *relay)
{
    int64_t until_ms;

    pthread_mutex_lock(&relay->lock);
    until_ms = relay->is_stopping ? relay->stop_until_ms : INT64_MAX;
    pthread_mutex_unlock(&relay->lock);
    return until_ms;
}

static void *relay_thread(void *argument)
{
    struct ql_relay *relay = argument;
    int64_t trouble_pause_ms = TROUBLE_PAUSE_MIN_MS, until_ms;
    enum qli_relay_outcome outcome;

    do {
        /* Read before the turn: the last turn begins after the wish to stop. */
        until_ms = stop_until(relay);
        outcome = qli_relay_turn(&relay->turns, until_ms);
        if (outcome != QLI_RELAY_TROUBLE)
            trouble_pause_ms = TROUBLE_PAUSE_MIN_MS;
        if (outcome == QLI_RELAY_IDLE)
            pause_for(relay, qli_relay_pause_ms(&relay->turns), true);
        if (outcome == QLI_RELAY_TROUBLE) {
            pause_for(relay, trouble_pause_ms, false);
            if (trouble_pause_ms < TROUBLE_PAUSE_MAX_MS)
                trouble_pause_ms *= 2;
        }
    } while (until_ms == INT64_MAX || (outcome == QLI_RELAY_MORE && ql_monotonic_ms() < until_ms));
    if (until_ms < ql_monotonic_ms() + LEAVE_MIN_MS)
        until_ms = ql_monotonic_ms() + LEAVE_MIN_MS;
    qli_relay_leave(&relay->turns, until_ms);
    return NULL;
}

static void relay_free(struct ql_relay *relay)
{
    ql_publisher_free(relay->publisher);
    ql_arena_free(relay->arena);
    free(relay);
}

struct ql_relay *ql_relay_start(struct ql_pg_pool *pool, const char *amqp_url, const char *service)
{
    struct ql_relay *relay = calloc(1, sizeof(*relay));
    char name[64];

    if (relay == NULL)
        return NULL;
    snprintf(name, sizeof(name), "%s relay", service);
    relay->publisher = ql_publisher_new(amqp_url, name);
    relay->arena = ql_arena_new(ARENA_BYTES);
    if (relay->publisher == NULL || relay->arena == NULL) {
        relay_free(relay);
        return NULL;
    }
    qli_relay_turns_init(&relay->turns, pool, relay->publisher, relay->arena);
    pthread_mutex_init(&relay->lock, NULL);
    ql_condition_init(&relay->changed);
    if (pthread_create(&relay->thread, NULL, relay_thread, relay) != 0) {
        pthread_cond_destroy(&relay->changed);
        pthread_mutex_destroy(&relay->lock);
        relay_free(relay);
        return NULL;
    }
    return relay;
}

bool ql_relay_add_chore(struct ql_relay *relay, ql_relay_chore *chore)
{
    return qli_relay_upkeep_add(&relay->turns.upkeep, chore);
}

void ql_relay_wake(struct ql_relay *relay)
{
    if (relay == NULL)
        return;
    pthread_mutex_lock(&relay->lock);
    relay->is_woken = true;
    pthread_cond_signal(&relay->changed);
    pthread_mutex_unlock(&relay->lock);
}

void ql_relay_stop(struct ql_relay *relay, int64_t timeout_ms)
{
    if (relay == NULL)
        return;
    pthread_mutex_lock(&relay->lock);
    relay->is_stopping = true;
    relay->stop_until_ms = ql_monotonic_ms() + timeout_ms;
    pthread_cond_signal(&relay->changed);
    pthread_mutex_unlock(&relay->lock);
    pthread_join(relay->thread, NULL);
    pthread_cond_destroy(&relay->changed);
    pthread_mutex_destroy(&relay->lock);
    relay_free(relay);
}
