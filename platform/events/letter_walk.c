/* Walking by basic.get: a get names the queue each time and needs no consumer, so
 * that nothing is pushed and what is not taken goes back with the connection. */
#include "platform/events/letter_walk.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEARTBEAT_S = 10 };

static enum ql_code walk_broke(struct qli_letter_walk *walk)
{
    return ql_fail(walk->call, QL_UNAVAILABLE, "BROKER_UNAVAILABLE", "%s",
                   walk->connection.trouble);
}

/* A method that waits for its answer and changes nothing. */
static enum ql_code walk_count(struct qli_letter_walk *walk, size_t *ret_count)
{
    amqp_queue_declare_ok_t *counted = amqp_queue_declare(
        walk->connection.state, QLI_CHANNEL, amqp_cstring_bytes(walk->queue->dead_letter),
        /* passive= */ 1, 0, 0, 0, amqp_empty_table);

    if (!qli_connection_answered(&walk->connection, "look at the dead letters"))
        return walk_broke(walk);
    *ret_count = counted->message_count;
    return QL_OK;
}

enum ql_code qli_letter_walk_begin(struct ql_call *call, struct qli_letter_walk *walk,
                                   const char *url, const struct ql_queue *queue)
{
    memset(walk, 0, sizeof(*walk));
    walk->call = call;
    walk->queue = queue;
    walk->letter = malloc(sizeof(*walk->letter));
    if (walk->letter == NULL)
        return ql_fail_memory(call);
    walk->n_left = SIZE_MAX;
    return qli_connection_open(call, &walk->connection, url, "dead letters", HEARTBEAT_S);
}

void qli_letter_walk_end(struct qli_letter_walk *walk)
{
    struct qli_connection *connection = &walk->connection;

    /* They would go back without being told, but later than the next walk may begin. */
    if (connection->state != NULL &&
        qli_connection_wrote(connection,
                             amqp_basic_nack(connection->state, QLI_CHANNEL, /* all of them */ 0,
                                             /* multiple= */ 1, /* requeue= */ 1),
                             "give dead letters back"))
        qli_connection_close(connection);
    free(walk->letter);
    walk->letter = NULL;
}

/* Cut to fit; a NUL becomes a character that no name has. */
static void copy_text(char *ret_text, size_t size, amqp_bytes_t bytes)
{
    size_t length = bytes.len < size ? bytes.len : size - 1;

    for (size_t i = 0; i < length; i++) {
        ret_text[i] = ((const char *)bytes.bytes)[i];
        if (ret_text[i] == '\0')
            ret_text[i] = '?';
    }
    ret_text[length] = '\0';
}

static bool is_text(const amqp_table_entry_t *entry, const char *key)
{
    return entry->value.kind == AMQP_FIELD_KIND_UTF8 && entry->key.len == strlen(key) &&
           memcmp(entry->key.bytes, key, entry->key.len) == 0;
}

static void read_headers(struct qli_letter *letter, const amqp_table_t *headers)
{
    for (int i = 0; i < headers->num_entries; i++) {
        const amqp_table_entry_t *entry = &headers->entries[i];
        amqp_bytes_t text = entry->value.value.bytes;

        if (is_text(entry, "x-reason"))
            copy_text(letter->reason, sizeof(letter->reason), text);
        else if (is_text(entry, "x-text"))
            copy_text(letter->text, sizeof(letter->text), text);
        else if (is_text(entry, "x-original-routing-key"))
            copy_text(letter->routing_key, sizeof(letter->routing_key), text);
        else if (entry->value.kind == AMQP_FIELD_KIND_I64 && entry->value.value.i64 > 0 &&
                 entry->key.len == strlen("x-original-length"))
            letter->original_length = (size_t)entry->value.value.i64;
    }
}

/* HEADER: how long it is, and what stands on the envelope. */
static uint64_t read_header(struct qli_letter *letter, const amqp_frame_t *frame)
{
    const amqp_basic_properties_t *properties = frame->payload.properties.decoded;

    if (properties->_flags & AMQP_BASIC_MESSAGE_ID_FLAG)
        copy_text(letter->message_id, sizeof(letter->message_id), properties->message_id);
    if (properties->_flags & AMQP_BASIC_TYPE_FLAG)
        copy_text(letter->type, sizeof(letter->type), properties->type);
    if (properties->_flags & AMQP_BASIC_HEADERS_FLAG)
        read_headers(letter, &properties->headers);
    if (ql_uuid_is_valid(letter->message_id))
        for (size_t i = 0; i < sizeof(letter->letter_id); i++)
            letter->letter_id[i] = (char)tolower((unsigned char)letter->message_id[i]);
    return frame->payload.properties.body_size;
}

