/* A payload in one spelling: members by name, numbers as they are stored. */
#include "services/processing/store/event_contents.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "platform/base/buffer.h"
#include "platform/base/id.h"
#include "platform/pb/schema/message.h"
#include "platform/pb/schema/wire_check.h"

/* What an event has unpacked: more than an envelope can hold. */
static const size_t payload_limit = 32u * 1024 * 1024;

static void write_struct(struct ql_buffer *out, const Google__Protobuf__Struct *payload);

static int compare_members(const void *a, const void *b)
{
    return strcmp((*(Google__Protobuf__Struct__FieldsEntry *const *)a)->key,
                  (*(Google__Protobuf__Struct__FieldsEntry *const *)b)->key);
}

/* Texts with their lengths, so that no two payloads are spelled alike. */
static void write_text(struct ql_buffer *out, const char *text)
{
    ql_buffer_printf(out, "%zu:%s", strlen(text), text);
}

static void write_value(struct ql_buffer *out, const Google__Protobuf__Value *value)
{
    uint64_t bits;

    switch (value->kind_case) {
    case GOOGLE__PROTOBUF__VALUE__KIND_NUMBER_VALUE:
        memcpy(&bits, &value->number_value, sizeof(bits));
        ql_buffer_printf(out, "n%" PRIx64 ";", bits);
        return;
    case GOOGLE__PROTOBUF__VALUE__KIND_STRING_VALUE:
        ql_buffer_append_byte(out, 's');
        write_text(out, value->string_value);
        return;
    case GOOGLE__PROTOBUF__VALUE__KIND_BOOL_VALUE:
        ql_buffer_append_byte(out, value->bool_value ? 't' : 'f');
        return;
    case GOOGLE__PROTOBUF__VALUE__KIND_STRUCT_VALUE:
        write_struct(out, value->struct_value);
        return;
    case GOOGLE__PROTOBUF__VALUE__KIND_LIST_VALUE:
        ql_buffer_append_byte(out, '[');
        for (size_t i = 0; i < value->list_value->n_values; i++)
            write_value(out, value->list_value->values[i]);
        ql_buffer_append_byte(out, ']');
        return;
    default:
        ql_buffer_append_byte(out, '0');
    }
}

static void write_struct(struct ql_buffer *out, const Google__Protobuf__Struct *payload)
{
    if (payload->n_fields > 1)
        qsort(payload->fields, payload->n_fields, sizeof(payload->fields[0]), compare_members);
    ql_buffer_append_byte(out, '{');
    for (size_t i = 0; i < payload->n_fields; i++) {
        write_text(out, payload->fields[i]->key);
        if (payload->fields[i]->value != NULL)
            write_value(out, payload->fields[i]->value);
    }
    ql_buffer_append_byte(out, '}');
}

enum ql_code event_contents(struct ql_call *call, const char *type, const char *user_id,
                            const Google__Protobuf__Struct *payload, const char **ret_contents)
{
    QL_CLEANUP(ql_buffer_done) struct ql_buffer spelled;
    char digest[QL_UUID_SIZE];

    ql_buffer_init(&spelled, 4 * (size_t)QL_WIRE_MAX_BYTES);
    if (payload != NULL)
        write_struct(&spelled, payload);
    else
        ql_buffer_printf(&spelled, "{}");
    ql_buffer_append_byte(&spelled, '\0');
    if (spelled.failed)
        return ql_fail_memory(call);
    ql_uuid_derive(digest,
                   (const char *const[]){"contents", type, user_id, (const char *)spelled.data}, 4);
    *ret_contents = ql_arena_strdup(call->arena, digest);
    return *ret_contents == NULL ? ql_fail_memory(call) : QL_OK;
}

static enum ql_code unpack_payload(struct ql_call *call, const struct ql_event *event,
                                   struct ql_arena *arena, Google__Protobuf__Struct **ret_payload)
{
    QL_CLEANUP(ql_arena_leave) struct ql_arena_scope scope = ql_arena_enter(&call->arena, arena);

    return ql_message_unpack(call, &google__protobuf__struct__descriptor, event->body,
                             event->body_length, ret_payload);
}

enum ql_code event_contents_read(struct ql_call *call, const struct ql_event *event,
                                 const char **ret_contents)
{
    QL_CLEANUP(ql_arena_freep) struct ql_arena *unpacked = NULL;
    Google__Protobuf__Struct *payload;
    enum ql_code rc;

    *ret_contents = NULL;
    if (!ql_event_type_is_custom(event->type))
        return QL_OK;
    unpacked = ql_arena_new(payload_limit);
    if (unpacked == NULL)
        return ql_fail_memory(call);
    rc = unpack_payload(call, event, unpacked, &payload);
    if (rc != QL_OK)
        return rc;
    return event_contents(call, event->type, event->user_id, payload, ret_contents);
}

bool event_contents_agree(const char *contents, const char *others)
{
    return contents == NULL || others == NULL || strcmp(contents, others) == 0;
}
