/* Tests of the publisher, with a real broker. */
#include "platform/events/publisher.h"

#include <stdlib.h>
#include <string.h>

#include "platform/base/clock.h"
#include "platform/base/id.h"
#include "platform/events/testing/broker.h"
#include "platform/events/testing/proxy.h"
#include "platform/events/dead_letter_headers.h"
#include "questline/processing/v1/names.h"

enum { MANY = 700 };

struct fixture {
    struct broker broker;
    struct ql_arena *arena;
    struct ql_call call;
    struct ql_publisher *publisher;
    struct proxy proxy;
};

static int setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));

    broker_open(&fixture->broker);
    proxy_start(&fixture->proxy);
    fixture->arena = ql_arena_new(64 << 20);
    ql_call_init(&fixture->call, fixture->arena, "test", BROKER_WAIT_MS);
    fixture->publisher = ql_publisher_new(fixture->proxy.url, "publisher test");
    assert_non_null(fixture->publisher);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;

    ql_publisher_free(fixture->publisher);
    proxy_stop(&fixture->proxy);
    broker_close(&fixture->broker);
    ql_arena_free(fixture->arena);
    free(fixture);
    return 0;
}

static struct ql_message_out *messages_new(struct fixture *fixture, size_t n, const char *key,
                                           size_t length)
{
    struct ql_message_out *messages = ql_arena_calloc(fixture->arena, n, sizeof(*messages));

    assert_non_null(messages);
    for (size_t i = 0; i < n; i++) {
        char id[QL_UUID_SIZE];
        uint8_t *bytes = ql_arena_calloc(fixture->arena, 1, length);

        ql_uuid_new(id);
        assert_non_null(bytes);
        memcpy(bytes, &i, sizeof(i));
        messages[i].event_id = ql_arena_strdup(fixture->arena, id);
        messages[i].type = "test.published";
        messages[i].routing_key = key;
        messages[i].bytes = bytes;
        messages[i].length = length;
    }
    return messages;
}

/* Tries again until it succeeds: the broker may be on its way back. */
static void publish_in_the_end(struct fixture *fixture, struct ql_message_out *messages, size_t n)
{
    int64_t end_ms = ql_monotonic_ms() + BROKER_WAIT_MS;

    while (ql_publisher_publish(&fixture->call, fixture->publisher, messages, n) != QL_OK) {
        assert_int_equal(fixture->call.status.code, QL_UNAVAILABLE);
        assert_string_equal(fixture->call.status.reason, "BROKER_UNAVAILABLE");
        assert_true(ql_monotonic_ms() < end_ms);
        broker_wait_a_little();
    }
}

static void test_confirmed_messages_lie_in_the_bound_queue_in_order(void **state)
{
    struct fixture *fixture = *state;
    struct ql_message_out *messages = messages_new(fixture, MANY, "custom.test.published", 8);
    struct broker_message *got = ql_arena_calloc(fixture->arena, 1, sizeof(*got));

    assert_non_null(got);
    broker_tap(&fixture->broker, "tap", "custom.test.#", 0);
    assert_int_equal(ql_publisher_publish(&fixture->call, fixture->publisher, messages, MANY),
                     QL_OK);
    for (size_t i = 0; i < MANY; i++) {
        assert_true(messages[i].is_confirmed);
        assert_true(broker_try_get(&fixture->broker, "tap", got));
        assert_string_equal(got->message_id, messages[i].event_id);
        assert_string_equal(got->type, "test.published");
        assert_string_equal(got->routing_key, "custom.test.published");
        assert_string_equal(got->content_type, "application/protobuf");
        assert_int_equal(got->delivery_mode, 2);
        assert_int_equal(got->length, 8);
        assert_memory_equal(got->body, messages[i].bytes, 8);
    }
    assert_false(broker_try_get(&fixture->broker, "tap", got));
}

