/* The administrator's connection of the tests. */
#include "platform/events/testing/broker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/base/clock.h"
#include "platform/events/intake.h"

const char *broker_url(void)
{
    return getenv("QL_TEST_AMQP_URL");
}

static void broker_copy(char *ret_text, amqp_bytes_t bytes)
{
    snprintf(ret_text, BROKER_TEXT_MAX, "%.*s", (int)bytes.len, (const char *)bytes.bytes);
}

/* An exclusive queue is a lock: it is refused while another connection has it,
 * and goes with its connection. */
static bool broker_lock(struct broker *broker)
{
    struct ql_call call;

    ql_call_init(&call, broker->arena, "test", BROKER_WAIT_MS);
    if (qli_connection_open(&call, &broker->connection, broker_url(), "test", 0) != QL_OK)
        return false;
    amqp_queue_declare(broker->connection.state, QLI_CHANNEL,
                       amqp_cstring_bytes("questline.test.lock"), 0, 0, /* exclusive= */ 1, 0,
                       amqp_empty_table);
    return qli_connection_answered(&broker->connection, "lock the broker") &&
           qli_topology_declare(&broker->connection);
}

static void broker_purge(struct broker *broker, const char *queue)
{
    amqp_queue_purge(broker->connection.state, QLI_CHANNEL, amqp_cstring_bytes(queue));
    assert_true(qli_connection_answered(&broker->connection, "purge"));
}

void broker_open(struct broker *broker)
{
    int64_t end_ms = ql_monotonic_ms() + BROKER_WAIT_MS * 2;
    const struct ql_queue *queues;
    size_t n_queues;

    memset(broker, 0, sizeof(*broker));
    broker->arena = ql_arena_new(1 << 20);
    assert_non_null(broker->arena);
    while (!broker_lock(broker)) {
        if (ql_monotonic_ms() > end_ms)
            fail_msg("no turn at the broker: %s", broker->connection.trouble);
        ql_arena_reset(broker->arena);
        broker_wait_a_little();
    }
    queues = ql_queues(&n_queues);
    for (size_t i = 0; i < n_queues; i++) {
        broker_purge(broker, queues[i].name);
        broker_purge(broker, queues[i].dead_letter);
    }
}

void broker_close(struct broker *broker)
{
    qli_connection_close(&broker->connection);
    ql_arena_free(broker->arena);
}

void broker_tap(struct broker *broker, const char *queue, const char *pattern, int max_length)
{
    amqp_table_entry_t entries[2];
    amqp_table_t arguments = {max_length > 0 ? 2 : 0, entries};

    memset(entries, 0, sizeof(entries));
    entries[0].key = amqp_cstring_bytes("x-max-length");
    entries[0].value.kind = AMQP_FIELD_KIND_I32;
    entries[0].value.value.i32 = max_length;
    entries[1].key = amqp_cstring_bytes("x-overflow");
    entries[1].value.kind = AMQP_FIELD_KIND_UTF8;
    entries[1].value.value.bytes = amqp_cstring_bytes("reject-publish");
    amqp_queue_declare(broker->connection.state, QLI_CHANNEL, amqp_cstring_bytes(queue), 0, 0,
                       /* exclusive= */ 1, 0, arguments);
    assert_true(qli_connection_answered(&broker->connection, "declare a tap"));
    amqp_queue_bind(broker->connection.state, QLI_CHANNEL, amqp_cstring_bytes(queue),
                    amqp_cstring_bytes(QL_EXCHANGE), amqp_cstring_bytes(pattern), amqp_empty_table);
    assert_true(qli_connection_answered(&broker->connection, "bind a tap"));
}

static void broker_read_headers(const amqp_table_t *table, struct broker_message *message)
{
    for (int i = 0; i < table->num_entries; i++) {
        const amqp_table_entry_t *entry = &table->entries[i];
        char key[BROKER_TEXT_MAX];

        broker_copy(key, entry->key);
        if (strcmp(key, "x-reason") == 0)
            broker_copy(message->reason, entry->value.value.bytes);
        else if (strcmp(key, "x-text") == 0)
            broker_copy(message->text, entry->value.value.bytes);
        else if (strcmp(key, "x-original-routing-key") == 0)
            broker_copy(message->original_key, entry->value.value.bytes);
        else if (strcmp(key, "x-original-length") == 0)
            message->original_length = entry->value.value.i64;
    }
}

