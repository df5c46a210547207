/* A turn is one short transaction and, with no connection held, one publish.
 *
 * Publishing stops before the lease can have ended by anybody's clock, so that
 * two relays do not mix one user's events. A row that the broker refuses, or has
 * no queue for, stays; those behind it go on, since else one row would stop all
 * users. */
#include "platform/outbox/relay_turn.h"

#include "platform/base/clock.h"
#include "platform/base/fault.h"
#include "platform/base/log.h"
#include "platform/base/metrics.h"
#include "platform/base/rerun.h"

enum {
    LOOK_EVERY_MS = 100,
    LOOK_ALONE_EVERY_MS = 500,
    LEASE_MARGIN_MS = 500,
    DATABASE_MS = 5000,
    PUBLISH_MS = 5000,
    COUNT_EVERY_MS = 1000,
    HEARTBEAT_MS = 500,
    COMPLAIN_EVERY_MS = 10000,
    REFUSED_NAMED_MAX = 10, /* log lines for one batch */
    REFUSED_PAUSE_MIN_MS = 250,
    REFUSED_PAUSE_MAX_MS = 8000,
};

static struct ql_metric metrics[] = {
    {.kind = QL_METRIC_COUNTER,
     .name = "ql_outbox_published_total",
     .help = "Outbox rows the broker has confirmed."},
    {.kind = QL_METRIC_GAUGE,
     .name = "ql_outbox_waiting",
     .help = "Rows in the outbox as the lease holder last counted, 0 for all others."},
};

struct batch {
    struct qli_relay_rows rows;
    bool is_ours; /* this relay holds the lease */
};

void qli_relay_turns_init(struct qli_relay_turns *turns, struct ql_pg_pool *pool,
                          struct ql_publisher *publisher, struct ql_arena *arena)
{
    *turns = (struct qli_relay_turns){
        .pool = pool,
        .publisher = publisher,
        .arena = arena,
        .refused_pause_ms = REFUSED_PAUSE_MIN_MS,
    };
    qli_relay_upkeep_init(&turns->upkeep);
    ql_uuid_new(turns->lease.holder);
    ql_metrics_register(metrics, (int)QL_ARRAY_LENGTH(metrics));
}

static void call_start(struct qli_relay_turns *turns, struct ql_call *call, int64_t most_ms,
                       int64_t until_ms)
{
    ql_call_init(call, turns->arena, "outbox.relay", most_ms);
    if (call->deadline_ms > until_ms)
        call->deadline_ms = until_ms;
}

static void complain_seldom(struct qli_relay_turns *turns, const struct ql_call *call,
                            const char *event)
{
    int64_t now = ql_monotonic_ms();
    bool is_due = now >= turns->complain_at_ms;

    if (is_due)
        turns->complain_at_ms = now + COMPLAIN_EVERY_MS;
    QL_LOG(is_due ? QL_LOG_WARN : QL_LOG_DEBUG, &call->trace, QL_TEXT("event", event),
           QL_TEXT("reason", call->status.reason), QL_TEXT("text", call->status.message));
}

static void lose_lease(struct qli_relay_turns *turns)
{
    turns->lease.until_ms = 0;
    turns->n_confirmed = 0; /* the next holder publishes and deletes them */
    turns->after_id = 0;
    turns->retry_refused_at_ms = 0;
    turns->lease.is_alone = false;
    ql_metric_set(&metrics[1], NULL, 0);
}

static enum ql_code count_waiting(struct ql_call *call, struct ql_pg_tx *tx,
                                  struct qli_relay_turns *turns)
{
    int64_t now = ql_monotonic_ms(), count;
    enum ql_code rc;

    if (now < turns->count_at_ms)
        return QL_OK;
    turns->count_at_ms = now + COUNT_EVERY_MS;
    rc = qli_relay_rows_count(call, tx, &count);
    if (rc != QL_OK)
        return rc;
    ql_metric_set(&metrics[1], NULL, count);
    return QL_OK;
}

static enum ql_code delete_confirmed(struct ql_call *call, struct ql_pg_tx *tx,
                                     const struct qli_relay_turns *turns, bool *ret_is_ours)
{
    if (turns->n_confirmed == 0)
        return QL_OK;
    return qli_relay_rows_delete(call, tx, turns->lease.holder, turns->confirmed,
                                 turns->n_confirmed, ret_is_ours);
}

/* What the holder of the lease does in the transaction. *is_ours becomes false when the
 * lease turns out to be another's. */
