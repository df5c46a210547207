/* When an endpoint is checked, and what the answer means. */
#include "platform/rpc/client/health_check.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "questline/rpc/v1/names.h"
#include "platform/base/clock.h"
#include "platform/pb/schema/message.h"
#include "platform/rpc/client/exchange.h"
#include "platform/rpc/client/status_read.h"
#include "platform/rpc/reaper.h"

enum {
    QUIET_MS = 500, /* with calls outstanding, before an endpoint is doubted */
    ANSWER_MS = 800,
    PAUSE_MIN_MS = 200,
    PAUSE_MAX_MS = 2000,
};

/* The checks of the endpoint with one index. Written by the tick while none is under
 * way, and by its callback while one is; is_under_way passes it on. */
struct check {
    struct qli_health_check *owner;
    struct qli_exchange exchange;
    bool has_exchange;
    atomic_bool is_under_way;
    uint64_t serial; /* of the endpoint that the rest is about */
    uint64_t id;
    int64_t began_ms, due_ms, pause_ms;
};

struct qli_health_check {
    struct qli_balancer *balancer;
    struct qli_ticker *ticker;
    struct qli_arena_pool *arenas;
    struct qli_tick tick;
    uint64_t last_id;
    struct check checks[QLI_ENDPOINTS_MAX]; /* by index of the endpoint */
};

static nng_msg *check_pack(uint64_t id)
{
    Call call, *calls[] = {&call};
    Request wire;
    nng_msg *message;

    Call_init(&call);
    call.id = id;
    call.method = (char *)(uintptr_t)HealthService_CheckHealth;
    call.deadline_unix_ms = ql_unix_ms() + ANSWER_MS;
    Request_init(&wire);
    wire.calls = calls;
    wire.n_calls = 1;
    if (nng_msg_alloc(&message, Request_pack_size(&wire)) != 0)
        return NULL;
    Request_pack(&wire, nng_msg_body(message));
    return message;
}

static bool is_due(const struct check *check, const struct qli_endpoint_view *view, int64_t now_ms)
{
    if (!view->is_connected || now_ms < check->due_ms)
        return false;
    switch (view->state) {
    case QLI_ENDPOINT_IN:
        return view->is_doubted || (view->n_calls > 0 && now_ms - view->quiet_since_ms >= QUIET_MS);
    case QLI_ENDPOINT_CLOSED:
    case QLI_ENDPOINT_HUNG:
        return true;
    case QLI_ENDPOINT_LEAVING:
        break;
    }
    return false;
}

/* The next check comes later each time that one does not pass. */
static void check_end(struct check *check, bool is_passed)
{
    if (is_passed || check->pause_ms == 0)
        check->pause_ms = PAUSE_MIN_MS;
    check->due_ms = ql_monotonic_ms() + check->pause_ms;
    if (!is_passed && check->pause_ms < PAUSE_MAX_MS)
        check->pause_ms *= 2;
}

/* Without a connection nothing follows: that it is lost is noted as such. What was
 * answered meanwhile shows that the endpoint runs. */
static void check_unanswered(struct check *check)
{
    struct qli_endpoint *endpoint = check->exchange.lease.endpoint;
    struct qli_endpoint_view views[QLI_ENDPOINTS_MAX], *view = &views[endpoint->index];
    bool has_answered;

    qli_balancer_view(check->owner->balancer, views);
    has_answered = view->state == QLI_ENDPOINT_IN && view->quiet_since_ms > check->began_ms;
    if (view->is_connected && !has_answered)
        qli_balancer_eject(check->owner->balancer, endpoint, QLI_ENDPOINT_HUNG);
    check_end(check, has_answered);
}

/* Any other answer than NOT_SERVING comes from something that takes calls. */
static bool says_not_serving(struct check *check)
{
    struct qli_arena_pool *arenas = check->owner->arenas;
    struct ql_arena *arena = qli_arena_take(arenas);
    struct ql_call call = {.arena = arena};
    struct qli_result_view result;
    CheckHealthResponse *out;
    bool is_not_serving = false;

    if (arena == NULL)
        return false;
    if (qli_reply_read(&call, check->exchange.reply, check->id, &result) == QL_OK &&
        ql_message_unpack(&call, &CheckHealthResponse_descriptor, result.payload.data,
                          result.payload.length, &out) == QL_OK)
        is_not_serving = out->state == SERVING_STATE_NOT_SERVING;
    qli_arena_give(arenas, arena);
    return is_not_serving;
}

