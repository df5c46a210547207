/* Reading the properties, the headers and the body of a dead letter. */
#include "platform/events/dead_letter_message.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/base/hex.h"
#include "platform/events/account.h"
#include "platform/events/dead_letter_headers.h"

static void read_headers(struct qli_dead_letter *dead_letter, const amqp_table_t *headers)
{
    qli_header_text(headers, QLI_HEADER_REASON, dead_letter->reason, sizeof(dead_letter->reason));
    qli_header_text(headers, QLI_HEADER_TEXT, dead_letter->text, sizeof(dead_letter->text));
    qli_header_text(headers, QLI_HEADER_ROUTING_KEY, dead_letter->routing_key,
                    sizeof(dead_letter->routing_key));
    qli_header_text(headers, QLI_HEADER_ORIGINAL_ACCOUNT, dead_letter->account,
                    sizeof(dead_letter->account));
    dead_letter->has_more_keys = qli_headers_name_more_keys(headers);
    for (int i = 0; i < headers->num_entries; i++) {
        const amqp_table_entry_t *entry = &headers->entries[i];

        if (entry->value.kind == AMQP_FIELD_KIND_I64 && entry->value.value.i64 > 0 &&
            entry->key.len == strlen(QLI_HEADER_ORIGINAL_LENGTH))
            dead_letter->original_length = (size_t)entry->value.value.i64;
    }
}

uint64_t qli_dead_letter_read_header(struct qli_dead_letter *dead_letter, const amqp_frame_t *frame)
{
    const amqp_basic_properties_t *properties = frame->payload.properties.decoded;

    if (properties->_flags & AMQP_BASIC_MESSAGE_ID_FLAG)
        qli_text_of_bytes(dead_letter->message_id, sizeof(dead_letter->message_id),
                          properties->message_id);
    if (properties->_flags & AMQP_BASIC_TYPE_FLAG)
        qli_text_of_bytes(dead_letter->type, sizeof(dead_letter->type), properties->type);
    if (properties->_flags & AMQP_BASIC_USER_ID_FLAG)
        qli_text_of_bytes(dead_letter->author, sizeof(dead_letter->author), properties->user_id);
    if (properties->_flags & AMQP_BASIC_HEADERS_FLAG)
        read_headers(dead_letter, &properties->headers);
    if (ql_uuid_is_valid(dead_letter->message_id))
        ql_uuid_copy(dead_letter->dead_letter_id, dead_letter->message_id);
    return frame->payload.properties.body_size;
}

bool qli_dead_letter_set_id(struct qli_dead_letter *dead_letter)
{
    const char *part;
    char *text;

    if (dead_letter->dead_letter_id[0] != '\0')
        return true;
    text = malloc(2 * dead_letter->length + 1);
    part = text;
    if (text == NULL)
        return false;
    (void)ql_hex(text, dead_letter->bytes, dead_letter->length);
    ql_uuid_derive(dead_letter->dead_letter_id, &part, 1);
    free(text);
    return true;
}

void qli_dead_letter_read_body(struct qli_dead_letter *dead_letter, amqp_bytes_t piece)
{
    size_t space = sizeof(dead_letter->bytes) - dead_letter->length;

    if (piece.len < space)
        space = piece.len;
    memcpy(dead_letter->bytes + dead_letter->length, piece.bytes, space);
    dead_letter->length += space;
}

void qli_dead_letter_check_author(struct qli_dead_letter *dead_letter, const char *own_account,
                                  const char *service)
{
    dead_letter->is_foreign = dead_letter->has_more_keys ||
                              !ql_account_may_set_aside(own_account, dead_letter->author, service);
    if (!dead_letter->is_foreign)
        return;
    dead_letter->account[0] = '\0';
    snprintf(dead_letter->reason, sizeof(dead_letter->reason), "FOREIGN_LETTER");
    snprintf(dead_letter->text, sizeof(dead_letter->text),
             "%s%.64s put this here%s: it is no dead letter of the service %s, and is not replayed",
             dead_letter->author[0] == '\0' ? "an account that it does not name" : "the account ",
             dead_letter->author, dead_letter->has_more_keys ? " with a header CC or BCC" : "",
             service);
}
