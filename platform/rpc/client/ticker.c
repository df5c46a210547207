/* A thread, the list of what it runs, and the wait in between. */
#include "platform/rpc/client/ticker.h"

#include <pthread.h>
#include <stdlib.h>

#include "platform/base/clock.h"
#include "platform/base/condition.h"

struct qli_ticker {
    pthread_t thread;
    bool has_thread;
    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t changed;
    struct qli_tick *ticks; /* grows at its front only */
    bool is_changed, is_stopping;
};

struct qli_ticker *qli_ticker_new(void)
{
    struct qli_ticker *ticker = calloc(1, sizeof(*ticker));

    if (ticker == NULL)
        return NULL;
    pthread_mutex_init(&ticker->lock, NULL);
    ql_condition_init(&ticker->changed);
    return ticker;
}

/* The caller holds the lock. Only this thread writes is_periodic of a tick in the list. */
static bool has_periodic(const struct qli_ticker *ticker)
{
    for (const struct qli_tick *tick = ticker->ticks; tick != NULL; tick = tick->next) {
        if (tick->is_periodic)
            return true;
    }
    return false;
}

/* Waits until the ticks are to run; NULL: never again. */
static struct qli_tick *ticks_wait(struct qli_ticker *ticker)
{
    int64_t until_ms = ql_monotonic_ms() + QLI_TICK_MS;
    struct qli_tick *ticks;
    bool is_due = false;

    pthread_mutex_lock(&ticker->lock);
    while ((!is_due && !ticker->is_changed && !ticker->is_stopping) ||
           (ticker->ticks == NULL && !ticker->is_stopping)) {
        if (has_periodic(ticker))
            is_due = !ql_condition_wait(&ticker->changed, &ticker->lock, until_ms);
        else
            pthread_cond_wait(&ticker->changed, &ticker->lock);
    }
    ticker->is_changed = false;
    ticks = ticker->is_stopping ? NULL : ticker->ticks;
    pthread_mutex_unlock(&ticker->lock);
    return ticks;
}

static void *ticker_main(void *argument)
{
    struct qli_tick *tick;

    while ((tick = ticks_wait(argument)) != NULL) {
        for (; tick != NULL; tick = tick->next)
            tick->run(tick->argument, ql_monotonic_ms());
    }
    return NULL;
}

bool qli_ticker_start(struct qli_ticker *ticker)
{
    ticker->has_thread = pthread_create(&ticker->thread, NULL, ticker_main, ticker) == 0;
    return ticker->has_thread;
}

void qli_ticker_add(struct qli_ticker *ticker, struct qli_tick *tick)
{
    pthread_mutex_lock(&ticker->lock);
    tick->next = ticker->ticks;
    ticker->ticks = tick;
    ticker->is_changed = true;
    pthread_cond_signal(&ticker->changed);
    pthread_mutex_unlock(&ticker->lock);
}

void qli_ticker_kick(struct qli_ticker *ticker)
{
    pthread_mutex_lock(&ticker->lock);
    ticker->is_changed = true;
    pthread_cond_signal(&ticker->changed);
    pthread_mutex_unlock(&ticker->lock);
}

void qli_ticker_stop(struct qli_ticker *ticker)
{
    pthread_mutex_lock(&ticker->lock);
    ticker->is_stopping = true;
    pthread_cond_signal(&ticker->changed);
    pthread_mutex_unlock(&ticker->lock);
    if (ticker->has_thread)
        pthread_join(ticker->thread, NULL);
    ticker->has_thread = false;
}

void qli_ticker_free(struct qli_ticker *ticker)
{
    if (ticker == NULL)
        return;
    pthread_cond_destroy(&ticker->changed);
    pthread_mutex_destroy(&ticker->lock);
    free(ticker);
}