/* A name for what came without one: the same for the same bytes. */
static bool name_by_bytes(struct qli_letter *letter)
{
    static const char digits[] = "0123456789abcdef";
    char *text = malloc(2 * letter->length + 1);
    const char *part = text;

    if (text == NULL)
        return false;
    for (size_t i = 0; i < letter->length; i++) {
        text[2 * i] = digits[letter->bytes[i] >> 4];
        text[2 * i + 1] = digits[letter->bytes[i] & 15];
    }
    text[2 * letter->length] = '\0';
    ql_uuid_derive(letter->letter_id, &part, 1);
    free(text);
    return true;
}

/* The frames behind GET-OK. */
static enum ql_code read_message(struct qli_letter_walk *walk)
{
    struct qli_letter *letter = walk->letter;
    bool has_header = false;
    uint64_t announced = 0, received = 0;

    while (!has_header || received < announced) {
        amqp_frame_t frame;
        enum qli_turn turn =
            qli_connection_next(&walk->connection, ql_call_remaining_ms(walk->call), &frame);

        if (turn == QLI_BROKEN)
            return walk_broke(walk);
        if (turn == QLI_TIMEOUT)
            return ql_fail(walk->call, QL_DEADLINE_EXCEEDED, "BROKER_TIMEOUT",
                           "the broker did not send a message in time");
        if (frame.frame_type == AMQP_FRAME_HEADER) {
            announced = read_header(letter, &frame);
            has_header = true;
        } else if (frame.frame_type == AMQP_FRAME_BODY) {
            amqp_bytes_t piece = frame.payload.body_fragment;
            size_t room = sizeof(letter->bytes) - letter->length;

            received += piece.len;
            if (piece.len < room)
                room = piece.len;
            memcpy(letter->bytes + letter->length, piece.bytes, room);
            letter->length += room;
        }
    }
    if (letter->original_length < announced)
        letter->original_length = (size_t)announced;
    if (letter->letter_id[0] == '\0' && !name_by_bytes(letter))
        return ql_fail_memory(walk->call);
    return QL_OK;
}

enum ql_code qli_letter_walk_next(struct qli_letter_walk *walk, bool *ret_has)
{
    struct qli_letter *letter = walk->letter;
    amqp_rpc_reply_t reply;
    enum ql_code rc;

    *ret_has = false;
    if (walk->n_left == 0)
        return QL_OK;
    if (ql_call_remaining_ms(walk->call) == 0)
        return ql_fail(walk->call, QL_DEADLINE_EXCEEDED, "BROKER_TIMEOUT",
                       "there are more dead letters than can be looked at in time");
    memset(letter, 0, offsetof(struct qli_letter, bytes));
    amqp_maybe_release_buffers(walk->connection.state);
    reply = amqp_basic_get(walk->connection.state, QLI_CHANNEL,
                           amqp_cstring_bytes(walk->queue->dead_letter), /* no_ack= */ 0);
    if (!qli_connection_answered(&walk->connection, "get a dead letter"))
        return walk_broke(walk);
    if (reply.reply.id != AMQP_BASIC_GET_OK_METHOD) {
        walk->n_left = 0;
        return QL_OK;
    }
    letter->tag = ((const amqp_basic_get_ok_t *)reply.reply.decoded)->delivery_tag;
    *ret_has = true;
    rc = read_message(walk);
    if (rc != QL_OK)
        return rc;
    /* Counted behind the first one, since a count does not wait for what went back
     * a moment ago and a get does. */
    if (walk->n_left == SIZE_MAX)
        return walk_count(walk, &walk->n_left);
    walk->n_left--;
    return QL_OK;
}

enum ql_code qli_letter_walk_take(struct qli_letter_walk *walk, uint64_t tag)
{
    int status = amqp_basic_ack(walk->connection.state, QLI_CHANNEL, tag, /* multiple= */ 0);

    if (!qli_connection_wrote(&walk->connection, status, "acknowledge a dead letter"))
        return walk_broke(walk);
    return QL_OK;
}

enum ql_code qli_letter_walk_settle(struct qli_letter_walk *walk)
{
    size_t count;

    return walk_count(walk, &count);
}
