/* A list under a lock. */
#include "platform/rpc/client/arrivals.h"

#include "platform/rpc/client/batch.h"

void qli_arrivals_init(struct qli_arrivals *arrivals, void (*wake)(void *argument), void *argument)
{
    pthread_mutex_init(&arrivals->lock, NULL);
    arrivals->wake = wake;
    arrivals->argument = argument;
    arrivals->first = NULL;
    arrivals->end = &arrivals->first;
}

void qli_arrivals_done(struct qli_arrivals *arrivals)
{
    pthread_mutex_destroy(&arrivals->lock);
}

bool qli_arrivals_put(struct qli_arrivals *arrivals, struct qli_batch *batch)
{
    bool is_taken;

    batch->next = NULL;
    pthread_mutex_lock(&arrivals->lock);
    is_taken = arrivals->wake != NULL;
    if (is_taken) {
        bool was_empty = arrivals->first == NULL;

        *arrivals->end = batch;
        arrivals->end = &batch->next;
        if (was_empty)
            arrivals->wake(arrivals->argument);
    }
    pthread_mutex_unlock(&arrivals->lock);
    return is_taken;
}

/* The caller holds the lock. */
static struct qli_batch *take_all(struct qli_arrivals *arrivals)
{
    struct qli_batch *first = arrivals->first;

    arrivals->first = NULL;
    arrivals->end = &arrivals->first;
    return first;
}

struct qli_batch *qli_arrivals_take(struct qli_arrivals *arrivals)
{
    struct qli_batch *first;

    pthread_mutex_lock(&arrivals->lock);
    first = take_all(arrivals);
    pthread_mutex_unlock(&arrivals->lock);
    return first;
}

struct qli_batch *qli_arrivals_close(struct qli_arrivals *arrivals)
{
    struct qli_batch *first;

    pthread_mutex_lock(&arrivals->lock);
    arrivals->wake = NULL;
    first = take_all(arrivals);
    pthread_mutex_unlock(&arrivals->lock);
    return first;
}