static enum ql_code use_lease(struct ql_call *call, struct ql_pg_tx *tx,
                              struct qli_relay_turns *turns, struct batch *batch)
{
    enum ql_code rc = delete_confirmed(call, tx, turns, &batch->is_ours);

    if (rc != QL_OK || !batch->is_ours)
        return rc;
    rc = count_waiting(call, tx, turns);
    if (rc != QL_OK)
        return rc;
    return qli_relay_rows_select(call, tx, turns->after_id, &batch->rows);
}

/* The transaction of a turn. The turns change only once it is committed. */
static enum ql_code take_batch(struct ql_call *call, struct qli_relay_turns *turns,
                               struct batch *batch)
{
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    int64_t lease_until_ms;
    enum ql_code rc;

    rc = ql_pg_begin(call, turns->pool, &tx);
    if (rc != QL_OK)
        return rc;
    rc = qli_relay_lease_take(call, tx, &turns->lease, &lease_until_ms);
    if (rc != QL_OK)
        return rc;
    batch->is_ours = lease_until_ms != 0;
    if (batch->is_ours)
        rc = use_lease(call, tx, turns, batch);
    if (rc != QL_OK)
        return rc;
    rc = ql_pg_commit(call, &tx);
    if (rc != QL_OK)
        return rc;
    turns->lease.until_ms = lease_until_ms;
    turns->n_confirmed = 0;
    if (!batch->is_ours)
        lose_lease(turns);
    return QL_OK;
}

static enum ql_code take_batch_in_runs(struct ql_call *call, struct qli_relay_turns *turns,
                                       struct batch *ret_batch)
{
    struct ql_arena_mark mark = ql_arena_mark(call->arena);

    for (int n_runs = 1;; n_runs++) {
        enum ql_code rc;

        *ret_batch = (struct batch){0};
        rc = take_batch(call, turns, ret_batch);
        if (rc == QL_OK || !ql_rerun(call, n_runs))
            return rc;
        ql_arena_rewind(call->arena, &mark);
    }
}

/* True when our lease holds for a while and no row waits. Rows that were refused wait
 * before after_id, and are counted by a turn. */
static bool nothing_waits(struct ql_call *call, struct qli_relay_turns *turns)
{
    bool is_count_due = ql_monotonic_ms() >= turns->count_at_ms, rows_wait;

    if (!qli_relay_lease_lasts(&turns->lease) || turns->n_confirmed > 0 ||
        (is_count_due && turns->after_id != 0))
        return false;
    if (!qli_relay_rows_look(call, turns->pool, turns->after_id, &rows_wait,
                             &turns->lease.is_alone) ||
        rows_wait)
        return false;
    if (is_count_due) {
        turns->count_at_ms = ql_monotonic_ms() + COUNT_EVERY_MS;
        ql_metric_set(&metrics[1], NULL, 0);
    }
    return true;
}

static bool nothing_to_do(struct ql_call *call, struct qli_relay_turns *turns)
{
    return turns->lease.until_ms == 0 ? qli_relay_lease_must_wait(call, turns->pool, &turns->lease)
                                      : nothing_waits(call, turns);
}

static void complain_of_refused(const struct ql_call *call, const struct batch *batch)
{
    size_t n_named = 0;

    for (size_t i = 0; i < batch->rows.n && n_named < REFUSED_NAMED_MAX; i++) {
        const struct ql_message_out *message = &batch->rows.messages[i];

        if (message->is_confirmed)
            continue;
        n_named++;
        QL_LOG(QL_LOG_ERROR, &call->trace, QL_TEXT("event", "event refused by the broker"),
               QL_NUMBER("outboxId", batch->rows.ids[i]), QL_TEXT("eventId", message->event_id),
               QL_TEXT("eventType", message->type), QL_TEXT("routing", message->routing_key));
    }
}

/* What was refused stays behind `after_id` until it is tried again. */
static void step_over_refused(struct qli_relay_turns *turns, const struct ql_call *call,
                              const struct batch *batch)
{
    if (turns->n_confirmed == batch->rows.n) {
        if (turns->after_id == 0)
            turns->refused_pause_ms = REFUSED_PAUSE_MIN_MS;
        return;
    }
    complain_of_refused(call, batch);
    turns->after_id = batch->rows.ids[batch->rows.n - 1];
    if (turns->retry_refused_at_ms != 0)
        return;
    turns->retry_refused_at_ms = ql_monotonic_ms() + turns->refused_pause_ms;
    turns->refused_pause_ms *= 2;
    if (turns->refused_pause_ms > REFUSED_PAUSE_MAX_MS)
        turns->refused_pause_ms = REFUSED_PAUSE_MAX_MS;
}