bool broker_try_get(struct broker *broker, const char *queue, struct broker_message *message)
{
    amqp_connection_state_t state = broker->connection.state;
    amqp_rpc_reply_t reply;
    amqp_message_t got;

    amqp_maybe_release_buffers(state);
    reply = amqp_basic_get(state, QLI_CHANNEL, amqp_cstring_bytes(queue), /* no_ack= */ 1);
    assert_int_equal(reply.reply_type, AMQP_RESPONSE_NORMAL);
    if (reply.reply.id == AMQP_BASIC_GET_EMPTY_METHOD)
        return false;
    memset(message, 0, sizeof(*message));
    broker_copy(message->routing_key, ((amqp_basic_get_ok_t *)reply.reply.decoded)->routing_key);
    reply = amqp_read_message(state, QLI_CHANNEL, &got, 0);
    assert_int_equal(reply.reply_type, AMQP_RESPONSE_NORMAL);
    assert_true(got.body.len <= sizeof(message->body));
    if (got.properties._flags & AMQP_BASIC_MESSAGE_ID_FLAG)
        broker_copy(message->message_id, got.properties.message_id);
    if (got.properties._flags & AMQP_BASIC_TYPE_FLAG)
        broker_copy(message->type, got.properties.type);
    if (got.properties._flags & AMQP_BASIC_CONTENT_TYPE_FLAG)
        broker_copy(message->content_type, got.properties.content_type);
    if (got.properties._flags & AMQP_BASIC_HEADERS_FLAG)
        broker_read_headers(&got.properties.headers, message);
    message->delivery_mode = got.properties.delivery_mode;
    message->length = got.body.len;
    if (got.body.len > 0)
        memcpy(message->body, got.body.bytes, got.body.len);
    amqp_destroy_message(&got);
    return true;
}

void broker_get(struct broker *broker, const char *queue, struct broker_message *message)
{
    int64_t end_ms = ql_monotonic_ms() + BROKER_WAIT_MS;

    while (!broker_try_get(broker, queue, message)) {
        if (ql_monotonic_ms() > end_ms)
            fail_msg("no message in %s", queue);
        broker_wait_a_little();
    }
}

/* Waits for one whole message. */
static void broker_receive(struct broker *broker, struct qli_intake *intake)
{
    int64_t end_ms = ql_monotonic_ms() + BROKER_WAIT_MS;

    while (intake->first == NULL) {
        amqp_frame_t frame;

        if (ql_monotonic_ms() > end_ms)
            fail_msg("no message came");
        if (qli_connection_next(&broker->connection, BROKER_WAIT_MS, &frame) == QLI_FRAME)
            assert_true(qli_intake_frame(intake, &frame));
        assert_non_null(broker->connection.state);
    }
}

void broker_take(struct broker *broker, const char *queue, struct broker_message *message)
{
    amqp_connection_state_t state = broker->connection.state;
    struct qli_intake intake;
    uint64_t tag;

    memset(message, 0, sizeof(*message));
    qli_intake_init(&intake, 1);
    amqp_basic_qos(state, QLI_CHANNEL, 0, 1, 0);
    assert_true(qli_connection_answered(&broker->connection, "bound the prefetch"));
    amqp_basic_consume(state, QLI_CHANNEL, amqp_cstring_bytes(queue), amqp_cstring_bytes("take"), 0,
                       0, 0, amqp_empty_table);
    assert_true(qli_connection_answered(&broker->connection, "consume"));
    broker_receive(broker, &intake);
    tag = intake.first->tag;
    snprintf(message->routing_key, BROKER_TEXT_MAX, "%s", intake.first->routing_key);
    snprintf(message->message_id, BROKER_TEXT_MAX, "%s", intake.first->message_id);
    snprintf(message->type, BROKER_TEXT_MAX, "%s", intake.first->type);
    message->length = intake.first->kept;
    memcpy(message->body, intake.first->body, message->length);
    qli_intake_done(&intake);
    amqp_basic_cancel(state, QLI_CHANNEL, amqp_cstring_bytes("take"));
    assert_true(qli_connection_answered(&broker->connection, "cancel"));
    assert_int_equal(amqp_basic_ack(state, QLI_CHANNEL, tag, 0), AMQP_STATUS_OK);
}

size_t broker_count(struct broker *broker, const char *queue)
{
    amqp_queue_declare_ok_t *counted =
        amqp_queue_declare(broker->connection.state, QLI_CHANNEL, amqp_cstring_bytes(queue),
                           /* passive= */ 1, 0, 0, 0, amqp_empty_table);

    assert_true(qli_connection_answered(&broker->connection, "count"));
    return counted->message_count;
}

void broker_publish(struct broker *broker, const char *routing_key, const char *message_id,
                    const void *bytes, size_t length)
{
    amqp_basic_properties_t properties;
    amqp_bytes_t body = {length, (void *)bytes};

    memset(&properties, 0, sizeof(properties));
    properties._flags = AMQP_BASIC_USER_ID_FLAG;
    properties.user_id = amqp_cstring_bytes(broker->connection.account);
    if (message_id != NULL) {
        properties._flags |= AMQP_BASIC_MESSAGE_ID_FLAG;
        properties.message_id = amqp_cstring_bytes(message_id);
    }
    assert_int_equal(amqp_basic_publish(broker->connection.state, QLI_CHANNEL,
                                        amqp_cstring_bytes(QL_EXCHANGE),
                                        amqp_cstring_bytes(routing_key), 0, 0, &properties, body),
                     AMQP_STATUS_OK);
}

void broker_wait_a_little(void)
{
    _Atomic bool never = false;

    (void)ql_sleep_ms(5, &never);
}
