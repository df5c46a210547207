/* Batches whose Replies have come, handed over from nng's threads to the one thread that
 * ends them. The lock is arrivals.c's alone. */
#ifndef QL_RPC_CLIENT_ARRIVALS_H
#define QL_RPC_CLIENT_ARRIVALS_H

#include <pthread.h>
#include <stdbool.h>

struct qli_batch;

struct qli_arrivals {
    pthread_mutex_t lock;         /* guards all below */
    void (*wake)(void *argument); /* NULL: nobody takes */
    void *argument;
    struct qli_batch *first, **end; /* linked by next */
};

/* wake is called, with the lock held, when something arrives where nothing waited. */
void qli_arrivals_init(struct qli_arrivals *arrivals, void (*wake)(void *argument), void *argument);
void qli_arrivals_done(struct qli_arrivals *arrivals);

/* False: nobody takes, and the batch is still the caller's. Any thread. */
bool qli_arrivals_put(struct qli_arrivals *arrivals, struct qli_batch *batch);

/* All that has arrived, in its order, linked by next. */
struct qli_batch *qli_arrivals_take(struct qli_arrivals *arrivals);

/* The same for the last time: nobody is woken any more. */
struct qli_batch *qli_arrivals_close(struct qli_arrivals *arrivals);

#endif
