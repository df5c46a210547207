/* A turn is one short transaction and, with no connection held, one publish.
 *
 * Publishing stops before the lease can have ended by anybody's clock, so that
 * two relays do not mix one user's events. A row that the broker refuses, or has
 * no queue for, stays; those behind it go on, since else one row would stop all
 * users. */
#include "platform/outbox/relay_turn.h"

#include <stdatomic.h>
#include <string.h>

#include "platform/base/clock.h"
#include "platform/base/fault.h"
#include "platform/base/log.h"
#include "platform/base/metrics.h"

#include "platform/base/rerun.h"
#include "relay_sql.h"

enum {
    LOOK_EVERY_MS = 100,
    LOOK_ALONE_EVERY_MS = 500,
    LEASE_MS = 10000,
    RENEWED_BELOW_MS = 6500, /* so that a turn always has the time it may take */
    LEASE_MARGIN_MS = 500,
    DATABASE_MS = 5000,
    PUBLISH_MS = 5000,
    BATCH_BYTES = 4 * 1024 * 1024,
    COUNT_EVERY_MS = 1000,
    COUNT_MAX = 100000,
    PURGE_EVERY_MS = 10000,
    PURGE_ROWS = 1000,
    PURGE_OVERDUE_MS = 60000, /* so late, it does not wait for a turn without rows */
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
    int64_t *ids;
    struct ql_message_out *messages;
    size_t n_rows;
    bool is_ours; /* we hold the lease */
};

void qli_relay_turns_init(struct qli_relay_turns *turns, struct ql_pg_pool *pool,
                          struct ql_publisher *publisher, struct ql_arena *arena)
{
    *turns = (struct qli_relay_turns){
        .pool = pool,
        .publisher = publisher,
        .arena = arena,
        .refused_pause_ms = REFUSED_PAUSE_MIN_MS,
        .purge_at_ms = ql_monotonic_ms(),
        .chore_at_ms = ql_monotonic_ms(),
    };
    ql_uuid_new(turns->holder);
    ql_metrics_register(metrics, (int)QL_ARRAY_LENGTH(metrics));
}

static void call_start(struct qli_relay_turns *turns, struct ql_call *call, int64_t most_ms,
                       int64_t until_ms)
{
    ql_call_init(call, turns->arena, "outbox.relay", most_ms);
    if (call->deadline_ms > until_ms)
        call->deadline_ms = until_ms;
}

static void complain(struct qli_relay_turns *turns, const struct ql_call *call, const char *event)
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
    turns->lease_until_ms = 0;
    turns->n_confirmed = 0; /* the next holder publishes and deletes them */
    turns->after_id = 0;
    turns->retry_refused_at_ms = 0;
    turns->is_alone = false;
    ql_metric_set(&metrics[1], NULL, 0);
}

/* *ret_until_ms is 0 when another relay holds it. Counted from before the server
 * reads its clock, it ends before the row's. */
static enum ql_code hold_lease(struct ql_call *call, struct ql_pg_tx *tx,
                               const struct qli_relay_turns *turns, int64_t *ret_until_ms)
{
    const char *parameters[] = {turns->holder, ql_pg_from_int64(call, LEASE_MS),
                                ql_pg_is_pooled(tx) ? "false" : "true"};
    int64_t now = ql_monotonic_ms();
    struct ql_pg_rows rows;
    enum ql_code rc;

    *ret_until_ms = turns->lease_until_ms;
    if (turns->lease_until_ms - now >= RENEWED_BELOW_MS)
        return QL_OK;
    rc = ql_pg_run(call, tx, &sql_relay_lease_take, parameters, 3, &rows);
    if (rc == QL_OK)
        *ret_until_ms = rows.n_affected == 1 ? now + LEASE_MS : 0;
    return rc;
}

static enum ql_code delete_confirmed(struct ql_call *call, struct ql_pg_tx *tx,
                                     const struct qli_relay_turns *turns, bool *ret_is_ours)
{
    const char *parameters[] = {ql_pg_from_int64_array(call, turns->confirmed, turns->n_confirmed),
                                turns->holder};
    struct ql_pg_rows rows;
    enum ql_code rc;

    if (turns->n_confirmed == 0)
        return QL_OK;
    rc = ql_pg_run(call, tx, &sql_outbox_delete, parameters, 2, &rows);
    if (rc == QL_OK)
        *ret_is_ours = rows.n_affected > 0;
    return rc;
}

