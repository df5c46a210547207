/* Sending, receiving, and what came of it. */
#include "platform/rpc/client/exchange.h"

#include <stdlib.h>
#include <string.h>

#include "platform/base/id.h"

enum { PAUSE_FIRST_MS = 20 };

static void exchange_event(void *argument);

int qli_exchange_init(struct qli_exchange *exchange, struct qli_balancer *balancer,
                      qli_exchange_done *done, void *argument)
{
    int rv;

    memset(exchange, 0, sizeof(*exchange));
    exchange->balancer = balancer;
    exchange->done = done;
    exchange->argument = argument;
    rv = nng_aio_alloc(&exchange->send, NULL, NULL);
    if (rv != 0)
        return rv;
    rv = nng_aio_alloc(&exchange->receive, exchange_event, exchange);
    if (rv != 0) {
        nng_aio_free(exchange->send);
        return rv;
    }
    exchange->lease.receive = exchange->receive;
    return 0;
}

void qli_exchange_stop(struct qli_exchange *exchange)
{
    nng_aio_stop(exchange->receive);
}

void qli_exchange_release(struct qli_exchange *exchange)
{
    nng_aio_free(exchange->receive);
    nng_aio_free(exchange->send);
    nng_msg_free(exchange->reply); /* nng takes NULL */
}

bool qli_exchange_pick(struct qli_exchange *exchange, int n_calls, bool is_safe, uint32_t tried)
{
    exchange->lease.n_calls = n_calls;
    exchange->lease.is_safe = is_safe;
    exchange->lease.tried = tried;
    exchange->outcome = QLI_NOT_SENT;
    return qli_balancer_pick(exchange->balancer, &exchange->lease);
}

bool qli_exchange_pick_checked(struct qli_exchange *exchange, int index, uint64_t serial)
{
    exchange->lease.n_calls = 0;
    exchange->lease.is_safe = false;
    exchange->lease.tried = 0;
    exchange->outcome = QLI_NOT_SENT;
    return qli_balancer_pick_checked(exchange->balancer, index, serial, &exchange->lease);
}

void qli_exchange_start(struct qli_exchange *exchange, nng_msg *message, int64_t timeout_ms)
{
    nng_ctx context = exchange->lease.context;

    nng_aio_set_msg(exchange->send, message);
    nng_aio_set_timeout(exchange->send, NNG_DURATION_INFINITE);
    nng_aio_set_timeout(exchange->receive, timeout_ms > 1 ? (nng_duration)timeout_ms : 1);
    nng_ctx_send(context, exchange->send);
    nng_ctx_recv(context, exchange->receive);
}

void qli_exchange_interrupt(struct qli_exchange *exchange)
{
    nng_aio_cancel(exchange->receive);
}

/* True when the request had left. A message that had not is freed. */
static bool send_end(struct qli_exchange *exchange)
{
    nng_aio_wait(exchange->send); /* short: it is answered, or its context closed */
    if (nng_aio_result(exchange->send) == 0)
        return true;
    nng_msg_free(nng_aio_get_msg(exchange->send));
    nng_aio_set_msg(exchange->send, NULL);
    return false;
}

static void exchange_event(void *argument)
{
    struct qli_exchange *exchange = argument;
    int rv = nng_aio_result(exchange->receive);

    if (rv == 0) {
        (void)send_end(exchange);
        exchange->reply = nng_aio_get_msg(exchange->receive);
        nng_aio_set_msg(exchange->receive, NULL);
        exchange->outcome = QLI_ANSWERED;
    } else {
        exchange->is_reset = rv == NNG_ECONNRESET;
        nng_ctx_close(exchange->lease.context);
        exchange->lease.has_context = false;
        if (!send_end(exchange))
            exchange->outcome = QLI_NOT_SENT;
        else
            exchange->outcome = rv == NNG_ETIMEDOUT ? QLI_TIMED_OUT : QLI_LOST;
    }
    exchange->done(exchange->argument);
}

enum qli_retry qli_exchange_retry(const struct qli_exchange *exchange, bool is_not_executed,
                                  bool is_safe)
{
    switch (exchange->outcome) {
    case QLI_ANSWERED:
        return is_not_executed ? QLI_RETRY_ANYWHERE : QLI_RETRY_NOWHERE;
    case QLI_NOT_SENT:
        return QLI_RETRY_ANYWHERE;
    case QLI_LOST:
        return is_safe ? QLI_RETRY_ELSEWHERE : QLI_RETRY_NOWHERE;
    case QLI_TIMED_OUT:
        break;
    }
    return QLI_RETRY_NOWHERE;
}

int64_t qli_exchange_pause_ms(int n_tries)
{
    char random_hex[5];
    int64_t most_ms = (int64_t)PAUSE_FIRST_MS << (n_tries < 4 ? n_tries - 1 : 3);

    ql_random_hex(random_hex, 2);
    return most_ms / 2 + strtol(random_hex, NULL, 16) % (most_ms / 2);
}

void qli_signs_note(struct qli_signs *signs, enum ql_code code,
                    const struct qli_result_view *result)
{
    bool turns_away = result->is_not_executed && !result->is_not_started;

    signs->turns_away = signs->turns_away || turns_away;
    signs->is_doubted = signs->is_doubted || (code == QL_UNAVAILABLE && !turns_away);
}

void qli_exchange_end(struct qli_exchange *exchange, const struct qli_signs *signs)
{
    struct qli_signs seen = {.is_doubted = false};

    if (signs != NULL)
        seen = *signs;
    if (exchange->outcome == QLI_ANSWERED)
        seen.has_answered = true;
    seen.is_reset = exchange->outcome == QLI_LOST && exchange->is_reset;
    /* It is slow, or does not run, or its connection is lost: a health check, which carries
     * no calls, shows which. */
    if ((exchange->outcome == QLI_TIMED_OUT || exchange->outcome == QLI_NOT_SENT) &&
        exchange->lease.n_calls > 0)
        seen.is_doubted = true;
    nng_msg_free(exchange->reply);
    exchange->reply = NULL;
    qli_balancer_release(exchange->balancer, &exchange->lease, &seen);
}
