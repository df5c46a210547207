/* EventService: the event table, for administrators. */
#include "platform/pb/json/json.h"
#include "platform/pb/schema/message.h"
#include "platform/pb/schema/wire_check.h"
#include "platform/pb/wire/timestamp.h"
#include "platform/service/page.h"
#include "questline/processing/v1/server.h"
#include "services/processing/live/processing.h"
#include "services/processing/store/event_store.h"

enum {
    /* A page ends when its rows have taken this much of the call's memory: a
     * payload takes many times its size there. */
    PAGE_MEMORY = 3 * 1024 * 1024,
    /* Of all rows of an answer, and of a row beside its payload. */
    ELEMENTS_MAX = QL_WIRE_MAX_ELEMENTS - 1024,
    EVENT_ELEMENTS = 16,
    PAGE_SIZE_DEFAULT = 100,
};

/* Which rows a list has. */
struct event_filter {
    const char *user_id;    /* "": about anybody */
    const char *event_type; /* "": of any */
    int64_t from_seq;       /* 0: from the first on */
};

/* How many of the places one answer can show: at least one, whatever its size. */
static size_t refs_that_fit(const struct event_refs *refs, size_t n_asked)
{
    int64_t bytes = 0;
    size_t n = 0;

    while (n < refs->n && n < n_asked && bytes < QL_PAGE_MAX_BYTES)
        bytes += refs->all[n++].payload_bytes;
    return n;
}

/* NULL for a payload that is too large to show as a Struct. */
static Google__Protobuf__Struct *payload_to_pb(struct ql_call *call, const char *json)
{
    const ProtobufCMessageDescriptor *type = &google__protobuf__struct__descriptor;
    Google__Protobuf__Struct *payload;
    uint8_t *bytes;
    size_t length;

    if (json == NULL)
        return NULL;
    if (ql_message_from_json(call, type->name, json, &bytes, &length) == QL_OK &&
        ql_message_unpack(call, type, bytes, length, &payload) == QL_OK)
        return payload;
    ql_call_clear_status(call);
    return NULL;
}

static StoredEvent *event_to_pb(struct ql_call *call, const struct event_row *row)
{
    StoredEvent *event = ql_arena_alloc(call->arena, sizeof(*event));
    Google__Protobuf__Timestamp *occurred_at = ql_timestamp_new(call, row->occurred_ms);

    if (event == NULL || occurred_at == NULL)
        return NULL;
    StoredEvent_init(event);
    event->event_id = (char *)row->event_id;
    event->user_id = (char *)row->user_id;
    event->event_type = (char *)row->event_type;
    event->occurred_at = occurred_at;
    event->payload = payload_to_pb(call, row->payload);
    return event;
}

static size_t elements_of_struct(const Google__Protobuf__Struct *payload);

/* As the wire check of whoever reads the answer counts them. */
static size_t elements_of_value(const Google__Protobuf__Value *value)
{
    size_t n = 1;

    if (value->kind_case == GOOGLE__PROTOBUF__VALUE__KIND_STRUCT_VALUE)
        return n + elements_of_struct(value->struct_value);
    if (value->kind_case != GOOGLE__PROTOBUF__VALUE__KIND_LIST_VALUE)
        return n;
    for (size_t i = 0; i < value->list_value->n_values; i++)
        n += 1 + elements_of_value(value->list_value->values[i]);
    return n;
}

static size_t elements_of_struct(const Google__Protobuf__Struct *payload)
{
    size_t n = 0;

    for (size_t i = 0; i < payload->n_fields; i++)
        n += 3 + elements_of_value(payload->fields[i]->value);
    return n;
}

/* Shows rows, the first whatever its size, until the answer is full: by bytes, by
 * elements, by memory. */
static enum ql_code fill_answer(struct ql_call *call, const struct event_row *rows, size_t n_rows,
                                ListEventsResponse *out)
{
    size_t bytes = 0, elements = 0, begin = ql_arena_used(call->arena);

    out->events = ql_arena_calloc(call->arena, n_rows, sizeof(*out->events));
    if (out->events == NULL)
        return ql_fail_memory(call);
    while (out->n_events < n_rows) {
        StoredEvent *event = event_to_pb(call, &rows[out->n_events]);

        if (event == NULL)
            return ql_fail_memory(call);
        if (event->payload != NULL && elements_of_struct(event->payload) > ELEMENTS_MAX)
            event->payload = NULL; /* more than an answer can have */
        bytes += StoredEvent_pack_size(event);
        elements += EVENT_ELEMENTS;
        if (event->payload != NULL)
            elements += elements_of_struct(event->payload);
        if (out->n_events > 0 && (bytes > QL_PAGE_MAX_BYTES || elements > ELEMENTS_MAX))
            break;
        out->events[out->n_events++] = event;
        if (ql_arena_used(call->arena) - begin > PAGE_MEMORY)
            break;
    }
    return QL_OK;
}

