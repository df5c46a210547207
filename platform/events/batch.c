/* Reading a batch of messages, and separating those that can never be handled. */
#include "platform/events/batch.h"

#include <string.h>

#include "platform/base/log.h"
#include "platform/base/metrics.h"

/* Reading stops at this size; the handler uses the rest of the arena. */
enum { READ_BYTES_MAX = 32 * 1024 * 1024 };

struct qli_item {
    const struct qli_incoming *incoming;
    const struct ql_delivery *delivery; /* NULL: rejected before the handler */
    const char *type;                   /* for the metrics */
    const char *reason;                 /* of the rejection */
    const char *text;
};

static struct ql_metric metrics[] = {
    {QL_METRIC_COUNTER, "ql_events_consumed_total",
     "Events handled and acknowledged, by type (custom types together)", "type", NULL, NULL},
    {QL_METRIC_COUNTER, "ql_events_rejected_total", "Messages sent to the dead letters, by reason",
     "reason", NULL, NULL},
};

/* The account of the first publisher; "": not stated. */
static const char *account_of(const struct qli_incoming *incoming)
{
    struct ql_message_origin origin = qli_incoming_origin(incoming);

    return ql_account_of_origin(&origin);
}

/* Fills the item and, when it is an event, the next delivery. */
static enum ql_code read_item(struct ql_call *call, struct qli_batch *batch, struct qli_item *item,
                              const struct qli_incoming *incoming)
{
    struct ql_delivery *delivery = &batch->deliveries[batch->n_deliveries];
    const struct qli_received received = {.routing_key = incoming->routing_key,
                                          .message_id = incoming->message_id,
                                          .bytes = incoming->body,
                                          .length = incoming->kept,
                                          .origin = qli_incoming_origin(incoming)};
    enum ql_code rc = qli_received_read(call, &received, batch->own_account, &delivery->event);

    item->incoming = incoming;
    if (rc == QL_OK) {
        delivery->routing_key = incoming->routing_key;
        delivery->account = account_of(incoming);
        item->delivery = delivery;
        item->type =
            ql_event_type_find(delivery->event.type) != NULL ? delivery->event.type : "custom";
        batch->n_deliveries++;
        return QL_OK;
    }
    if (rc != QL_RESOURCE_EXHAUSTED) {
        item->reason = ql_arena_strdup(call->arena, call->status.reason);
        item->text = ql_arena_strdup(call->arena, call->status.message);
    }
    ql_call_clear_status(call);
    if (item->reason == NULL || item->text == NULL)
        return ql_fail_memory(call);
    return QL_OK;
}

enum ql_code qli_batch_read(struct ql_call *call, const struct qli_intake *intake, size_t max,
                            const char *own_account, struct qli_batch *ret_batch)
{
    size_t n = intake->n_whole < max ? intake->n_whole : max;
    const struct qli_incoming *incoming = intake->first;
    enum ql_code rc;

    memset(ret_batch, 0, sizeof(*ret_batch));
    ret_batch->own_account = own_account;
    ret_batch->items = ql_arena_calloc(call->arena, n, sizeof(*ret_batch->items));
    ret_batch->deliveries = ql_arena_calloc(call->arena, n, sizeof(*ret_batch->deliveries));
    if (ret_batch->items == NULL || ret_batch->deliveries == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < n; i++) {
        rc = read_item(call, ret_batch, &ret_batch->items[i], incoming);
        ql_call_clear_status(call);
        if (rc != QL_OK && i > 0)
            break; /* it is the first of the next batch */
        if (rc != QL_OK) {
            /* It does not fit into a whole arena, so it never will. */
            ret_batch->items[0].reason = "MEMORY_LIMIT";
            ret_batch->items[0].text = "the event needs more memory than a batch may use";
        }
        ret_batch->n_items++;
        ret_batch->last_tag = incoming->tag;
        incoming = incoming->next;
        if (ql_arena_used(call->arena) > READ_BYTES_MAX)
            break;
    }
    return QL_OK;
}

/* Why an item is rejected; NULL: it is accepted. */
static const char *reason_of(const struct qli_item *item)
{
    if (item->delivery == NULL)
        return item->reason;
    return item->delivery->reject_reason[0] != '\0' ? item->delivery->reject_reason : NULL;
}

enum ql_code qli_batch_collect_rejected(struct ql_call *call, const char *dead_letter_key,
                                        struct qli_batch *batch)
{
    batch->dead_letters =
        ql_arena_calloc(call->arena, batch->n_items, sizeof(*batch->dead_letters));
    batch->headers = ql_arena_calloc(call->arena, batch->n_items, sizeof(*batch->headers));
    batch->n_dead_letters = 0;
    if (batch->dead_letters == NULL || batch->headers == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < batch->n_items; i++) {
        const struct qli_item *item = &batch->items[i];
        const struct qli_incoming *incoming = item->incoming;
        struct ql_message_out *message = &batch->dead_letters[batch->n_dead_letters];
        struct qli_dead_letter_headers *headers = &batch->headers[batch->n_dead_letters];

        if (reason_of(item) == NULL)
            continue;
        message->event_id = incoming->message_id;
        message->type = incoming->type;
        message->routing_key = dead_letter_key;
        message->bytes = incoming->body;
        message->length = incoming->kept;
        headers->reason = reason_of(item);
        headers->text = item->delivery != NULL ? item->delivery->reject_text : item->text;
        headers->routing_key = incoming->routing_key;
        headers->account = account_of(incoming);
        if (incoming->kept < incoming->body_length)
            headers->original_length = (size_t)incoming->body_length;
        batch->n_dead_letters++;
    }
    return QL_OK;
}

void qli_batch_drop_confirmed(struct qli_batch *batch)
{
    size_t n_left = 0;

    for (size_t i = 0; i < batch->n_dead_letters; i++) {
        if (batch->dead_letters[i].is_confirmed)
            continue;
        batch->dead_letters[n_left] = batch->dead_letters[i];
        batch->headers[n_left] = batch->headers[i];
        n_left++;
    }
    batch->n_dead_letters = n_left;
}

void qli_batch_count(const struct qli_batch *batch)
{
    ql_metrics_register(metrics, (int)QL_ARRAY_LENGTH(metrics));
    for (size_t i = 0; i < batch->n_items; i++) {
        const char *reason = reason_of(&batch->items[i]);

        if (reason != NULL) {
            ql_metric_add(&metrics[1], reason, 1);
            QL_LOG(QL_LOG_WARN, NULL, QL_TEXT("event", "dead letter"), QL_TEXT("reason", reason),
                   QL_TEXT("type", batch->items[i].type));
        } else {
            ql_metric_add(&metrics[0], batch->items[i].type, 1);
        }
    }
}
