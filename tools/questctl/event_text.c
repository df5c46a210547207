/* Envelopes, spelled out. */
#include "tools/questctl/event_text.h"

#include "platform/base/clock.h"

const struct ql_event *event_read(struct ql_call *call, const void *bytes, size_t length)
{
    struct ql_event *event = ql_arena_alloc(call->arena, sizeof(*event));

    if (event == NULL) {
        ql_fail_memory(call);
        return NULL;
    }
    return ql_event_unpack(call, bytes, length, event) == QL_OK ? event : NULL;
}

/* The facts; "{}" when they cannot be shown. */
static const char *body_of(struct ql_call *call, const struct ql_event *event)
{
    char *json;

    if (ql_event_body_json(call, event, &json) == QL_OK)
        return json;
    ql_call_clear_status(call);
    return "{}";
}

void event_write_json(struct ql_call *call, const struct ql_event *event, struct ql_buffer *out)
{
    char time[QL_RFC3339_MAX];

    ql_rfc3339_from_unix_ms(event->occurred_ms, time);
    object_text(out, "eventId", event->event_id);
    object_text(out, "eventType", event->type);
    object_text(out, "userId", event->user_id);
    object_text(out, "occurredAt", time);
    object_raw(out, "payload", body_of(call, event));
}

void event_write_line(struct ql_call *call, const struct ql_event *event, struct ql_buffer *out)
{
    char time[QL_RFC3339_MAX];

    ql_rfc3339_from_unix_ms(event->occurred_ms, time);
    ql_buffer_printf(out, "%s  %-16s  user %s  event %s  %s", time, event->type,
                     event->user_id[0] == '\0' ? "-" : event->user_id, event->event_id,
                     body_of(call, event));
}
