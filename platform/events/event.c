/* Event types of the contract, and making, packing, reading and checking the envelope. */
#include "platform/events/event.h"

#include <ctype.h>
#include <string.h>

#include "platform/base/clock.h"
#include "platform/base/id.h"
#include "platform/base/text.h"
#include "platform/pb/json/json.h"
#include "platform/pb/schema/message.h"
#include "platform/pb/schema/schema.h"
#include "platform/pb/schema/wire_check.h"
#include "platform/pb/wire/timestamp.h"
#include "questline/event/v1/names.h"

#define ANY_PREFIX  "type.googleapis.com/"
#define CUSTOM_KEY  "custom."
#define CUSTOM_BODY "google.protobuf.Struct"

enum { NANOS_PER_MS = 1000000, NANOS_MAX = 999999999 };

/* Seconds since 1970 of 2000-01-01 and of 10000-01-01: RFC 3339 and database columns can hold
 * the times in between, and a value in a wrong unit lies outside. */
static const int64_t oldest_s = 946684800;
static const int64_t newest_s = 253402300800;

const struct ql_event_type *ql_event_type_find(const char *type)
{
    return ql_schema_event_type(ql_schema_embedded(), type);
}

/* Two or more words of [a-z0-9_], each beginning with a letter, joined by dots: no reserved
 * name has this form. */
bool ql_event_type_is_custom(const char *type)
{
    bool at_word_start = true, has_dot = false;

    if (strlen(type) >= QL_EVENT_TYPE_MAX)
        return false;
    for (const char *c = type; *c != '\0'; c++) {
        if (*c == '.') {
            if (at_word_start)
                return false;
            at_word_start = true;
            has_dot = true;
        } else if (*c >= 'a' && *c <= 'z') {
            at_word_start = false;
        } else if (at_word_start || !((*c >= '0' && *c <= '9') || *c == '_')) {
            return false;
        }
    }
    return has_dot && !at_word_start;
}

bool ql_event_type_is_of_users(const char *type)
{
    const struct ql_event_type *row = ql_event_type_find(type);

    return row != NULL ? row->is_of_users : ql_event_type_is_custom(type);
}

const char *ql_event_type_publisher(const char *type)
{
    const struct ql_event_type *row = ql_event_type_find(type);

    return row != NULL ? row->publisher : ql_schema_custom_publisher(ql_schema_embedded());
}

bool ql_event_type_fits_key(const char *type, const char *routing_key)
{
    const struct ql_event_type *row = ql_event_type_find(type);
    size_t prefix = strlen(CUSTOM_KEY);

    if (row != NULL)
        return strcmp(row->routing_key, routing_key) == 0;
    return ql_event_type_is_custom(type) && strncmp(routing_key, CUSTOM_KEY, prefix) == 0 &&
           strcmp(routing_key + prefix, type) == 0;
}

enum ql_code ql_event_make(struct ql_call *call, const char *type, const char *event_id,
                           const char *user_id, const ProtobufCMessage *body,
                           struct ql_event *ret_event)
{
    const struct ql_event_type *row = ql_event_type_find(type);
    char new_id[QL_UUID_SIZE], traceparent[QL_TRACEPARENT_SIZE];
    uint8_t *bytes;
    size_t length;
    enum ql_code rc;

    if (row == NULL || strcmp(row->body, body->descriptor->name) != 0)
        return ql_fail(call, QL_INTERNAL, "EVENT_BODY_MISMATCH", "%s does not travel as %s",
                       body->descriptor->name, type);
    rc = ql_message_pack(call, body, &bytes, &length);
    if (rc != QL_OK)
        return rc;
    if (event_id == NULL) {
        ql_uuid_new(new_id);
        event_id = new_id;
    }
    ql_trace_format(&call->trace, traceparent);
    memset(ret_event, 0, sizeof(*ret_event));
    ret_event->event_id = ql_arena_strdup(call->arena, event_id);
    ret_event->type = row->type;
    ret_event->user_id = ql_arena_strdup(call->arena, user_id);
    ret_event->occurred_ms = ql_unix_ms();
    ret_event->traceparent = ql_arena_strdup(call->arena, traceparent);
    ret_event->body_type = row->body;
    ret_event->body = bytes;
    ret_event->body_length = length;
    if (ret_event->event_id == NULL || ret_event->user_id == NULL || ret_event->traceparent == NULL)
        return ql_fail_memory(call);
    return QL_OK;
}

enum ql_code ql_event_pack(struct ql_call *call, const struct ql_event *event, uint8_t **ret_bytes,
                           size_t *ret_length)
{
    Google__Protobuf__Timestamp occurred_at;
    Google__Protobuf__Any body = GOOGLE__PROTOBUF__ANY__INIT;
    Event envelope;
    enum ql_code rc;

    Event_init(&envelope);
    ql_timestamp_set(&occurred_at, event->occurred_ms);
    body.type_url = ql_arena_printf(call->arena, ANY_PREFIX "%s", event->body_type);
    if (body.type_url == NULL)
        return ql_fail_memory(call);
    body.value.data = (uint8_t *)event->body;
    body.value.len = event->body_length;
    envelope.event_id = (char *)event->event_id;
    envelope.event_type = (char *)event->type;
    envelope.user_id = (char *)event->user_id;
    envelope.occurred_at = &occurred_at;
    envelope.traceparent = (char *)event->traceparent;
    envelope.body = &body;
    if (event->account_id != NULL)
        envelope.account_id = (char *)event->account_id;
    rc = ql_message_pack(call, &envelope, ret_bytes, ret_length);
    if (rc != QL_OK)
        return rc;
    if (*ret_length > QL_EVENT_MAX_BYTES)
        return ql_fail(call, QL_INVALID_ARGUMENT, "EVENT_TOO_LARGE",
                       "an event has at most %d bytes", QL_EVENT_MAX_BYTES);
    return QL_OK;
}

