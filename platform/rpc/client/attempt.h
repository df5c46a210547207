/* A call that travels alone: one attempt after the other, until it is answered or no
 * further attempt is allowed.
 *
 *   IDLE -> [WAITING] -> EXCHANGING -> done
 *              ^______________|
 *
 * An attempt is an exchange with the best endpoint. Without a connected one the call
 * waits for it, two seconds at most. Where the exchange allows it (qli_exchange_retry)
 * the call is tried again: at once on an endpoint that it was not sent to, else after a
 * pause. The lock guards phase and is_cancelled, and is attempt.c's alone. */
#ifndef QL_RPC_CLIENT_ATTEMPT_H
#define QL_RPC_CLIENT_ATTEMPT_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "platform/base/status.h"
#include "platform/rpc/arena_pool.h"
#include "platform/rpc/client/call_failure.h"
#include "platform/rpc/client/exchange.h"
#include "platform/rpc/client/reply_view.h"

enum qli_attempt_phase {
    QLI_ATTEMPT_IDLE = 0,
    QLI_ATTEMPT_WAITING, /* for a connection, or before the next attempt */
    QLI_ATTEMPT_EXCHANGING,
    QLI_ATTEMPT_FAILING, /* it was not even tried; nng's thread reports it */
};

/* The end of the call, once, on nng's thread. result, NULL for a failure, lies in reply,
 * which is the callback's to free. */
typedef void qli_attempt_done(void *argument, const struct ql_status *status,
                              const struct qli_result_view *result, nng_msg *reply);

struct qli_attempt {
    const char *service; /* in the texts of failures */
    struct qli_balancer *balancer;
    struct qli_arena_pool *arenas; /* for the status of a reply */
    qli_attempt_done *done;
    void *argument;
    struct qli_exchange exchange;
    nng_aio *timer; /* of its own: an aio that slept once takes time limits for success */
    struct qli_waiter waiter;
    /* The call; set by qli_attempt_prepare. */
    uint64_t id;
    int64_t deadline_ms;
    bool is_safe;     /* it may be repeated even when it was executed */
    nng_msg *request; /* each attempt sends a copy of it */
    uint32_t tried;   /* a bit for each endpoint that it was sent to */
    int n_tries;
    int64_t connect_until_ms;     /* it waits no longer than this for a connection */
    int64_t retry_until_ms;       /* 0: no endpoint has turned it away */
    enum qli_call_failure failed; /* of FAILING */
    pthread_mutex_t lock;
    enum qli_attempt_phase phase;
    bool is_cancelled;
};

/* What every call of a channel shares. 0 or nng's error, after which there is nothing
 * to release. */
int qli_attempt_init(struct qli_attempt *attempt, const char *service,
                     struct qli_balancer *balancer, struct qli_arena_pool *arenas,
                     qli_attempt_done *done, void *argument) QL_MUST_CHECK;
void qli_attempt_stop(struct qli_attempt *attempt);    /* waits for callbacks */
void qli_attempt_release(struct qli_attempt *attempt); /* after the stop */

/* From here on a cancel means the next call. */
void qli_attempt_reset(struct qli_attempt *attempt);

/* Readies it for that call. False when the deadline has passed. */
bool qli_attempt_prepare(struct qli_attempt *attempt, uint64_t id, int64_t deadline_ms,
                         bool is_safe) QL_MUST_CHECK;

/* Starts the first attempt; request is the attempt's from now on. */
void qli_attempt_start(struct qli_attempt *attempt, nng_msg *request);

/* The same for a call that was sent once in a batch, to the endpoints in tried. */
void qli_attempt_go_on(struct qli_attempt *attempt, nng_msg *request, uint32_t tried);

/* Fails a call that is not under way: done comes soon. */
void qli_attempt_fail(struct qli_attempt *attempt, enum qli_call_failure failure);

/* Nobody waits for the call any more: it is given up wherever it is, or at its start. */
void qli_attempt_cancel(struct qli_attempt *attempt);

#endif
