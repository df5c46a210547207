/* Making deliveries ready: whatever can fail for good fails here, for one event
 * alone, so that the transaction fails for all of them and for a time only. */
#include "services/processing/live/batch.h"

#include <string.h>

#include "platform/audit/audit.h"
#include "platform/pb/schema/message.h"
#include "questline/audit/v1/names.h"
#include "services/processing/rules/definition_pb.h"
#include "services/processing/store/event_contents.h"

/* Large bodies take many times their size until they are rows: so few of them that
 * the memory of a batch suffices, and nothing is made ready twice. */
static const size_t segment_bytes = (size_t)1024 * 1024;

bool batch_event_is_new(const struct batch_event *event)
{
    return !event->is_repeated && !event->is_known && !event->is_forged;
}

static enum ql_code read_quest(struct ql_call *call, struct batch_event *event)
{
    struct definition *definition = ql_arena_alloc(call->arena, sizeof(*definition));
    QuestChanged *body;
    enum ql_code rc;

    if (definition == NULL)
        return ql_fail_memory(call);
    rc = ql_message_unpack(call, &QuestChanged_descriptor, event->event->body,
                           event->event->body_length, &body);
    if (rc != QL_OK)
        return rc;
    rc = definition_from_pb(call, body->quest, definition);
    if (rc != QL_OK)
        return rc;
    event->definition = definition;
    return QL_OK;
}

static enum ql_code read_event(struct ql_call *call, struct batch_event *event)
{
    char *payload;
    enum ql_code rc;

    rc = ql_event_body_json(call, event->event, &payload);
    if (rc != QL_OK)
        return rc;
    if (payload[0] != '{')
        return ql_fail(call, QL_INVALID_ARGUMENT, "BODY_NOT_AN_OBJECT",
                       "a body of type %s is no JSON object", event->event->body_type);
    event->payload = payload;
    if (strcmp(event->event->type, EVENT_ADMIN_ACTED) == 0)
        return ql_audit_check(call, event->event, event->delivery->account);
    if (strcmp(event->event->type, EVENT_QUEST_CHANGED) != 0)
        return QL_OK;
    return read_quest(call, event);
}

static bool have_one_name(const struct ql_event *a, const struct ql_event *b)
{
    const char *account_a = a->account_id != NULL ? a->account_id : "";
    const char *account_b = b->account_id != NULL ? b->account_id : "";

    return strcmp(a->event_id, b->event_id) == 0 && strcmp(account_a, account_b) == 0;
}

static void note_repetition(const struct batch *batch, struct batch_event *event)
{
    for (size_t i = 0; i < batch->n_events; i++) {
        const struct batch_event *earlier = &batch->events[i];

        if (!have_one_name(earlier->event, event->event))
            continue;
        event->is_repeated = true;
        event->is_repeated_otherwise = !event_contents_agree(earlier->contents, event->contents);
        return;
    }
}

static enum ql_code read_delivery(struct ql_call *call, struct batch_event *event)
{
    enum ql_code rc = event_contents_read(call, event->event, &event->contents);

    if (rc != QL_OK)
        return rc;
    return read_event(call, event);
}

enum ql_code batch_prepare(struct ql_call *call, struct ql_delivery *deliveries,
                           size_t n_deliveries, struct batch *ret_batch)
{
    struct batch batch = {.events =
                              ql_arena_calloc(call->arena, n_deliveries, sizeof(*batch.events))};

    if (batch.events == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < n_deliveries; i++) {
        struct batch_event event = {.delivery = &deliveries[i], .event = &deliveries[i].event};
        enum ql_code rc;

        if (deliveries[i].reject_reason[0] != '\0')
            continue;
        rc = read_delivery(call, &event);
        /* One event alone in fresh memory: no second try will find more. */
        if (rc == QL_RESOURCE_EXHAUSTED && n_deliveries > 1)
            return rc;
        if (rc != QL_OK) {
            ql_delivery_reject(&deliveries[i], call->status.reason, "%s", call->status.message);
            ql_call_clear_status(call);
            continue;
        }
        note_repetition(&batch, &event);
        batch.events[batch.n_events++] = event;
    }
    *ret_batch = batch;
    return QL_OK;
}

/* The quest that an event makes or changes; NULL for other events. */
static const Quest *quest_of(struct ql_call *call, const struct ql_event *event)
{
    QuestChanged *body;
    enum ql_code rc;

    if (strcmp(event->type, EVENT_QUEST_CHANGED) != 0)
        return NULL;
    ql_arena_reset(call->arena);
    rc = ql_message_unpack(call, &QuestChanged_descriptor, event->body, event->body_length, &body);
    ql_call_clear_status(call);
    return rc == QL_OK ? body->quest : NULL;
}

size_t batch_segment(struct ql_call *call, struct ql_arena *scratch,
                     const struct ql_delivery *deliveries, size_t n_deliveries)
{
    QL_CLEANUP(ql_arena_leave) struct ql_arena_scope scope = ql_arena_enter(&call->arena, scratch);
    bool is_last = false;
    size_t n = 0, bytes = 0;

    while (n < n_deliveries && !is_last) {
        const Quest *quest = quest_of(call, &deliveries[n].event);

        bytes += deliveries[n++].event.body_length;
        is_last = (quest != NULL && quest->backfill) || bytes >= segment_bytes;
    }
    return n;
}
