/* PublishService: events of game servers go into the outbox, and from there the
 * way of every event. That the account may publish is in its token. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/auth/token_grant.h"
#include "platform/base/clock.h"
#include "platform/base/text.h"
#include "platform/events/event.h"
#include "platform/events/grant.h"
#include "platform/outbox/outbox.h"
#include "platform/pb/schema/message.h"
#include "platform/pb/wire/timestamp.h"
#include "questline/processing/v1/server.h"
#include "services/processing/live/processing.h"
#include "services/processing/store/event_contents.h"
#include "services/processing/store/event_store.h"

enum { AHEAD_MAX_MS = 5 * 60 * 1000, FIELD_SIZE = 48 };

/* Violates a field of the event at index. */
static void violate_event(struct ql_call *call, size_t index, const char *field, const char *what)
{
    char path[FIELD_SIZE];

    snprintf(path, sizeof(path), "events[%zu].%s", index, field);
    (void)ql_violate(call, path, "%s", what);
}

static const char *lower_case(struct ql_call *call, const char *text)
{
    char *copy = ql_arena_strdup(call->arena, text);

    if (copy != NULL)
        ql_text_lower(copy);
    return copy;
}

/* Names the event, as for bad input. */
static enum ql_code refuse_type(struct ql_call *call, size_t index, const char *type)
{
    char text[FIELD_SIZE + QL_EVENT_TYPE_MAX];

    snprintf(text, sizeof(text), "this account may not publish %s", type);
    violate_event(call, index, "eventType", text);
    call->status.code = QL_PERMISSION_DENIED;
    snprintf(call->status.reason, sizeof(call->status.reason), "EVENT_TYPE_NOT_GRANTED");
    return QL_PERMISSION_DENIED;
}

static enum ql_code check_request(struct ql_call *call, const PublishEventsRequest *in)
{
    int64_t latest_ms = ql_unix_ms() + AHEAD_MAX_MS;
    const char *grant;
    enum ql_code rc;

    for (size_t i = 0; i < in->n_events; i++)
        if (in->events[i]->occurred_at != NULL &&
            ql_timestamp_ms(in->events[i]->occurred_at) > latest_ms)
            violate_event(call, i, "occurredAt", "must be at most five minutes ahead");
    if (call->status.code != QL_OK)
        return call->status.code;
    rc = ql_token_event_grant(call, call->authorization, &grant);
    if (rc != QL_OK)
        return rc;
    for (size_t i = 0; i < in->n_events; i++)
        if (!ql_event_grant_allows(grant, in->events[i]->event_type))
            return refuse_type(call, i, in->events[i]->event_type);
    return QL_OK;
}

/* An event as it travels; the request was checked. */
static enum ql_code make_event(struct ql_call *call, const PublishedEvent *in, size_t index,
                               const char *traceparent, struct ql_event *ret_event)
{
    Google__Protobuf__Struct empty = GOOGLE__PROTOBUF__STRUCT__INIT;
    uint8_t *body;
    size_t body_length;
    enum ql_code rc;

    rc = ql_message_pack(call, in->payload != NULL ? in->payload : &empty, &body, &body_length);
    if (rc != QL_OK)
        return rc;
    *ret_event = (struct ql_event){
        .event_id = lower_case(call, in->event_id),
        .type = in->event_type,
        .user_id = lower_case(call, in->user_id),
        .occurred_ms = in->occurred_at != NULL ? ql_timestamp_ms(in->occurred_at) : ql_unix_ms(),
        .traceparent = traceparent,
        .body_type = google__protobuf__struct__descriptor.name,
        .body = body,
        .body_length = body_length,
    };
    if (ret_event->event_id == NULL || ret_event->user_id == NULL)
        return ql_fail_memory(call);
    if (body_length > QL_EVENT_MAX_BYTES - 1024) { /* the envelope's own bytes */
        violate_event(call, index, "payload", "must have at most 255 KiB");
        return QL_INVALID_ARGUMENT;
    }
    return QL_OK;
}

/* Whose ids the request's are: an account's, or of whoever else may publish. */
static const char *account_of(struct ql_call *call)
{
    const char *subject = call->identity.subject;
    const char *const parts[] = {"publisher", subject};
    char *account = ql_arena_alloc(call->arena, QL_UUID_SIZE);

    if (ql_uuid_is_valid(subject))
        return lower_case(call, subject);
    if (account != NULL)
        ql_uuid_derive(account, parts, QL_ARRAY_LENGTH(parts));
    return account;
}

static enum ql_code fail_taken(struct ql_call *call, size_t index)
{
    return ql_fail(call, QL_ALREADY_EXISTS, "EVENT_ID_TAKEN",
                   "events[%zu].eventId: this account has published another event with this id",
                   index);
}

