/* Tests of rejected messages, with a real broker. */
#include "platform/events/consumer.h"

#include "platform/events/testing/consumer_fixture.h"

static void test_rejected_event_is_a_dead_letter_and_the_rest_is_acknowledged(void **state)
{
    struct fixture *fixture = *state;
    QL_CLEANUP(ql_buffer_done) struct ql_buffer metrics;

    publish(fixture, 5);
    memcpy(fixture->journal.rejected_id, fixture->ids[2], QL_UUID_SIZE);
    start(fixture);
    broker_get(&fixture->broker, DEAD, &fixture->got);
    assert_string_equal(fixture->got.message_id, fixture->ids[2]);
    assert_string_equal(fixture->got.type, EVENT_USER_SIGN_IN);
    assert_string_equal(fixture->got.reason, "TEST_REJECTED");
    assert_string_equal(fixture->got.text, "never again");
    assert_string_equal(fixture->got.original_key, KEY);
    wait_until(&fixture->journal.n_seen, 5);
    assert_nothing_is_left(fixture);
    assert_false(broker_try_get(&fixture->broker, DEAD, &fixture->got));
    ql_buffer_init(&metrics, 1 << 20);
    ql_metrics_expose(&metrics);
    assert_non_null(strstr(metrics.data, "ql_events_rejected_total{reason=\"TEST_REJECTED\"} 1"));
    assert_non_null(strstr(metrics.data, "ql_events_consumed_total{type=\"UserSignIn\"}"));
}

static void expect_dead(struct fixture *fixture, const char *reason, const char *key)
{
    broker_get(&fixture->broker, DEAD, &fixture->got);
    assert_string_equal(fixture->got.reason, reason);
    assert_string_equal(fixture->got.original_key, key);
}

static void test_what_is_no_event_never_reaches_the_handler(void **state)
{
    struct fixture *fixture = *state;
    static uint8_t large[QL_EVENT_MAX_BYTES + 20000];
    struct ql_event event;
    uint8_t *bytes;
    size_t length;

    pack(fixture, &event, &bytes, &length);
    broker_publish(&fixture->broker, "custom.test.garbage", NULL, "\xff\xff garbage", 10);
    broker_publish(&fixture->broker, KEY, NULL, "", 0);
    broker_publish(&fixture->broker, "custom.user.sign_in", event.event_id, bytes, length);
    broker_publish(&fixture->broker, KEY, "another id", bytes, length);
    broker_publish(&fixture->broker, "custom.test.large", NULL, large, sizeof(large));
    publish(fixture, 1);
    start(fixture);
    expect_dead(fixture, "MALFORMED_MESSAGE", "custom.test.garbage");
    assert_int_equal(fixture->got.length, 10);
    assert_memory_equal(fixture->got.body, "\xff\xff garbage", 10);
    expect_dead(fixture, "EVENT_ID_INVALID", KEY);
    expect_dead(fixture, "TYPE_DOES_NOT_FIT_KEY", "custom.user.sign_in");
    assert_int_equal(fixture->got.length, length);
    assert_int_equal(fixture->got.original_length, 0);
    expect_dead(fixture, "MESSAGE_ID_DIFFERS", KEY);
    assert_string_equal(fixture->got.message_id, "another id");
    expect_dead(fixture, "EVENT_TOO_LARGE", "custom.test.large");
    assert_int_equal(fixture->got.original_length, sizeof(large));
    assert_all_seen(fixture);
    assert_int_equal(fixture->journal.n_attempts, 1);
}

static void test_batch_without_an_event_is_acknowledged_too(void **state)
{
    struct fixture *fixture = *state;

    start(fixture);
    broker_publish(&fixture->broker, KEY, NULL, "garbage", 7);
    broker_get(&fixture->broker, DEAD, &fixture->got);
    assert_nothing_is_left(fixture);
    assert_false(broker_try_get(&fixture->broker, DEAD, &fixture->got));
}

/* By the administrator's account, for which events of others may be published again. */
static void publish_again(struct fixture *fixture, const char *original_account)
{
    struct ql_message_out message = {.routing_key = KEY};
    struct qli_dead_letter_headers origin = {.account = original_account};
    struct ql_event event;
    uint8_t *bytes;

    pack(fixture, &event, &bytes, &message.length);
    message.event_id = event.event_id;
    message.type = event.type;
    message.bytes = bytes;
    assert_int_equal(qli_publisher_publish(&fixture->call, fixture->publisher, QL_EXCHANGE,
                                           &message, &origin, 1),
                     QL_OK);
}

static void test_event_that_its_account_may_not_publish_is_a_dead_letter(void **state)
{
    struct fixture *fixture = *state;
    struct ql_event event;
    amqp_bytes_t body;
    uint8_t *bytes;

    pack(fixture, &event, &bytes, &body.len);
    body.bytes = bytes;
    assert_int_equal(amqp_basic_publish(fixture->broker.connection.state, QLI_CHANNEL,
                                        amqp_cstring_bytes(QL_EXCHANGE), amqp_cstring_bytes(KEY), 0,
                                        0, NULL, body),
                     AMQP_STATUS_OK);
    start(fixture);
    expect_dead(fixture, "PUBLISHER_MISSING", KEY);
    publish_again(fixture, "ql_catalog");
    expect_dead(fixture, "PUBLISHER_NOT_ALLOWED", KEY);
    assert_int_equal(fixture->journal.n_attempts, 0);
    publish_again(fixture, "ql_user");
    wait_until(&fixture->journal.n_seen, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_rejected_event_is_a_dead_letter_and_the_rest_is_acknowledged),
        TEST(test_what_is_no_event_never_reaches_the_handler),
        TEST(test_batch_without_an_event_is_acknowledged_too),
        TEST(test_event_that_its_account_may_not_publish_is_a_dead_letter),
    };

    if (broker_url() == NULL)
        return 77;
    ql_log_setup("events_test", QL_LOG_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
