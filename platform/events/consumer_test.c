/* Tests of a consumer with a real broker: batches, order, failures, connections. */
#include "platform/events/consumer.h"

#include "platform/events/testing/consumer_fixture.h"

static void test_events_are_handled_in_order_in_bounded_batches(void **state)
{
    struct fixture *fixture = *state;

    publish(fixture, PUBLISHED_MAX - 1);
    start(fixture);
    assert_all_seen(fixture);
    assert_in_range(fixture->journal.largest, 2, BATCH);
    start(fixture);
    assert_nothing_is_left(fixture);
}

static void test_events_published_while_consuming_are_handled(void **state)
{
    struct fixture *fixture = *state;

    start(fixture);
    for (int i = 0; i < 20; i++) {
        publish(fixture, 3);
        wait_until(&fixture->journal.n_seen, fixture->n_ids);
    }
    assert_all_seen(fixture);
}

static void test_handler_runs_in_the_trace_of_the_first_event(void **state)
{
    struct fixture *fixture = *state;

    publish(fixture, 1);
    start(fixture);
    assert_all_seen(fixture);
    assert_string_equal(fixture->journal.trace_id, fixture->call.trace.trace_id);
}

static void test_failing_handler_is_called_again_and_nothing_is_skipped(void **state)
{
    struct fixture *fixture = *state;

    fixture->journal.n_to_fail = 3;
    publish(fixture, 250);
    start(fixture);
    assert_all_seen(fixture);
    assert_true(fixture->journal.n_attempts >= 3 + 3);
}

static void test_handler_in_a_conflict_is_run_again_with_the_whole_batch(void **state)
{
    struct fixture *fixture = *state;

    fixture->journal.n_conflicts = 2;
    publish(fixture, BATCH);
    start(fixture);
    wait_until(&fixture->journal.n_seen, BATCH);
    assert_all_seen(fixture);
    assert_int_equal(fixture->journal.n_behind, fixture->journal.n_in_conflict);
    assert_nothing_is_left(fixture);
}

static void test_batch_that_is_too_much_for_an_attempt_is_done_in_parts(void **state)
{
    struct fixture *fixture = *state;

    fixture->journal.too_many = 20;
    publish(fixture, 250);
    start(fixture);
    assert_all_seen(fixture);
    /* The limit does not climb to the top at once, to fail there again. */
    assert_in_range(fixture->journal.n_attempts, 250 / 20, 250 / 6);
}

static void test_what_was_not_acknowledged_comes_to_the_next_consumer(void **state)
{
    struct fixture *fixture = *state;
    int64_t start_ms;

    fixture->journal.n_to_fail = 1000;
    publish(fixture, 30);
    start(fixture);
    wait_until(&fixture->journal.n_attempts, 5);
    start_ms = ql_monotonic_ms();
    stop(fixture);
    assert_in_range(ql_monotonic_ms() - start_ms, 0, 30000); /* of 1000 attempts */
    assert_int_equal(fixture->journal.n_seen, 0);
    fixture->journal.n_to_fail = 0;
    start(fixture);
    assert_all_seen(fixture);
}

static void test_second_consumer_stands_by_and_takes_over(void **state)
{
    struct fixture *fixture = *state;
    struct journal *other = ql_arena_calloc(fixture->arena, 1, sizeof(*other));
    struct ql_consumer *standby;

    assert_non_null(other);
    start(fixture);
    publish(fixture, 10);
    wait_until(&fixture->journal.n_seen, 10);
    standby = ql_consumer_start(broker_url(), "standby", &fixture->subscription, other);
    publish(fixture, 300);
    wait_until(&fixture->journal.n_seen, 310);
    assert_int_equal(other->n_seen, 0);
    stop(fixture);
    publish(fixture, 10);
    wait_until(&other->n_seen, 10);
    ql_consumer_stop(standby);
    assert_string_equal(other->seen[0], fixture->ids[310]);
    assert_string_equal(other->seen[9], fixture->ids[319]);
}

static void test_lost_connection_is_made_anew_and_nothing_is_lost(void **state)
{
    struct fixture *fixture = *state;

    fixture->journal.n_to_fail = 1000000;
    publish(fixture, 50);
    start(fixture);
    wait_until(&fixture->journal.n_attempts, 2);
    proxy_set_away(&fixture->proxy, true);
    publish(fixture, 50);
    proxy_set_away(&fixture->proxy, false);
    fixture->journal.n_to_fail = 0;
    wait_until(&fixture->journal.n_seen, 100);
    assert_nothing_is_left(fixture);
    /* The attempt under way may have succeeded on the lost connection: then its
     * events came twice. Apart from that the order is that of publishing. */
    for (size_t i = 0, next = 0; i < fixture->journal.n_seen; i++) {
        if (strcmp(fixture->journal.seen[i], fixture->ids[next]) == 0)
            next++;
        else
            next = 1;
        if (i == fixture->journal.n_seen - 1)
            assert_int_equal(next, fixture->n_ids);
    }
}

/* Of the chore: it fails once, then has CHORE_STEPS steps. */
enum { CHORE_STEPS = 5 };
static _Atomic size_t n_chores, n_seen_before_chores;
static struct journal *chore_journal;

static enum ql_code chore(struct ql_call *call, bool *ret_has_more)
{
    size_t n = ++n_chores;

    if (n <= CHORE_STEPS)
        n_seen_before_chores = chore_journal->n_seen;
    *ret_has_more = n < CHORE_STEPS;
    return n == 1 ? ql_fail(call, QL_UNAVAILABLE, "NOT_YET", "the first step fails") : QL_OK;
}

static void test_chore_ends_before_the_first_event_and_goes_on_behind_it(void **state)
{
    struct fixture *fixture = *state;

    n_chores = n_seen_before_chores = 0;
    chore_journal = &fixture->journal;
    fixture->subscription.chore = chore;
    publish(fixture, 2 * BATCH);
    start(fixture);
    wait_until(&n_chores, CHORE_STEPS + 3); /* behind batches, and while nothing comes */
    assert_all_seen(fixture);
    assert_int_equal(n_seen_before_chores, 0);
}

static void test_subscription_to_an_unknown_queue_is_refused(void **state)
{
    struct ql_subscription unknown = {"questline.nobody.v1", record, 1, NULL};

    (void)state;
    assert_null(ql_consumer_start("amqp://127.0.0.1:1", "test", &unknown, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_events_are_handled_in_order_in_bounded_batches),
        TEST(test_events_published_while_consuming_are_handled),
        TEST(test_handler_runs_in_the_trace_of_the_first_event),
        TEST(test_failing_handler_is_called_again_and_nothing_is_skipped),
        TEST(test_handler_in_a_conflict_is_run_again_with_the_whole_batch),
        TEST(test_batch_that_is_too_much_for_an_attempt_is_done_in_parts),
        TEST(test_what_was_not_acknowledged_comes_to_the_next_consumer),
        TEST(test_second_consumer_stands_by_and_takes_over),
        TEST(test_lost_connection_is_made_anew_and_nothing_is_lost),
        TEST(test_chore_ends_before_the_first_event_and_goes_on_behind_it),
        cmocka_unit_test(test_subscription_to_an_unknown_queue_is_refused),
    };

    if (broker_url() == NULL)
        return 77;
    ql_log_setup("events_test", QL_LOG_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