/* Where the next page begins: behind the last row shown, or, when all that was found
 * is shown, behind the rows that were looked at. 0: this is the last page. */
static int64_t next_cursor(const struct event_refs *refs, const ListEventsResponse *out)
{
    if (out->n_events < refs->n)
        return refs->all[out->n_events - 1].seq;
    return refs->seen_seq;
}

/* The tokens of a page of which next_cursor says next; next may be 0. */
static enum ql_code fill_tokens(struct ql_call *call, const struct ql_page *page, int64_t next,
                                int64_t end_seq, ListEventsResponse *out)
{
    enum ql_code rc = ql_page_token_number(call, page, end_seq, &out->resume_page_token);

    if (rc != QL_OK)
        return rc;
    if (next != 0)
        out->next_page_token = out->resume_page_token;
    return QL_OK;
}

/* A page of the rows that a filter lets pass, in arrival order. */
static enum ql_code list_events(struct ql_call *call, const struct ql_page *page,
                                const struct event_filter *filter, ListEventsResponse *out)
{
    struct processing *app = call->app;
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    struct event_refs refs;
    struct event_row *rows;
    size_t n_rows;
    int64_t after_seq = ql_page_after_number(page), next;
    enum ql_code rc;

    if (page->is_first && filter->from_seq > 0)
        after_seq = filter->from_seq - 1;
    rc = ql_pg_begin(call, app->parts.pg, &tx);
    if (rc != QL_OK)
        return rc;
    rc = event_store_list(call, tx, filter->user_id, filter->event_type, after_seq, page->n_rows,
                          &refs);
    if (rc != QL_OK)
        return rc;
    rc = event_store_get_rows(call, tx, refs.all, refs_that_fit(&refs, (size_t)page->n_rows),
                              QL_PAGE_MAX_BYTES, &rows, &n_rows);
    if (rc != QL_OK)
        return rc;
    ql_pg_tx_endp(&tx);
    rc = fill_answer(call, rows, n_rows, out);
    if (rc != QL_OK)
        return rc;
    next = next_cursor(&refs, out);
    if (next != 0)
        after_seq = next;
    else if (refs.n > 0)
        after_seq = refs.all[refs.n - 1].seq;
    return fill_tokens(call, page, next, after_seq, out);
}

/* ListEvents: a page of the event table, in arrival order. */
static enum ql_code event_rpc_list(struct ql_call *call, const ListEventsRequest *in,
                                   ListEventsResponse *out)
{
    struct ql_page page;
    enum ql_code rc;

    rc = ql_page_read(call, in, PAGE_SIZE_DEFAULT, &page);
    if (rc != QL_OK)
        return rc;
    return list_events(call, &page,
                       &(const struct event_filter){.user_id = in->user_id,
                                                    .event_type = in->event_type,
                                                    .from_seq = in->from_seq},
                       out);
}

/* ListUserEvents: the same, of one user, who may see it. */
static enum ql_code event_rpc_list_of_user(struct ql_call *call, const ListUserEventsRequest *in,
                                           ListUserEventsResponse *out)
{
    ListEventsResponse found;
    struct ql_page page;
    enum ql_code rc;

    rc = ql_page_read(call, in, PAGE_SIZE_DEFAULT, &page);
    if (rc != QL_OK)
        return rc;
    if (!ql_uuid_is_valid(in->user_id)) /* nobody, about whom nothing is stored */
        return QL_OK;
    ListEventsResponse_init(&found);
    rc =
        list_events(call, &page,
                    &(const struct event_filter){.user_id = in->user_id, .event_type = ""}, &found);
    out->events = found.events;
    out->n_events = found.n_events;
    out->next_page_token = found.next_page_token;
    out->resume_page_token = found.resume_page_token;
    return rc;
}

QL_RPC_SERVE(EventService_ListEvents, event_rpc_list)
QL_RPC_SERVE(EventService_ListUserEvents, event_rpc_list_of_user)
