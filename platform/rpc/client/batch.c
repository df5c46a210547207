/* Filling a batch, sending it, and finding whom its Reply answers. */
#include "platform/rpc/client/batch.h"

#include <stdlib.h>
#include <string.h>

#include "questline/rpc/v1/names.h"
#include "platform/base/clock.h"
#include "platform/pb/schema/wire_check.h"
#include "platform/pb/wire/varint.h"
#include "platform/rpc/client/status_read.h"
#include "platform/rpc/telemetry.h"

enum {
    LATE_MS = 100,    /* for the Reply after the last deadline of the calls */
    CALLS_TAG = 0x0a, /* Request.calls, length-delimited */
    KEPT_BYTES_MAX = 32 * 1024,
};

static const uint8_t coalesced[] = {0x10, 0x01}; /* Request.coalesced = true */

struct qli_batch *qli_batch_new(struct qli_balancer *balancer, struct qli_arena_pool *arenas,
                                qli_exchange_done *done, qli_entry_end_callback *on_end,
                                void *owner)
{
    struct qli_batch *batch = calloc(1, sizeof(*batch));

    if (batch == NULL)
        return NULL;
    batch->arenas = arenas;
    batch->on_end = on_end;
    batch->owner = owner;
    if (qli_exchange_init(&batch->exchange, balancer, done, batch) == 0)
        return batch;
    free(batch);
    return NULL;
}

void qli_batch_stop(struct qli_batch *batch)
{
    qli_exchange_stop(&batch->exchange);
}

void qli_batch_free(struct qli_batch *batch)
{
    qli_exchange_release(&batch->exchange);
    nng_msg_free(batch->message); /* nng takes NULL */
    free(batch);
}

static bool message_begin(struct qli_batch *batch)
{
    if (batch->message == NULL && nng_msg_alloc(&batch->message, 0) != 0)
        return false;
    if (nng_msg_len(batch->message) > 0)
        return true;
    return nng_msg_append(batch->message, coalesced, sizeof(coalesced)) == 0;
}

/* nng grows a message by exactly what is appended, and so would copy the whole batch for
 * each of its calls. */
static bool message_reserve(nng_msg *message, size_t more)
{
    size_t needed = nng_msg_len(message) + more;

    return needed <= nng_msg_capacity(message) || nng_msg_reserve(message, 2 * needed) == 0;
}

bool qli_batch_add(struct qli_batch *batch, struct ql_rpc_pending *call, const uint8_t *packed,
                   size_t size)
{
    struct qli_batch_entry *entry = &batch->entries[batch->n_entries];
    uint8_t header[1 + QL_VARINT_MAX_BYTES] = {CALLS_TAG};
    size_t header_size = 1 + ql_varint_write(header + 1, size);

    if (batch->n_entries == QLI_BATCH_CALLS_MAX || !message_begin(batch))
        return false;
    entry->id = call->attempt.id;
    entry->deadline_ms = call->attempt.deadline_ms;
    entry->is_safe = call->attempt.is_safe;
    entry->offset = nng_msg_len(batch->message);
    entry->length = header_size + size;
    if (!message_reserve(batch->message, entry->length) ||
        nng_msg_append(batch->message, header, header_size) != 0)
        return false;
    if (nng_msg_append(batch->message, packed, size) != 0) {
        (void)nng_msg_chop(batch->message, header_size);
        return false;
    }
    batch->n_entries++;
    if (entry->deadline_ms > batch->last_deadline_ms)
        batch->last_deadline_ms = entry->deadline_ms;
    atomic_store(&entry->call, call);
    atomic_store(&call->entry, entry);
    return true;
}

/* The call of the entry, which is the caller's to end; NULL: the entry is empty. */
static struct ql_rpc_pending *entry_take(struct qli_batch_entry *entry)
{
    struct ql_rpc_pending *call = atomic_exchange(&entry->call, NULL);

    if (call != NULL)
        atomic_store(&call->entry, NULL);
    return call;
}