static enum ql_code count_waiting(struct ql_call *call, struct ql_pg_tx *tx,
                                  struct qli_relay_turns *turns)
{
    const char *parameters[] = {ql_pg_from_int64(call, COUNT_MAX)};
    int64_t now = ql_monotonic_ms();
    struct ql_pg_rows rows;
    enum ql_code rc;

    if (now < turns->count_at_ms)
        return QL_OK;
    turns->count_at_ms = now + COUNT_EVERY_MS;
    rc = ql_pg_run(call, tx, &sql_outbox_count, parameters, 1, &rows);
    if (rc == QL_OK)
        ql_metric_set(&metrics[1], NULL, ql_pg_int64(&rows, 0, 0));
    return rc;
}

static enum ql_code map_batch(struct ql_call *call, const struct ql_pg_rows *rows,
                              struct batch *batch)
{
    enum ql_code rc;

    batch->ids = ql_arena_calloc(call->arena, rows->n_rows, sizeof(*batch->ids));
    batch->messages = ql_arena_calloc(call->arena, rows->n_rows, sizeof(*batch->messages));
    if (batch->ids == NULL || batch->messages == NULL)
        return ql_fail_memory(call);
    for (size_t row = 0; row < rows->n_rows; row++) {
        struct ql_message_out *message = &batch->messages[row];
        uint8_t *bytes;

        rc = ql_pg_bytes(call, rows, row, 4, &bytes, &message->length);
        if (rc != QL_OK)
            return rc;
        batch->ids[row] = ql_pg_int64(rows, row, 0);
        message->event_id = ql_pg_text(rows, row, 1);
        message->type = ql_pg_text(rows, row, 2);
        message->routing_key = ql_pg_text(rows, row, 3);
        message->bytes = bytes;
    }
    batch->n_rows = rows->n_rows;
    return QL_OK;
}