static void set_binding(struct fixture *fixture, bool is_bound)
{
    amqp_connection_state_t state = fixture->broker.connection.state;
    amqp_bytes_t queue = amqp_cstring_bytes(QUEUE_PROCESSING);
    amqp_bytes_t exchange = amqp_cstring_bytes(QL_EXCHANGE), key = amqp_cstring_bytes("custom.#");

    if (is_bound)
        amqp_queue_bind(state, QLI_CHANNEL, queue, exchange, key, amqp_empty_table);
    else
        amqp_queue_unbind(state, QLI_CHANNEL, queue, exchange, key, amqp_empty_table);
    assert_true(qli_connection_answered(&fixture->broker.connection, "change a binding"));
}

static void test_message_that_no_queue_takes_is_not_confirmed(void **state)
{
    struct fixture *fixture = *state;
    struct ql_message_out *messages = messages_new(fixture, MANY, "custom.test.published", 8);
    enum ql_code rc;

    assert_int_equal(ql_publisher_publish(&fixture->call, fixture->publisher, messages, 1), QL_OK);
    for (size_t i = 0; i < MANY; i += 3)
        messages[i].routing_key = EVENT_QUEST_COMPLETED_KEY;
    set_binding(fixture, false);
    rc = ql_publisher_publish(&fixture->call, fixture->publisher, messages, MANY);
    set_binding(fixture, true);
    assert_int_equal(rc, QL_OK);
    for (size_t i = 0; i < MANY; i++) {
        assert_int_equal(messages[i].is_confirmed, i % 3 == 0);
        assert_int_equal(messages[i].is_returned, i % 3 != 0);
    }
    publish_in_the_end(fixture, messages, MANY);
    for (size_t i = 0; i < MANY; i++)
        assert_true(messages[i].is_confirmed);
}

static void test_message_that_a_queue_refuses_is_not_confirmed(void **state)
{
    struct fixture *fixture = *state;
    struct ql_message_out *messages = messages_new(fixture, 50, "custom.test.published", 8);
    size_t n_confirmed = 0;

    broker_tap(&fixture->broker, "tap", "custom.test.#", 5);
    assert_int_equal(ql_publisher_publish(&fixture->call, fixture->publisher, messages, 50), QL_OK);
    for (size_t i = 0; i < 50; i++)
        n_confirmed += messages[i].is_confirmed;
    assert_true(messages[0].is_confirmed);
    assert_false(messages[49].is_confirmed);
    assert_in_range(n_confirmed, 1, 49);
}

static void test_publishing_is_unavailable_while_the_broker_is_away(void **state)
{
    struct fixture *fixture = *state;
    struct ql_message_out *messages = messages_new(fixture, 2, "custom.test.published", 8);

    proxy_set_away(&fixture->proxy, true);
    assert_int_equal(ql_publisher_publish(&fixture->call, fixture->publisher, messages, 2),
                     QL_UNAVAILABLE);
    assert_string_equal(fixture->call.status.reason, "BROKER_UNAVAILABLE");
    assert_null(strstr(fixture->call.status.message, "guest"));
    assert_false(messages[0].is_confirmed);
    proxy_set_away(&fixture->proxy, false);
    publish_in_the_end(fixture, messages, 2);
    assert_true(messages[0].is_confirmed && messages[1].is_confirmed);
}

static void test_connection_that_was_cut_is_made_anew(void **state)
{
    struct fixture *fixture = *state;
    struct ql_message_out *messages = messages_new(fixture, 1, "custom.test.published", 8);

    for (int i = 0; i < 3; i++) {
        publish_in_the_end(fixture, messages, 1);
        assert_true(messages[0].is_confirmed);
        proxy_set_away(&fixture->proxy, true);
        ql_publisher_idle(fixture->publisher);
        proxy_set_away(&fixture->proxy, false);
    }
    assert_int_equal(fixture->proxy.n_accepted, 3);
}