struct published {
    struct ql_event event;
    const char *contents;
    size_t index; /* in the request */
};

static int compare_ids(const void *a, const void *b)
{
    const struct published *left = a, *right = b;
    int order = strcmp(left->event.event_id, right->event.event_id);

    if (order != 0)
        return order;
    return left->index < right->index ? -1 : left->index > right->index;
}

static int compare_indices(const void *a, const void *b)
{
    const struct published *left = a, *right = b;

    return left->index < right->index ? -1 : left->index > right->index;
}

/* Leaves each id once, the first, in the order of the request. */
static enum ql_code drop_repeated(struct ql_call *call, struct published *events, size_t *n_events)
{
    size_t n = 0, taken = SIZE_MAX;

    qsort(events, *n_events, sizeof(*events), compare_ids);
    for (size_t i = 0; i < *n_events; i++) {
        if (n == 0 || strcmp(events[n - 1].event.event_id, events[i].event.event_id) != 0)
            events[n++] = events[i];
        else if (!event_contents_agree(events[n - 1].contents, events[i].contents) &&
                 events[i].index < taken)
            taken = events[i].index;
    }
    if (taken != SIZE_MAX)
        return fail_taken(call, taken);
    qsort(events, n, sizeof(*events), compare_indices);
    *n_events = n;
    return QL_OK;
}

/* Leaves those that are not stored. */
static enum ql_code drop_known(struct ql_call *call, struct ql_pg_tx *tx, struct published *events,
                               size_t *n_events)
{
    struct event_name *names = ql_arena_calloc(call->arena, *n_events, sizeof(*names));
    size_t n = 0;
    enum ql_code rc;

    if (names == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < *n_events; i++)
        names[i] = (struct event_name){.event_id = events[i].event.event_id,
                                       .account_id = events[i].event.account_id,
                                       .is_custom = true};
    rc = event_store_find_known(call, tx, names, *n_events);
    for (size_t i = 0; i < *n_events; i++) {
        if (!names[i].is_known)
            events[n++] = events[i];
        else if (!event_contents_agree(names[i].contents, events[i].contents))
            return fail_taken(call, events[i].index);
    }
    *n_events = n;
    return rc;
}

static enum ql_code make_events(struct ql_call *call, const PublishEventsRequest *in,
                                struct published *events)
{
    char *traceparent = ql_arena_alloc(call->arena, QL_TRACEPARENT_SIZE);
    const char *account_id = account_of(call);
    enum ql_code rc;

    if (traceparent == NULL || account_id == NULL)
        return ql_fail_memory(call);
    ql_trace_format(&call->trace, traceparent);
    for (size_t i = 0; i < in->n_events; i++) {
        events[i].index = i;
        rc = make_event(call, in->events[i], i, traceparent, &events[i].event);
        if (rc != QL_OK)
            return rc;
        events[i].event.account_id = account_id;
        rc = event_contents(call, events[i].event.type, events[i].event.user_id,
                            in->events[i]->payload, &events[i].contents);
        if (rc != QL_OK)
            return rc;
    }
    return QL_OK;
}

static enum ql_code publish_new(struct ql_call *call, struct ql_pg_tx *tx,
                                const struct published *published, size_t n)
{
    struct ql_event *events = ql_arena_calloc(call->arena, n, sizeof(*events));

    if (n == 0)
        return QL_OK;
    if (events == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < n; i++)
        events[i] = published[i].event;
    return ql_outbox_add(call, tx, events, n);
}

/* PublishEvents: all of them or none. */
static enum ql_code publish_rpc_publish(struct ql_call *call, const PublishEventsRequest *in,
                                        PublishEventsResponse *out)
{
    struct processing *app = call->app;
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    struct published *events;
    size_t n_events = in->n_events;
    enum ql_code rc;

    rc = check_request(call, in); /* validate */
    if (rc != QL_OK)
        return rc;
    events = ql_arena_calloc(call->arena, n_events, sizeof(*events));
    if (events == NULL)
        return ql_fail_memory(call);
    rc = make_events(call, in, events);
    if (rc != QL_OK)
        return rc;
    rc = drop_repeated(call, events, &n_events);
    if (rc != QL_OK)
        return rc;
    rc = ql_pg_begin(call, app->parts.pg, &tx);
    if (rc != QL_OK)
        return rc;
    rc = drop_known(call, tx, events, &n_events);
    if (rc != QL_OK)
        return rc;
    rc = publish_new(call, tx, events, n_events);
    if (rc != QL_OK)
        return rc;
    rc = ql_service_commit(call, &tx);
    if (rc != QL_OK)
        return rc;
    out->accepted = (int32_t)n_events;
    out->known = (int32_t)(in->n_events - n_events);
    return QL_OK;
}

QL_RPC_SERVE(PublishService_PublishEvents, publish_rpc_publish)