bool qli_batch_withdraw(struct ql_rpc_pending *call)
{
    struct qli_batch_entry *entry = atomic_load(&call->entry);
    struct ql_rpc_pending *expected = call;

    if (entry == NULL || !atomic_compare_exchange_strong(&entry->call, &expected, NULL))
        return false;
    atomic_store(&call->entry, NULL);
    return true;
}

void qli_batch_expire(struct qli_batch *batch, int64_t now_ms)
{
    for (int i = 0; i < batch->n_entries; i++) {
        struct qli_batch_entry *entry = &batch->entries[i];
        struct ql_rpc_pending *call = entry->deadline_ms <= now_ms ? entry_take(entry) : NULL;

        if (call != NULL)
            qli_attempt_fail(&call->attempt, QLI_FAILED_LATE);
    }
}

static void report_alone(struct qli_batch *batch, struct qli_batch_entry *entry, uint32_t tried)
{
    const uint8_t *bytes = (const uint8_t *)nng_msg_body(batch->message) + entry->offset;
    struct ql_rpc_pending *call = entry_take(entry);
    struct qli_entry_report report = {.end = QLI_ENTRY_ALONE, .tried = tried};

    if (call == NULL)
        return;
    if (nng_msg_alloc(&report.request, entry->length) == 0)
        memcpy(nng_msg_body(report.request), bytes, entry->length);
    else
        report.request = NULL;
    batch->on_end(call, &report);
}

static bool has_calls(struct qli_batch *batch)
{
    for (int i = 0; i < batch->n_entries; i++) {
        if (atomic_load(&batch->entries[i].call) != NULL)
            return true;
    }
    return false;
}

/* A copy of what the message holds, without the space that it keeps. */
static bool message_copy(nng_msg *message, nng_msg **ret_copy)
{
    if (nng_msg_alloc(ret_copy, nng_msg_len(message)) != 0)
        return false;
    memcpy(nng_msg_body(*ret_copy), nng_msg_body(message), nng_msg_len(message));
    return true;
}

bool qli_batch_start(struct qli_batch *batch)
{
    nng_msg *copy;

    if (!has_calls(batch))
        return false;
    if (qli_exchange_pick(&batch->exchange, batch->n_entries, true, 0)) {
        if (message_copy(batch->message, &copy)) {
            qli_exchange_start(&batch->exchange, copy,
                               batch->last_deadline_ms + LATE_MS - ql_monotonic_ms());
            return true;
        }
        qli_exchange_end(&batch->exchange, NULL);
    }
    for (int i = 0; i < batch->n_entries; i++)
        report_alone(batch, &batch->entries[i], 0);
    return false;
}

/* The entry of the call with this id: results mostly come in the order of the calls.
 * NULL: it has left. */
static struct qli_batch_entry *entry_find(struct qli_batch *batch, int guess, uint64_t id)
{
    for (int i = 0; i < batch->n_entries; i++) {
        struct qli_batch_entry *entry = &batch->entries[(guess + i) % batch->n_entries];

        if (entry->id == id)
            return entry;
    }
    return NULL;
}

/* One result of the Reply, at this place among them. What the callee wants alone may go
 * to the same endpoint at once. */
static void result_report(struct qli_batch *batch, int place, uint64_t id,
                          struct qli_result_view *result, struct ql_arena *arena,
                          struct qli_signs *signs)
{
    struct qli_batch_entry *entry = entry_find(batch, place, id);
    struct ql_call call = {.arena = arena};
    struct qli_entry_report report = {.end = QLI_ENTRY_ANSWERED, .status = &call.status};
    struct ql_rpc_pending *ended;

    if (entry == NULL)
        return;
    if (qli_result_read(&call, result) == QL_OK)
        report.result = result;
    qli_signs_note(signs, call.status.code, result);
    if (qli_exchange_retry(&batch->exchange, result->is_not_executed, false) != QLI_RETRY_NOWHERE) {
        report_alone(batch, entry, result->is_not_started ? 0 : batch->exchange.lease.tried);
        ql_metric_add(&qli_rpc_metrics[QLI_RETRIES], NULL, 1);
        return;
    }
    ended = entry_take(entry);
    if (ended != NULL)
        batch->on_end(ended, &report);
}