static enum ql_code select_batch(struct ql_call *call, struct ql_pg_tx *tx,
                                 const struct qli_relay_turns *turns, struct batch *batch)
{
    const char *parameters[] = {ql_pg_from_int64(call, turns->after_id),
                                ql_pg_from_int64(call, QLI_RELAY_BATCH_ROWS),
                                ql_pg_from_int64(call, BATCH_BYTES)};
    struct ql_pg_rows rows;
    enum ql_code rc;

    rc = ql_pg_run(call, tx, &sql_outbox_select_batch, parameters, 3, &rows);
    if (rc != QL_OK)
        return rc;
    return map_batch(call, &rows, batch);
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
    rc = hold_lease(call, tx, turns, &lease_until_ms);
    if (rc != QL_OK)
        return rc;
    batch->is_ours = lease_until_ms != 0;
    if (batch->is_ours)
        rc = delete_confirmed(call, tx, turns, &batch->is_ours);
    if (rc == QL_OK && batch->is_ours)
        rc = count_waiting(call, tx, turns);
    if (rc == QL_OK && batch->is_ours)
        rc = select_batch(call, tx, turns, batch);
    if (rc == QL_OK)
        rc = ql_pg_commit(call, &tx);
    if (rc != QL_OK)
        return rc;
    turns->lease_until_ms = lease_until_ms;
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

/* One statement says what a turn would take a transaction for. A failed one is no
 * answer: the turn then takes its transaction. */
static bool look(struct ql_call *call, const struct qli_relay_turns *turns,
                 const struct ql_pg_statement *statement, const char *parameter,
                 struct ql_pg_rows *ret_rows)
{
    const char *parameters[] = {parameter};

    if (ql_pg_look(call, turns->pool, statement, parameters, 1, ret_rows) == QL_OK)
        return true;
    ql_call_clear_status(call);
    return false;
}

/* Writes down that this relay waits. Best effort: it is due again at the next look. */
static void note_waiting(struct ql_call *call, const struct qli_relay_turns *turns)
{
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;

    if (ql_pg_begin(call, turns->pool, &tx) != QL_OK ||
        ql_pg_run(call, tx, &sql_relay_lease_wait, NULL, 0, NULL) != QL_OK ||
        ql_pg_commit(call, &tx) != QL_OK)
        ql_call_clear_status(call);
}

/* True when another relay holds the lease. */
static bool must_wait(struct ql_call *call, const struct qli_relay_turns *turns)
{
    struct ql_pg_rows rows;

    if (!look(call, turns, &sql_relay_lease_can_be_taken, turns->holder, &rows) ||
        ql_pg_bool(&rows, 0, 0))
        return false;
    if (ql_pg_bool(&rows, 0, 1))
        note_waiting(call, turns);
    return true;
}

/* True when our lease holds for a while and no row waits. Rows that were refused wait
 * before after_id, and are counted by a turn. */
static bool nothing_waits(struct ql_call *call, struct qli_relay_turns *turns)
{
    bool is_count_due = ql_monotonic_ms() >= turns->count_at_ms;
    struct ql_pg_rows rows;

    if (turns->lease_until_ms - ql_monotonic_ms() < RENEWED_BELOW_MS || turns->n_confirmed > 0 ||
        (is_count_due && turns->after_id != 0))
        return false;
    if (!look(call, turns, &sql_outbox_waits, ql_pg_from_int64(call, turns->after_id), &rows))
        return false;
    turns->is_alone = !ql_pg_bool(&rows, 0, 1);
    if (ql_pg_bool(&rows, 0, 0))
        return false;
    if (is_count_due) {
        turns->count_at_ms = ql_monotonic_ms() + COUNT_EVERY_MS;
        ql_metric_set(&metrics[1], NULL, 0);
    }
    return true;
}

static bool nothing_to_do(struct ql_call *call, struct qli_relay_turns *turns)
{
    return turns->lease_until_ms == 0 ? must_wait(call, turns) : nothing_waits(call, turns);
}

static void complain_of_refused(const struct ql_call *call, const struct batch *batch)
{
    size_t n_named = 0;

    for (size_t i = 0; i < batch->n_rows && n_named < REFUSED_NAMED_MAX; i++) {
        const struct ql_message_out *message = &batch->messages[i];

        if (message->is_confirmed)
            continue;
        n_named++;
        QL_LOG(QL_LOG_ERROR, &call->trace, QL_TEXT("event", "event refused by the broker"),
               QL_NUMBER("outboxId", batch->ids[i]), QL_TEXT("eventId", message->event_id),
               QL_TEXT("eventType", message->type), QL_TEXT("routing", message->routing_key));
    }
}

/* What was refused stays behind `after_id` until it is tried again. */
static void step_over_refused(struct qli_relay_turns *turns, const struct ql_call *call,
                              const struct batch *batch)
{
    if (turns->n_confirmed == batch->n_rows) {
        if (turns->after_id == 0)
            turns->refused_pause_ms = REFUSED_PAUSE_MIN_MS;
        return;
    }
    complain_of_refused(call, batch);
    turns->after_id = batch->ids[batch->n_rows - 1];
    if (turns->retry_refused_at_ms != 0)
        return;
    turns->retry_refused_at_ms = ql_monotonic_ms() + turns->refused_pause_ms;
    turns->refused_pause_ms *= 2;
    if (turns->refused_pause_ms > REFUSED_PAUSE_MAX_MS)
        turns->refused_pause_ms = REFUSED_PAUSE_MAX_MS;
}

static enum qli_relay_outcome publish(struct qli_relay_turns *turns, const struct batch *batch,
                                      int64_t until_ms)
{
    int64_t lease_ends_ms = turns->lease_until_ms - LEASE_MARGIN_MS;
    struct ql_call call;
    enum ql_code rc;

    call_start(turns, &call, PUBLISH_MS, lease_ends_ms < until_ms ? lease_ends_ms : until_ms);
    turns->broker_touched_ms = ql_monotonic_ms();
    QL_FAULT_POINT(&call, "before publishing");
    rc = ql_publisher_publish(&call, turns->publisher, batch->messages, batch->n_rows);
    QL_FAULT_POINT(&call, "after the confirms");
    for (size_t i = 0; i < batch->n_rows; i++)
        if (batch->messages[i].is_confirmed)
            turns->confirmed[turns->n_confirmed++] = batch->ids[i];
    ql_metric_add(&metrics[0], NULL, (int64_t)turns->n_confirmed);
    if (rc == QL_OK) {
        step_over_refused(turns, &call, batch);
        return QLI_RELAY_MORE;
    }
    complain(turns, &call, "outbox waits for the broker");
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

static enum ql_code purge_inbox(struct ql_call *call, struct qli_relay_turns *turns)
{
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    const char *parameters[] = {ql_pg_from_int64(call, PURGE_ROWS)};
    struct ql_pg_rows rows;
    enum ql_code rc;

    rc = ql_pg_begin(call, turns->pool, &tx);
    if (rc != QL_OK)
        return rc;
    rc = ql_pg_run(call, tx, &sql_inbox_delete_old, parameters, 1, &rows);
    if (rc != QL_OK)
        return rc;
    if (rows.n_affected < PURGE_ROWS)
        turns->purge_at_ms = ql_monotonic_ms() + PURGE_EVERY_MS;
    return ql_pg_commit(call, &tx);
}

/* Whatever comes of it, publishing goes on. */
static void do_chore(struct ql_call *call, struct qli_relay_turns *turns)
{
    ql_relay_chore *chore = atomic_load(&turns->chore);
    bool has_more = false;
    enum ql_code rc;

    if (chore == NULL || ql_monotonic_ms() < turns->chore_at_ms)
        return;
    rc = chore(call, turns->pool, &has_more);
    for (int n_runs = 1; rc != QL_OK && ql_rerun(call, n_runs); n_runs++)
        rc = chore(call, turns->pool, &has_more);
    if (rc != QL_OK)
        complain(turns, call, "chore beside the outbox failed");
    if (!has_more)
        turns->chore_at_ms = ql_monotonic_ms() + PURGE_EVERY_MS;
}

static enum qli_relay_outcome tidy(struct ql_call *call, struct qli_relay_turns *turns)
{
    if (ql_monotonic_ms() >= turns->purge_at_ms && purge_inbox(call, turns) != QL_OK) {
        complain(turns, call, "inbox cannot be purged");
        turns->purge_at_ms = ql_monotonic_ms() + PURGE_EVERY_MS;
        return QLI_RELAY_TROUBLE;
    }
    do_chore(call, turns);
    return QLI_RELAY_IDLE;
}

/* Where events never cease, old rows would never cease either. */
static bool tidying_is_overdue(const struct qli_relay_turns *turns)
{
    int64_t since_ms = ql_monotonic_ms() - PURGE_OVERDUE_MS;

    return since_ms > turns->purge_at_ms ||
           (atomic_load(&turns->chore) != NULL && since_ms > turns->chore_at_ms);
}

enum qli_relay_outcome qli_relay_turn(struct qli_relay_turns *turns, int64_t until_ms)
{
    struct batch batch;
    enum qli_relay_outcome outcome;
    struct ql_call call;

    ql_arena_reset(turns->arena);
    call_start(turns, &call, DATABASE_MS, until_ms);
    serve_heartbeat(turns);
    if (turns->retry_refused_at_ms != 0 && ql_monotonic_ms() >= turns->retry_refused_at_ms) {
        turns->after_id = 0;
        turns->retry_refused_at_ms = 0;
    }
    if (nothing_to_do(&call, turns))
        return turns->lease_until_ms != 0 ? tidy(&call, turns) : QLI_RELAY_IDLE;
    if (take_batch_in_runs(&call, turns, &batch) != QL_OK) {
        complain(turns, &call, "outbox waits for the database");
        return QLI_RELAY_TROUBLE;
    }
    if (batch.n_rows == 0)
        return batch.is_ours ? tidy(&call, turns) : QLI_RELAY_IDLE;
    outcome = publish(turns, &batch, until_ms);
    if (tidying_is_overdue(turns)) {
        call_start(turns, &call, DATABASE_MS, until_ms);
        (void)tidy(&call, turns);
    }
    return outcome;
}

int64_t qli_relay_pause_ms(const struct qli_relay_turns *turns)
{
    int64_t now = ql_monotonic_ms();
    bool is_tidy = turns->purge_at_ms > now &&
                   (atomic_load(&turns->chore) == NULL || turns->chore_at_ms > now);

    if (turns->is_alone && turns->retry_refused_at_ms == 0 && is_tidy)
        return LOOK_ALONE_EVERY_MS;
    return LOOK_EVERY_MS;
}

static enum ql_code leave(struct ql_call *call, const struct qli_relay_turns *turns)
{
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    const char *parameters[] = {turns->holder};
    bool is_ours;
    enum ql_code rc;

    rc = ql_pg_begin(call, turns->pool, &tx);
    if (rc != QL_OK)
        return rc;
    rc = delete_confirmed(call, tx, turns, &is_ours);
    if (rc != QL_OK)
        return rc;
    rc = ql_pg_run(call, tx, &sql_relay_lease_give_back, parameters, 1, NULL);
    if (rc != QL_OK)
        return rc;
    return ql_pg_commit(call, &tx);
}

void qli_relay_leave(struct qli_relay_turns *turns, int64_t until_ms)
{
    struct ql_call call;

    if (turns->lease_until_ms == 0)
        return;
    ql_arena_reset(turns->arena);
    call_start(turns, &call, DATABASE_MS, until_ms);
    if (leave(&call, turns) != QL_OK) /* it ends by itself, later */
        complain(turns, &call, "outbox lease not given back");
    lose_lease(turns);
}
