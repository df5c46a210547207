/* Walking by consumers, each told to send a number of letters that nobody acknowledges: a
 * get for each would cost a round through the queue's log, some milliseconds. What is not
 * taken goes back with the connection. */
#include "platform/events/letter_walk.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/base/hex.h"
#include "platform/events/account.h"

enum {
    HEARTBEAT_S = 10,
    /* So many letters are sent ahead at most: 64 MiB of the largest. */
    LETTERS_AHEAD = 256,
    QUIET_MS = 200, /* so long nothing came: perhaps somebody else has the rest */
};

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

static void read_headers(struct qli_letter *letter, const amqp_table_t *headers)
{
    qli_header_text(headers, "x-reason", letter->reason, sizeof(letter->reason));
    qli_header_text(headers, "x-text", letter->text, sizeof(letter->text));
    qli_header_text(headers, "x-original-routing-key", letter->routing_key,
                    sizeof(letter->routing_key));
    qli_header_text(headers, QLI_HEADER_ORIGINAL_ACCOUNT, letter->account, sizeof(letter->account));
    letter->has_more_keys = qli_headers_name_more_keys(headers);
    for (int i = 0; i < headers->num_entries; i++) {
        const amqp_table_entry_t *entry = &headers->entries[i];

        if (entry->value.kind == AMQP_FIELD_KIND_I64 && entry->value.value.i64 > 0 &&
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
    if (properties->_flags & AMQP_BASIC_USER_ID_FLAG)
        copy_text(letter->author, sizeof(letter->author), properties->user_id);
    if (properties->_flags & AMQP_BASIC_HEADERS_FLAG)
        read_headers(letter, &properties->headers);
    if (ql_uuid_is_valid(letter->message_id))
        ql_uuid_copy(letter->letter_id, letter->message_id);
    return frame->payload.properties.body_size;
}

/* A name for what came without one: the same for the same bytes. */
static bool name_by_bytes(struct qli_letter *letter)
{
    char *text = malloc(2 * letter->length + 1);
    const char *part = text;

    if (text == NULL)
        return false;
    (void)ql_hex(text, letter->bytes, letter->length);
    ql_uuid_derive(letter->letter_id, &part, 1);
    free(text);
    return true;
}

static enum ql_code walk_late(struct qli_letter_walk *walk, const char *what)
{
    return ql_fail(walk->call, QL_DEADLINE_EXCEEDED, "BROKER_TIMEOUT", "%s", what);
}

static void take_body(struct qli_letter *letter, amqp_bytes_t piece)
{
    size_t room = sizeof(letter->bytes) - letter->length;

    if (piece.len < room)
        room = piece.len;
    memcpy(letter->bytes + letter->length, piece.bytes, room);
    letter->length += room;
}

/* What somebody else than the service has put among its dead letters claims whatever it
 * likes about itself: its reason, and who published it at first, are not believed. */
static void judge_author(const struct qli_letter_walk *walk)
{
    const char *service = walk->queue->dead_letter_key + strlen("dead.");
    struct qli_letter *letter = walk->letter;

    letter->is_foreign = letter->has_more_keys ||
                         !ql_account_buries(walk->connection.account, letter->author, service);
    if (!letter->is_foreign)
        return;
    letter->account[0] = '\0';
    snprintf(letter->reason, sizeof(letter->reason), "FOREIGN_LETTER");
    snprintf(letter->text, sizeof(letter->text),
             "%s%.64s put this here%s: it is no dead letter of the service %s, and is not replayed",
             letter->author[0] == '\0' ? "an account that it does not name" : "the account ",
             letter->author, letter->has_more_keys ? " with a header CC or BCC" : "", service);
}

/* The frames behind GET-OK or DELIVER. */
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
            return walk_late(walk, "the broker did not send a message in time");
        if (frame.frame_type == AMQP_FRAME_HEADER) {
            announced = read_header(letter, &frame);
            has_header = true;
        } else if (frame.frame_type == AMQP_FRAME_BODY) {
            received += frame.payload.body_fragment.len;
            take_body(letter, frame.payload.body_fragment);
        }
    }
    judge_author(walk);
    if (letter->original_length < announced)
        letter->original_length = (size_t)announced;
    if (letter->letter_id[0] == '\0' && !name_by_bytes(letter))
        return ql_fail_memory(walk->call);
    return QL_OK;
}

/* The first letter comes by a get, and the others are counted behind it: a count does
 * not wait for what went back to the queue a moment ago, and a get does. */