static enum qli_relay_outcome publish_batch(struct qli_relay_turns *turns,
                                            const struct batch *batch, int64_t until_ms)
{
    int64_t lease_ends_ms = turns->lease.until_ms - LEASE_MARGIN_MS;
    struct ql_call call;
    enum ql_code rc;

    call_start(turns, &call, PUBLISH_MS, lease_ends_ms < until_ms ? lease_ends_ms : until_ms);
    turns->broker_touched_ms = ql_monotonic_ms();
    QL_FAULT_POINT(&call, "before publishing");
    rc = ql_publisher_publish(&call, turns->publisher, batch->rows.messages, batch->rows.n);
    QL_FAULT_POINT(&call, "after the confirms");
    for (size_t i = 0; i < batch->rows.n; i++)
        if (batch->rows.messages[i].is_confirmed)
            turns->confirmed[turns->n_confirmed++] = batch->rows.ids[i];
    ql_metric_add(&metrics[0], NULL, (int64_t)turns->n_confirmed);
    if (rc == QL_OK) {
        step_over_refused(turns, &call, batch);
        return QLI_RELAY_MORE;
    }
    complain_seldom(turns, &call, "outbox waits for the broker");
    /* Progress is progress, and should be in the database soon. */
    return turns->n_confirmed > 0 ? QLI_RELAY_MORE : QLI_RELAY_TROUBLE;
}

static void serve_heartbeat(struct qli_relay_turns *turns)
{
    int64_t now = ql_monotonic_ms();

    if (now - turns->broker_touched_ms < HEARTBEAT_MS)
        return;
    turns->broker_touched_ms = now;
    ql_publisher_idle(turns->publisher);
}

static void do_upkeep(struct ql_call *call, struct qli_relay_turns *turns)
{
    if (qli_relay_upkeep_run(call, turns->pool, &turns->upkeep) != QL_OK)
        complain_seldom(turns, call, "upkeep of the outbox failed");
}

enum qli_relay_outcome qli_relay_turn(struct qli_relay_turns *turns, int64_t until_ms)
{
    struct batch batch = {0};
    enum qli_relay_outcome outcome;
    struct ql_call call;

    ql_arena_reset(turns->arena);
    call_start(turns, &call, DATABASE_MS, until_ms);
    serve_heartbeat(turns);
    if (turns->retry_refused_at_ms != 0 && ql_monotonic_ms() >= turns->retry_refused_at_ms) {
        turns->after_id = 0;
        turns->retry_refused_at_ms = 0;
    }
    if (!nothing_to_do(&call, turns) && take_batch_in_runs(&call, turns, &batch) != QL_OK) {
        complain_seldom(turns, &call, "outbox waits for the database");
        return QLI_RELAY_TROUBLE;
    }
    if (batch.rows.n == 0) {
        if (turns->lease.until_ms != 0)
            do_upkeep(&call, turns);
        return QLI_RELAY_IDLE;
    }
    outcome = publish_batch(turns, &batch, until_ms);
    if (qli_relay_upkeep_is_overdue(&turns->upkeep)) {
        call_start(turns, &call, DATABASE_MS, until_ms);
        do_upkeep(&call, turns);
    }
    return outcome;
}

int64_t qli_relay_pause_ms(const struct qli_relay_turns *turns)
{
    if (turns->lease.is_alone && turns->retry_refused_at_ms == 0 &&
        !qli_relay_upkeep_is_due(&turns->upkeep))
        return LOOK_ALONE_EVERY_MS;
    return LOOK_EVERY_MS;
}

static enum ql_code give_back_lease(struct ql_call *call, const struct qli_relay_turns *turns)
{
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    bool is_ours;
    enum ql_code rc;

    rc = ql_pg_begin(call, turns->pool, &tx);
    if (rc != QL_OK)
        return rc;
    rc = delete_confirmed(call, tx, turns, &is_ours);
    if (rc != QL_OK)
        return rc;
    rc = qli_relay_lease_give_back(call, tx, &turns->lease);
    if (rc != QL_OK)
        return rc;
    return ql_pg_commit(call, &tx);
}

void qli_relay_leave(struct qli_relay_turns *turns, int64_t until_ms)
{
    struct ql_call call;

    if (turns->lease.until_ms == 0)
        return;
    ql_arena_reset(turns->arena);
    call_start(turns, &call, DATABASE_MS, until_ms);
    if (give_back_lease(&call, turns) != QL_OK) /* it ends by itself, later */
        complain_seldom(turns, &call, "outbox lease not given back");
    lose_lease(turns);
}
