/* Assembling messages from their frames: DELIVER, HEADER, BODY... */
#include "platform/events/intake.h"

#include <stdlib.h>
#include <string.h>

#include "platform/events/event.h"

void qli_intake_init(struct qli_intake *intake, size_t limit)
{
    memset(intake, 0, sizeof(*intake));
    intake->limit = limit;
}

void qli_intake_pop(struct qli_intake *intake, size_t n)
{
    for (size_t i = 0; i < n && intake->first != NULL; i++) {
        struct qli_incoming *first = intake->first;

        intake->first = first->next;
        intake->n_whole--;
        free(first);
    }
    if (intake->first == NULL)
        intake->last = NULL;
}

struct ql_message_origin qli_incoming_origin(const struct qli_incoming *incoming)
{
    return (struct ql_message_origin){.account = incoming->account,
                                      .original = incoming->original,
                                      .has_more_keys = incoming->has_more_keys};
}

void qli_intake_done(struct qli_intake *intake)
{
    qli_intake_pop(intake, intake->n_whole);
    free(intake->partial);
    qli_intake_init(intake, intake->limit);
}

/* Copies an AMQP string, cut to fit. A NUL would hide the rest from every check: it becomes
 * '?', which no key, id or type has. */
void qli_text_of_bytes(char *ret_text, size_t size, amqp_bytes_t bytes)
{
    size_t length = bytes.len < size ? bytes.len : size - 1;

    for (size_t i = 0; i < length; i++) {
        ret_text[i] = ((const char *)bytes.bytes)[i];
        if (ret_text[i] == '\0')
            ret_text[i] = '?';
    }
    ret_text[length] = '\0';
}

static bool is_key(amqp_bytes_t key, const char *name)
{
    return key.len == strlen(name) && memcmp(key.bytes, name, key.len) == 0;
}

void qli_header_text(const amqp_table_t *headers, const char *key, char *ret_text, size_t size)
{
    ret_text[0] = '\0';
    for (int i = 0; i < headers->num_entries; i++) {
        const amqp_table_entry_t *entry = &headers->entries[i];

        if (entry->value.kind == AMQP_FIELD_KIND_UTF8 && is_key(entry->key, key))
            qli_text_of_bytes(ret_text, size, entry->value.value.bytes);
    }
}

bool qli_headers_name_more_keys(const amqp_table_t *headers)
{
    for (int i = 0; i < headers->num_entries; i++) {
        amqp_bytes_t key = headers->entries[i].key;

        if (is_key(key, "CC") || is_key(key, "BCC"))
            return true;
    }
    return false;
}

static bool take_deliver(struct qli_intake *intake, const amqp_basic_deliver_t *deliver)
{
    if (intake->expects_header || intake->partial != NULL || intake->n_whole >= intake->limit)
        return false;
    intake->expects_header = true;
    intake->tag = deliver->delivery_tag;
    qli_text_of_bytes(intake->key, sizeof(intake->key), deliver->routing_key);
    return true;
}

static void finish_if_whole(struct qli_intake *intake)
{
    struct qli_incoming *whole = intake->partial;

    if (whole->received < whole->body_length)
        return;
    intake->partial = NULL;
    if (intake->last == NULL)
        intake->first = whole;
    else
        intake->last->next = whole;
    intake->last = whole;
    intake->n_whole++;
}

static bool take_header(struct qli_intake *intake, uint64_t body_length,
                        const amqp_basic_properties_t *properties)
{
    /* One byte past the limit is kept, so that the size is still too large when it is read. */
    size_t kept =
        body_length > QL_EVENT_MAX_BYTES ? QL_EVENT_MAX_BYTES + (size_t)1 : (size_t)body_length;
    struct qli_incoming *incoming;

    if (!intake->expects_header)
        return false;
    incoming = calloc(1, sizeof(*incoming) + kept);
    if (incoming == NULL)
        return false;
    intake->expects_header = false;
    incoming->tag = intake->tag;
    memcpy(incoming->routing_key, intake->key, sizeof(incoming->routing_key));
    if (properties->_flags & AMQP_BASIC_MESSAGE_ID_FLAG)
        qli_text_of_bytes(incoming->message_id, sizeof(incoming->message_id),
                          properties->message_id);
    if (properties->_flags & AMQP_BASIC_TYPE_FLAG)
        qli_text_of_bytes(incoming->type, sizeof(incoming->type), properties->type);
    if (properties->_flags & AMQP_BASIC_USER_ID_FLAG)
        qli_text_of_bytes(incoming->account, sizeof(incoming->account), properties->user_id);
    if (properties->_flags & AMQP_BASIC_HEADERS_FLAG) {
        qli_header_text(&properties->headers, QLI_HEADER_ORIGINAL_ACCOUNT, incoming->original,
                        sizeof(incoming->original));
        incoming->has_more_keys = qli_headers_name_more_keys(&properties->headers);
    }
    incoming->body_length = body_length;
    incoming->kept = kept;
    intake->partial = incoming;
    finish_if_whole(intake);
    return true;
}

static bool take_body(struct qli_intake *intake, amqp_bytes_t fragment)
{
    struct qli_incoming *partial = intake->partial;

    if (partial == NULL || fragment.len > partial->body_length - partial->received)
        return false;
    if (partial->received < partial->kept) {
        size_t space = partial->kept - (size_t)partial->received;

        memcpy(partial->body + partial->received, fragment.bytes,
               fragment.len < space ? fragment.len : space);
    }
    partial->received += fragment.len;
    finish_if_whole(intake);
    return true;
}

bool qli_intake_frame(struct qli_intake *intake, const amqp_frame_t *frame)
{
    switch (frame->frame_type) {
    case AMQP_FRAME_METHOD:
        /* Other methods are ignored. */
        return frame->payload.method.id != AMQP_BASIC_DELIVER_METHOD ||
               take_deliver(intake, frame->payload.method.decoded);
    case AMQP_FRAME_HEADER:
        return take_header(intake, frame->payload.properties.body_size,
                           frame->payload.properties.decoded);
    case AMQP_FRAME_BODY:
        return take_body(intake, frame->payload.body_fragment);
    default:
        return true;
    }
}