/* Reads a UUID in lower case, so that ids can be compared as texts. */
static enum ql_code read_id(struct ql_call *call, const char *name, const char *text,
                            const char **ret_id)
{
    char *id;

    if (!ql_uuid_is_valid(text))
        return ql_fail(call, QL_INVALID_ARGUMENT, "EVENT_ID_INVALID", "%s is not a UUID", name);
    id = ql_arena_strdup(call->arena, text);
    if (id == NULL)
        return ql_fail_memory(call);
    ql_text_lower(id);
    *ret_id = id;
    return QL_OK;
}

static enum ql_code read_time(struct ql_call *call, const Google__Protobuf__Timestamp *time,
                              int64_t *ret_ms)
{
    if (time == NULL || time->seconds < oldest_s || time->seconds >= newest_s || time->nanos < 0 ||
        time->nanos > NANOS_MAX)
        return ql_fail(call, QL_INVALID_ARGUMENT, "EVENT_TIME_INVALID",
                       "occurred_at is not a time between 2000 and 9999");
    *ret_ms = ql_timestamp_ms(time);
    return QL_OK;
}

/* The body must be the message that the type's row names, or a Struct. */
static enum ql_code read_body(struct ql_call *call, const Google__Protobuf__Any *body,
                              struct ql_event *event)
{
    const struct ql_event_type *row = ql_event_type_find(event->type);
    const char *expected = row != NULL ? row->body : CUSTOM_BODY;
    const struct ql_message *message;
    const char *slash;

    if (body == NULL)
        return ql_fail(call, QL_INVALID_ARGUMENT, "EVENT_BODY_MISSING", "the event has no body");
    slash = strrchr(body->type_url, '/');
    if (slash == NULL || strcmp(slash + 1, expected) != 0)
        return ql_fail(call, QL_INVALID_ARGUMENT, "EVENT_BODY_MISMATCH",
                       "the body of %s is a %s, not %.80s", event->type, expected, body->type_url);
    message = ql_schema_message(ql_schema_embedded(), expected);
    if (message == NULL)
        return ql_fail(call, QL_INVALID_ARGUMENT, "EVENT_BODY_UNKNOWN",
                       "the contract has no message %s", expected);
    event->body_type = expected;
    event->body = body->value.data;
    event->body_length = body->value.len;
    return ql_wire_check(call, message, event->body, event->body_length);
}

enum ql_code ql_event_unpack(struct ql_call *call, const void *bytes, size_t length,
                             struct ql_event *ret_event)
{
    struct ql_event event = {.user_id = "", .account_id = "", .traceparent = ""};
    Event *envelope;
    enum ql_code rc;

    if (length > QL_EVENT_MAX_BYTES)
        return ql_fail(call, QL_INVALID_ARGUMENT, "EVENT_TOO_LARGE",
                       "an event has at most %d bytes", QL_EVENT_MAX_BYTES);
    rc = ql_message_unpack(call, &Event_descriptor, bytes, length, &envelope);
    if (rc != QL_OK)
        return rc;
    rc = read_id(call, "event_id", envelope->event_id, &event.event_id);
    if (rc == QL_OK && envelope->user_id[0] != '\0')
        rc = read_id(call, "user_id", envelope->user_id, &event.user_id);
    if (rc != QL_OK)
        return rc;
    event.type = envelope->event_type;
    if (ql_event_type_find(event.type) == NULL && !ql_event_type_is_custom(event.type))
        return ql_fail(call, QL_INVALID_ARGUMENT, "EVENT_TYPE_INVALID",
                       "%.80s is neither a reserved type nor dotted lower case", event.type);
    /* Events of reserved types come from services and have no service account. */
    if (ql_event_type_is_custom(event.type) && envelope->account_id[0] != '\0')
        rc = read_id(call, "account_id", envelope->account_id, &event.account_id);
    if (rc != QL_OK)
        return rc;
    if (ql_event_type_is_custom(event.type) && ql_uuid_is_derived(event.event_id))
        return ql_fail(call, QL_INVALID_ARGUMENT, "EVENT_ID_RESERVED",
                       "ids of version 8 name effects: no game server may choose one");
    rc = read_time(call, envelope->occurred_at, &event.occurred_ms);
    if (rc != QL_OK)
        return rc;
    /* A malformed trace is ignored; the event is valid. */
    if (strlen(envelope->traceparent) < QL_TRACEPARENT_SIZE)
        event.traceparent = envelope->traceparent;
    rc = read_body(call, envelope->body, &event);
    if (rc != QL_OK)
        return rc;
    *ret_event = event;
    return QL_OK;
}

enum ql_code ql_event_body_json(struct ql_call *call, const struct ql_event *event, char **ret_json)
{
    return ql_message_to_json(call, event->body_type, event->body, event->body_length, ret_json);
}
