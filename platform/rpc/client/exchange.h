/* An exchange: one message to an endpoint and its answer back, with a time limit.
 *
 *   qli_exchange_pick    an endpoint and a context are taken
 *   qli_exchange_start   the message is on its way
 *      done(argument)    on nng's thread: outcome says what came of it
 *   qli_exchange_end     the endpoint is given back; the exchange may be used again
 *
 * The message is sent and its answer received at once: with nng 1.5.2 a context takes
 * the receive as soon as it has the request. Two things that nng does not survive
 * shape this: a send that is cancelled, or runs into its time limit, while a receive
 * waits on the same context aborts the process, and a send that outlives its receive
 * is written to after it was freed. So a send has no time limit and is never
 * cancelled; whatever ends a receive without an answer closes the context, which ends
 * the send and says whether it had left. */
#ifndef QL_RPC_CLIENT_EXCHANGE_H
#define QL_RPC_CLIENT_EXCHANGE_H

#include "platform/base/status.h"
#include "platform/rpc/client/balancer.h"
#include "platform/rpc/client/reply_view.h"

enum qli_outcome {
    QLI_ANSWERED,  /* the answer is in reply */
    QLI_NOT_SENT,  /* nothing left this process */
    QLI_LOST,      /* it was sent, and given up or its connection lost: perhaps executed */
    QLI_TIMED_OUT, /* it was sent, and not answered in time: perhaps executed */
};

/* Where the calls of an exchange may be sent again. */
enum qli_retry {
    QLI_RETRY_NOWHERE = 0,
    QLI_RETRY_ELSEWHERE, /* executed or not, another endpoint may execute it as well */
    QLI_RETRY_ANYWHERE,  /* nothing was executed */
};

/* Called once for each start, on nng's thread; must not block. It, or whoever it
 * hands the exchange to, reads outcome, takes reply and ends the exchange. */
typedef void qli_exchange_done(void *argument);

struct qli_exchange {
    struct qli_lease lease;
    struct qli_balancer *balancer;
    nng_aio *send;    /* without a callback: its result is read when the receive has ended */
    nng_aio *receive; /* with the exchange's time limit */
    qli_exchange_done *done;
    void *argument;
    enum qli_outcome outcome;
    bool is_reset;  /* of QLI_LOST: the connection was lost */
    nng_msg *reply; /* of QLI_ANSWERED; freed with the exchange unless it was taken */
};

/* 0 or nng's error, after which there is nothing to release. */
int qli_exchange_init(struct qli_exchange *exchange, struct qli_balancer *balancer,
                      qli_exchange_done *done, void *argument) QL_MUST_CHECK;

/* Gives up what is under way and waits until its callback has returned; nothing can be
 * started any more. Threads: any but nng's. */
void qli_exchange_stop(struct qli_exchange *exchange);
void qli_exchange_release(struct qli_exchange *exchange); /* after the stop */

/* Takes the best endpoint for n_calls calls that may (is_safe) or may not be repeated
 * elsewhere; tried has a bit for each endpoint that they were sent to. False: none is
 * connected, or no memory. */
bool qli_exchange_pick(struct qli_exchange *exchange, int n_calls, bool is_safe,
                       uint32_t tried) QL_MUST_CHECK;

/* Takes this endpoint, for a health check. */
bool qli_exchange_pick_checked(struct qli_exchange *exchange, int index,
                               uint64_t serial) QL_MUST_CHECK;

/* Sends the message, which is the exchange's from now on, and waits for the answer for
 * timeout_ms at most. After a pick. Never calls back before it has returned control to
 * nng; may be called with a lock held that done takes. */
void qli_exchange_start(struct qli_exchange *exchange, nng_msg *message, int64_t timeout_ms);

/* Gives up an exchange that was started and not called back: done comes soon. Does
 * nothing to one that just is. */
void qli_exchange_interrupt(struct qli_exchange *exchange);

/* What the outcome allows for a call that is (is_safe) free of side effects; for one
 * that was answered: whether the answer promises that nothing was executed. */
enum qli_retry qli_exchange_retry(const struct qli_exchange *exchange, bool is_not_executed,
                                  bool is_safe);

/* How long to wait before an endpoint is tried that was tried before; random, and longer
 * after each of n_tries. */
int64_t qli_exchange_pause_ms(int n_tries);

/* Adds to the signs what one answer shows. */
void qli_signs_note(struct qli_signs *signs, enum ql_code code,
                    const struct qli_result_view *result);

/* Ends an exchange after its callback, or after a pick without a start. signs may be
 * NULL: nothing was learnt but what the outcome says. Any thread. */
void qli_exchange_end(struct qli_exchange *exchange, const struct qli_signs *signs);

#endif