static void check_answered(struct check *check)
{
    struct qli_endpoint *endpoint = check->exchange.lease.endpoint;
    bool is_not_serving = says_not_serving(check);

    if (is_not_serving)
        qli_balancer_eject(check->owner->balancer, endpoint, QLI_ENDPOINT_CLOSED);
    else
        qli_balancer_readmit(check->owner->balancer, endpoint);
    check_end(check, !is_not_serving);
}

static void check_exchanged(void *argument)
{
    struct check *check = argument;
    struct qli_ticker *ticker = check->owner->ticker;

    switch (check->exchange.outcome) {
    case QLI_ANSWERED:
        check_answered(check);
        break;
    case QLI_TIMED_OUT:
    case QLI_NOT_SENT:
        check_unanswered(check);
        break;
    case QLI_LOST:
        check_end(check, false);
        break;
    }
    qli_exchange_end(&check->exchange, NULL);
    atomic_store(&check->is_under_way, false);
    qli_ticker_kick(ticker);
}

static void check_start(struct check *check, int index, int64_t now_ms)
{
    struct qli_health_check *owner = check->owner;
    nng_msg *message;

    if (!check->has_exchange)
        check->has_exchange =
            qli_exchange_init(&check->exchange, owner->balancer, check_exchanged, check) == 0;
    if (!check->has_exchange || !qli_exchange_pick_checked(&check->exchange, index, check->serial))
        return;
    check->id = ++owner->last_id;
    check->began_ms = now_ms;
    message = check_pack(check->id);
    if (message == NULL) {
        qli_exchange_end(&check->exchange, NULL);
        return;
    }
    atomic_store(&check->is_under_way, true);
    qli_exchange_start(&check->exchange, message, ANSWER_MS);
}

static void health_check_tick(void *argument, int64_t now_ms)
{
    struct qli_health_check *health_check = argument;
    struct qli_endpoint_view views[QLI_ENDPOINTS_MAX];

    if (qli_balancer_count(health_check->balancer) < 2 && !qli_reaper_is_stuck())
        return;
    qli_balancer_view(health_check->balancer, views);
    for (int i = 0; i < QLI_ENDPOINTS_MAX; i++) {
        struct check *check = &health_check->checks[i];

        if (views[i].serial == 0 || atomic_load(&check->is_under_way))
            continue;
        if (check->serial != views[i].serial) {
            check->serial = views[i].serial;
            check->due_ms = check->pause_ms = 0;
        }
        if (is_due(check, &views[i], now_ms))
            check_start(check, i, now_ms);
    }
}

struct qli_health_check *qli_health_check_new(struct qli_balancer *balancer,
                                              struct qli_ticker *ticker,
                                              struct qli_arena_pool *arenas)
{
    struct qli_health_check *health_check = calloc(1, sizeof(*health_check));

    if (health_check == NULL)
        return NULL;
    health_check->balancer = balancer;
    health_check->ticker = ticker;
    health_check->arenas = arenas;
    for (int i = 0; i < QLI_ENDPOINTS_MAX; i++)
        health_check->checks[i].owner = health_check;
    health_check->tick = (struct qli_tick){.run = health_check_tick, .argument = health_check};
    qli_ticker_add(ticker, &health_check->tick);
    return health_check;
}

void qli_health_check_free(struct qli_health_check *health_check)
{
    if (health_check == NULL)
        return;
    for (int i = 0; i < QLI_ENDPOINTS_MAX; i++) {
        if (!health_check->checks[i].has_exchange)
            continue;
        qli_exchange_stop(&health_check->checks[i].exchange);
        qli_exchange_release(&health_check->checks[i].exchange);
    }
    free(health_check);
}