/* Calls without a result of their own: what the Reply says about all of them. */
static void leftovers_report(struct qli_batch *batch, struct ql_arena *arena)
{
    for (int i = 0; i < batch->n_entries; i++) {
        struct ql_call call = {.arena = arena};
        struct qli_entry_report report = {.end = QLI_ENTRY_ANSWERED, .status = &call.status};
        struct ql_rpc_pending *ended = entry_take(&batch->entries[i]);
        struct qli_result_view result;

        if (ended == NULL)
            continue;
        if (qli_reply_read(&call, batch->exchange.reply, batch->entries[i].id, &result) == QL_OK)
            ql_fail(&call, QL_INTERNAL, "BAD_REPLY", "the callee's reply has two results");
        batch->on_end(ended, &report);
        ql_arena_reset(arena);
    }
}

static void reply_report(struct qli_batch *batch, struct qli_signs *signs)
{
    struct ql_arena *arena = qli_arena_take(batch->arenas);
    struct qli_bytes rest = {.data = nng_msg_body(batch->exchange.reply),
                             .length = nng_msg_len(batch->exchange.reply)};
    struct ql_call call = {.arena = arena};
    struct qli_result_view result;
    uint64_t id;

    if (arena == NULL)
        return; /* the calls are lost with the batch */
    if (ql_wire_check(&call, ql_schema_message(ql_schema_embedded(), Reply_descriptor.name),
                      rest.data, rest.length) == QL_OK) {
        for (int i = 0; i < QLI_BATCH_CALLS_MAX && qli_reply_next(&rest, &id, &result); i++) {
            result_report(batch, i, id, &result, arena, signs);
            ql_arena_reset(arena);
        }
    }
    leftovers_report(batch, arena);
    qli_arena_give(batch->arenas, arena);
}

/* Calls that nothing came back for. What was not sent, or may be repeated and has another
 * endpoint to go to, goes on alone. */
static void lost_report(struct qli_batch *batch)
{
    uint32_t tried = batch->exchange.lease.tried;
    bool has_other = (qli_balancer_available(batch->exchange.balancer) & ~tried) != 0;
    int n_retried = 0;

    for (int i = 0; i < batch->n_entries; i++) {
        struct qli_batch_entry *entry = &batch->entries[i];
        struct ql_rpc_pending *call = atomic_load(&entry->call);
        enum qli_retry retry;

        if (call == NULL)
            continue;
        retry = qli_exchange_retry(&batch->exchange, false, entry->is_safe);
        if (retry == QLI_RETRY_ANYWHERE || (retry == QLI_RETRY_ELSEWHERE && has_other)) {
            report_alone(batch, entry, tried);
            n_retried++;
        } else if ((call = entry_take(entry)) != NULL) {
            batch->on_end(call, &(const struct qli_entry_report){.end = QLI_ENTRY_LOST});
        }
    }
    if (n_retried > 0)
        ql_metric_add(&qli_rpc_metrics[QLI_RETRIES], NULL, n_retried);
}

void qli_batch_finish(struct qli_batch *batch)
{
    struct qli_signs signs = {.is_doubted = false};

    if (batch->exchange.outcome == QLI_ANSWERED)
        reply_report(batch, &signs);
    lost_report(batch);
    qli_exchange_end(&batch->exchange, &signs);
}

void qli_batch_clear(struct qli_batch *batch)
{
    /* The next calls of the batch find its space; that of large ones is given back. */
    if (batch->message != NULL && nng_msg_capacity(batch->message) <= KEPT_BYTES_MAX) {
        nng_msg_clear(batch->message);
    } else {
        nng_msg_free(batch->message); /* nng takes NULL */
        batch->message = NULL;
    }
    batch->n_entries = 0;
    batch->last_deadline_ms = 0;
}
