/* Tests of a stuck consumer, with a real broker. */
#include "platform/events/consumer_health.h"

#include "platform/events/testing/consumer_fixture.h"

static void delete_queue(struct fixture *fixture, const char *queue)
{
    struct qli_connection *admin = &fixture->broker.connection;

    amqp_queue_delete(admin->state, QLI_CHANNEL, amqp_cstring_bytes(queue), 0, 0);
    assert_true(qli_connection_answered(admin, "delete the queue"));
}

static void wait_until_stuck(struct fixture *fixture, bool is_stuck, const char *reason)
{
    int64_t end_ms = ql_monotonic_ms() + BROKER_WAIT_MS;
    char text[QL_MESSAGE_MAX];

    while ((ql_consumer_stuck_ms(fixture->consumer, text, sizeof(text)) > 0) != is_stuck) {
        if (ql_monotonic_ms() > end_ms)
            fail_msg("the consumer is %s", is_stuck ? "not stuck" : text);
        broker_wait_a_little();
    }
    if (is_stuck)
        assert_non_null(strstr(text, reason));
}

static void test_consumer_of_a_deleted_queue_says_so_until_it_is_declared_again(void **state)
{
    struct fixture *fixture = *state;

    start(fixture);
    publish(fixture, 1);
    wait_until(&fixture->journal.n_seen, 1);
    delete_queue(fixture, QUEUE);
    wait_until_stuck(fixture, true, "no queue 'questline.processing.v1'");
    assert_true(qli_topology_declare(&fixture->broker.connection));
    wait_until_stuck(fixture, false, NULL);
    publish(fixture, 1);
    assert_all_seen(fixture);
}

static void test_dead_letters_without_a_queue_wait_until_it_is_declared_again(void **state)
{
    struct fixture *fixture = *state;

    delete_queue(fixture, DEAD);
    publish(fixture, 3);
    memcpy(fixture->journal.rejected_id, fixture->ids[1], QL_UUID_SIZE);
    start(fixture);
    wait_until_stuck(fixture, true, "DEAD_LETTER_QUEUE_MISSING");
    assert_true(qli_topology_declare(&fixture->broker.connection));
    broker_get(&fixture->broker, DEAD, &fixture->got);
    assert_string_equal(fixture->got.message_id, fixture->ids[1]);
    wait_until_stuck(fixture, false, NULL);
    assert_all_seen(fixture);
}

static void test_failing_handler_is_stuck_and_one_that_waits_for_others_is_not(void **state)
{
    struct fixture *fixture = *state;
    char text[QL_MESSAGE_MAX];

    fixture->journal.n_to_fail = 4;
    fixture->journal.too_many = 1;
    publish(fixture, 1);
    start(fixture);
    wait_until(&fixture->journal.n_attempts, 3);
    assert_int_equal(ql_consumer_stuck_ms(fixture->consumer, text, sizeof(text)), 0);
    wait_until_stuck(fixture, true, "too much for the time");
    fixture->journal.too_many = 0;
    wait_until_stuck(fixture, false, NULL);
    assert_all_seen(fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_consumer_of_a_deleted_queue_says_so_until_it_is_declared_again),
        TEST(test_dead_letters_without_a_queue_wait_until_it_is_declared_again),
        TEST(test_failing_handler_is_stuck_and_one_that_waits_for_others_is_not),
    };

    if (broker_url() == NULL)
        return 77;
    ql_log_setup("events_test", QL_LOG_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