static void test_broker_that_reads_nothing_costs_no_more_than_the_deadline(void **state)
{
    struct fixture *fixture = *state;
    struct ql_message_out *messages = messages_new(fixture, 200, "custom.test.published", 200000);
    int64_t start_ms;
    enum ql_code rc;

    publish_in_the_end(fixture, messages, 1);
    fixture->proxy.is_deaf = true;
    start_ms = ql_monotonic_ms();
    fixture->call.deadline_ms = start_ms + 1500;
    rc = ql_publisher_publish(&fixture->call, fixture->publisher, messages, 200);
    assert_true(rc == QL_UNAVAILABLE || rc == QL_DEADLINE_EXCEEDED);
    assert_in_range(ql_monotonic_ms() - start_ms, 1000, 30000);
    assert_false(messages[199].is_confirmed);
    fixture->proxy.is_deaf = false;
    fixture->call.deadline_ms = ql_monotonic_ms() + BROKER_WAIT_MS;
    publish_in_the_end(fixture, messages, 3);
    assert_true(messages[2].is_confirmed);
}

static void test_confirm_that_never_comes_ends_at_the_deadline(void **state)
{
    struct fixture *fixture = *state;
    struct ql_message_out *messages = messages_new(fixture, 1, "custom.test.published", 8);

    publish_in_the_end(fixture, messages, 1);
    fixture->proxy.is_deaf = true;
    fixture->call.deadline_ms = ql_monotonic_ms() + 300;
    assert_int_equal(ql_publisher_publish(&fixture->call, fixture->publisher, messages, 1),
                     QL_DEADLINE_EXCEEDED);
    assert_string_equal(fixture->call.status.reason, "BROKER_TIMEOUT");
    assert_false(messages[0].is_confirmed);
}

static void test_idle_publisher_keeps_its_connection(void **state)
{
    struct fixture *fixture = *state;
    struct ql_message_out *messages = messages_new(fixture, 1, "custom.test.published", 8);
    int64_t end_ms;

    ql_publisher_free(fixture->publisher);
    fixture->publisher = qli_publisher_new(fixture->proxy.url, "idle test", /* heartbeat_s= */ 1);
    publish_in_the_end(fixture, messages, 1);
    /* The broker gives up a client that is silent for two heartbeats. */
    end_ms = ql_monotonic_ms() + 4000;
    while (ql_monotonic_ms() < end_ms) {
        ql_publisher_idle(fixture->publisher);
        broker_wait_a_little();
    }
    publish_in_the_end(fixture, messages, 1);
    assert_int_equal(fixture->proxy.n_accepted, 1);
}

static void test_names_that_amqp_cannot_carry_are_refused(void **state)
{
    struct fixture *fixture = *state;
    struct ql_message_out *messages = messages_new(fixture, 1, "custom.test.published", 8);
    char key[300];

    memset(key, 'a', sizeof(key) - 1);
    key[sizeof(key) - 1] = '\0';
    messages[0].routing_key = key;
    assert_int_equal(ql_publisher_publish(&fixture->call, fixture->publisher, messages, 1),
                     QL_INVALID_ARGUMENT);
    assert_string_equal(fixture->call.status.reason, "EVENT_NAME_TOO_LONG");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_confirmed_messages_lie_in_the_bound_queue_in_order),
        TEST(test_message_that_no_queue_takes_is_not_confirmed),
        TEST(test_message_that_a_queue_refuses_is_not_confirmed),
        TEST(test_publishing_is_unavailable_while_the_broker_is_away),
        TEST(test_connection_that_was_cut_is_made_anew),
        TEST(test_broker_that_reads_nothing_costs_no_more_than_the_deadline),
        TEST(test_confirm_that_never_comes_ends_at_the_deadline),
        TEST(test_idle_publisher_keeps_its_connection),
        TEST(test_names_that_amqp_cannot_carry_are_refused),
    };

    if (broker_url() == NULL)
        return 77;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