static enum ql_code walk_first(struct qli_letter_walk *walk, bool *ret_has)
{
    amqp_rpc_reply_t reply = amqp_basic_get(walk->connection.state, QLI_CHANNEL,
                                            amqp_cstring_bytes(walk->queue->dead_letter),
                                            /* no_ack= */ 0);
    enum ql_code rc;

    if (!qli_connection_answered(&walk->connection, "get a dead letter"))
        return walk_broke(walk);
    if (reply.reply.id != AMQP_BASIC_GET_OK_METHOD) {
        walk->n_left = 0;
        return QL_OK;
    }
    walk->letter->tag = ((const amqp_basic_get_ok_t *)reply.reply.decoded)->delivery_tag;
    rc = read_message(walk);
    if (rc != QL_OK)
        return rc;
    *ret_has = true;
    return walk_count(walk, &walk->n_left);
}

/* One more consumer, whose letters stay unacknowledged: it sends as many as it may. */
static enum ql_code ask_for_more(struct qli_letter_walk *walk)
{
    amqp_connection_state_t state = walk->connection.state;
    size_t n = walk->n_left < LETTERS_AHEAD ? walk->n_left : LETTERS_AHEAD;

    amqp_basic_qos(state, QLI_CHANNEL, 0, (uint16_t)n, 0);
    if (!qli_connection_answered(&walk->connection, "bound the prefetch"))
        return walk_broke(walk);
    amqp_basic_consume(state, QLI_CHANNEL, amqp_cstring_bytes(walk->queue->dead_letter),
                       amqp_empty_bytes, /* no_local= */ 0, /* no_ack= */ 0, /* exclusive= */ 0,
                       amqp_empty_table);
    if (!qli_connection_answered(&walk->connection, "read the dead letters"))
        return walk_broke(walk);
    walk->n_coming = n;
    return QL_OK;
}

/* Waits for a DELIVER. *ret_has stays false when nothing more comes: the queue is empty,
 * somebody else has the rest. */
static enum ql_code walk_deliver(struct qli_letter_walk *walk, bool *ret_has)
{
    bool is_last_look = false;

    while (!*ret_has) {
        int64_t left_ms = ql_call_remaining_ms(walk->call);
        amqp_frame_t frame;
        enum qli_turn turn = qli_connection_next(
            &walk->connection, is_last_look || left_ms < QUIET_MS ? 0 : QUIET_MS, &frame);
        size_t n_ready = 0;
        enum ql_code rc;

        if (turn == QLI_BROKEN)
            return walk_broke(walk);
        if (turn == QLI_FRAME && frame.frame_type == AMQP_FRAME_METHOD &&
            frame.payload.method.id == AMQP_BASIC_DELIVER_METHOD) {
            walk->letter->tag =
                ((const amqp_basic_deliver_t *)frame.payload.method.decoded)->delivery_tag;
            *ret_has = true;
        }
        if (turn != QLI_TIMEOUT)
            continue;
        if (is_last_look)
            break;
        if (ql_call_remaining_ms(walk->call) == 0)
            return walk_late(walk, "there are more dead letters than can be looked at in time");
        rc = walk_count(walk, &n_ready);
        if (rc != QL_OK)
            return rc;
        /* What was sent before the count has come before it. */
        is_last_look = n_ready == 0;
    }
    return QL_OK;
}

static enum ql_code walk_further(struct qli_letter_walk *walk, bool *ret_has)
{
    enum ql_code rc = walk->n_coming == 0 ? ask_for_more(walk) : QL_OK;

    if (rc == QL_OK)
        rc = walk_deliver(walk, ret_has);
    if (rc == QL_OK && *ret_has)
        rc = read_message(walk);
    if (rc != QL_OK)
        return rc;
    walk->n_left = *ret_has ? walk->n_left - 1 : 0;
    walk->n_coming--;
    return QL_OK;
}

enum ql_code qli_letter_walk_next(struct qli_letter_walk *walk, bool *ret_has)
{
    *ret_has = false;
    if (walk->n_left == 0)
        return QL_OK;
    if (ql_call_remaining_ms(walk->call) == 0)
        return walk_late(walk, "there are more dead letters than can be looked at in time");
    memset(walk->letter, 0, offsetof(struct qli_letter, bytes));
    amqp_maybe_release_buffers(walk->connection.state);
    return walk->n_left == SIZE_MAX ? walk_first(walk, ret_has) : walk_further(walk, ret_has);
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
