/* The thread of a channel: runs ticks, each on every change and every QLI_TICK_MS.
 *
 * Its lock is ticker.c's alone, and is held while nothing else is called. */
#ifndef QL_RPC_CLIENT_TICKER_H
#define QL_RPC_CLIENT_TICKER_H

#include <stdbool.h>
#include <stdint.h>

#include "platform/base/attributes.h"

enum { QLI_TICK_MS = 100 };

struct qli_ticker;

struct qli_tick {
    void (*run)(void *argument, int64_t now_ms); /* on the ticker's thread */
    void *argument;
    bool is_periodic; /* false: only changes are of interest; written before it is added, and
                       * by run */
    struct qli_tick *next;
};

/* NULL without memory. */
struct qli_ticker *qli_ticker_new(void);

/* Starts the thread. False when there is none to be had. */
bool qli_ticker_start(struct qli_ticker *ticker) QL_MUST_CHECK;

/* Ends the thread: no tick runs on return, nor later. */
void qli_ticker_stop(struct qli_ticker *ticker);
void qli_ticker_free(struct qli_ticker *ticker); /* after the stop; NULL is fine */

/* Adds a tick, which must live until the stop. Any thread. */
void qli_ticker_add(struct qli_ticker *ticker, struct qli_tick *tick);

/* Something has changed: the ticks run soon. Any thread. */
void qli_ticker_kick(struct qli_ticker *ticker);

#endif
