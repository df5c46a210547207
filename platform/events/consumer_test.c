/* Tests of the consumer, with a real broker: what the handler sees, in which
 * order, how often, and what becomes of the rest. */
#include "platform/events/consumer.h"

#include <stdlib.h>
#include <string.h>

#include "platform/base/buffer.h"
#include "platform/base/clock.h"
#include "platform/base/id.h"
#include "platform/base/log.h"
#include "platform/base/metrics.h"
#include "platform/events/testing/broker.h"
#include "platform/events/testing/proxy.h"
#include "platform/events/dead_letter_headers.h"
#include "platform/events/publisher.h"
#include "questline/processing/v1/names.h"
#include "questline/user/v1/names.h"

#define QUEUE QUEUE_PROCESSING
#define DEAD  "questline.processing.v1.dead"
#define KEY   EVENT_USER_SIGN_IN_KEY

enum { SEEN_MAX = 4000, BATCH = 100, PUBLISHED_MAX = 1000 };

/* What the handler saw; app of the call. Written by one consumer thread at a
 * time, read once `n_seen` says so. */
struct journal {
    char seen[SEEN_MAX][QL_UUID_SIZE];
    _Atomic size_t n_seen;
    _Atomic size_t n_attempts;
    _Atomic size_t largest;
    _Atomic int n_to_fail;          /* attempts that fail from now on */
    _Atomic int n_conflicts;        /* attempts that end in a conflict from now on */
    size_t n_in_conflict, n_behind; /* events of the last of these, and of the next attempt */
    _Atomic size_t too_many;        /* so many events are too much for an attempt; 0: none */
    char rejected_id[QL_UUID_SIZE]; /* "": none */
    char trace_id[33];              /* of the call */
};

struct fixture {
    struct broker broker;
    struct ql_arena *arena;
    struct ql_call call;
    struct ql_publisher *publisher;
    struct proxy proxy;
    struct journal journal;
    struct ql_subscription subscription;
    struct ql_consumer *consumer;
    char ids[PUBLISHED_MAX][QL_UUID_SIZE];
    size_t n_ids;
    struct broker_message got;
};

static enum ql_code record(struct ql_call *call, struct ql_delivery *deliveries, size_t n)
{
    struct journal *journal = call->app;

    if (n > journal->largest)
        journal->largest = n;
    memcpy(journal->trace_id, call->trace.trace_id, sizeof(journal->trace_id));
    journal->n_attempts++;
    if (journal->n_conflicts > 0) {
        journal->n_conflicts--;
        journal->n_in_conflict = n;
        (void)ql_fail(call, QL_ABORTED, "TEST", "a concurrent change");
        call->status.is_conflict = true;
        return QL_ABORTED;
    }
    if (journal->n_in_conflict > 0 && journal->n_behind == 0)
        journal->n_behind = n;
    if (journal->n_to_fail > 0) {
        journal->n_to_fail--;
        return ql_fail(call, QL_UNAVAILABLE, "TEST", "not yet");
    }
    if (journal->too_many > 0 && n >= journal->too_many)
        return ql_fail(call, QL_DEADLINE_EXCEEDED, "TEST", "too much for the time there was");
    for (size_t i = 0; i < n && journal->n_seen < SEEN_MAX; i++) {
        memcpy(journal->seen[journal->n_seen], deliveries[i].event.event_id, QL_UUID_SIZE);
        if (strcmp(deliveries[i].event.event_id, journal->rejected_id) == 0)
            ql_delivery_reject(&deliveries[i], "TEST_REJECTED", "never %s", "again");
        journal->n_seen++;
    }
    return QL_OK;
}

static int setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));

    broker_open(&fixture->broker);
    proxy_start(&fixture->proxy);
    fixture->arena = ql_arena_new(64 << 20);
    ql_call_init(&fixture->call, fixture->arena, "test", BROKER_WAIT_MS);
    fixture->publisher = ql_publisher_new(broker_url(), "consumer test");
    fixture->subscription = (struct ql_subscription){QUEUE, record, BATCH, NULL};
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;

    ql_consumer_stop(fixture->consumer);
    ql_publisher_free(fixture->publisher);
    proxy_stop(&fixture->proxy);
    broker_close(&fixture->broker);
    ql_arena_free(fixture->arena);
    free(fixture);
    return 0;
}

static void start(struct fixture *fixture)
{
    fixture->consumer =
        ql_consumer_start(fixture->proxy.url, "test", &fixture->subscription, &fixture->journal);
    assert_non_null(fixture->consumer);
}

static void stop(struct fixture *fixture)
{
    ql_consumer_stop(fixture->consumer);
    fixture->consumer = NULL;
}

static void pack(struct fixture *fixture, struct ql_event *ret_event, uint8_t **ret_bytes,
                 size_t *ret_length)
{
    UserSignedIn body;

    UserSignedIn_init(&body);
    assert_int_equal(
        ql_event_make(&fixture->call, EVENT_USER_SIGN_IN, NULL, "", &body.base, ret_event), QL_OK);
    assert_int_equal(ql_event_pack(&fixture->call, ret_event, ret_bytes, ret_length), QL_OK);
}

/* Publishes n sign-ins and remembers their ids, in order. */
static void publish(struct fixture *fixture, size_t n)
{
    struct ql_message_out *messages = ql_arena_calloc(fixture->arena, n, sizeof(*messages));

    assert_non_null(messages);
    for (size_t i = 0; i < n; i++) {
        struct ql_event event;
        uint8_t *bytes;

        pack(fixture, &event, &bytes, &messages[i].length);
        messages[i].event_id = event.event_id;
        messages[i].type = event.type;
        messages[i].routing_key = KEY;
        messages[i].bytes = bytes;
        memcpy(fixture->ids[fixture->n_ids++], event.event_id, QL_UUID_SIZE);
    }
    assert_int_equal(ql_publisher_publish(&fixture->call, fixture->publisher, messages, n), QL_OK);
    for (size_t i = 0; i < n; i++)
        assert_true(messages[i].is_confirmed);
}

static void wait_until(const _Atomic size_t *counter, size_t value)
{
    int64_t end_ms = ql_monotonic_ms() + BROKER_WAIT_MS;

    while (*counter < value) {
        if (ql_monotonic_ms() > end_ms)
            fail_msg("%zu of %zu after %d ms", *counter, value, BROKER_WAIT_MS);
        broker_wait_a_little();
    }
}

/* Everything published was seen exactly once, in order. */
static void assert_all_seen(struct fixture *fixture)
{
    wait_until(&fixture->journal.n_seen, fixture->n_ids);
    stop(fixture);
    assert_int_equal(fixture->journal.n_seen, fixture->n_ids);
    for (size_t i = 0; i < fixture->n_ids; i++)
        assert_string_equal(fixture->journal.seen[i], fixture->ids[i]);
}

/* A consumer of the same queue finds nothing: everything was acknowledged. */
static void assert_nothing_is_left(struct fixture *fixture)
{
    size_t n_seen = fixture->journal.n_seen;

    stop(fixture);
    start(fixture);
    publish(fixture, 1);
    wait_until(&fixture->journal.n_seen, n_seen + 1);
    stop(fixture);
    assert_int_equal(fixture->journal.n_seen, n_seen + 1);
    assert_string_equal(fixture->journal.seen[n_seen], fixture->ids[fixture->n_ids - 1]);
}

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

static void test_subscription_to_an_unknown_queue_is_refused(void **state)
{
    struct ql_subscription unknown = {"questline.nobody.v1", record, 1, NULL};

    (void)state;
    assert_null(ql_consumer_start("amqp://127.0.0.1:1", "test", &unknown, NULL));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_events_are_handled_in_order_in_bounded_batches),
        TEST(test_events_published_while_consuming_are_handled),
        TEST(test_handler_runs_in_the_trace_of_the_first_event),
        TEST(test_failing_handler_is_called_again_and_nothing_is_skipped),
        TEST(test_handler_in_a_conflict_is_run_again_with_the_whole_batch),
        TEST(test_batch_that_is_too_much_for_an_attempt_is_done_in_parts),
        TEST(test_rejected_event_is_a_dead_letter_and_the_rest_is_acknowledged),
        TEST(test_what_is_no_event_never_reaches_the_handler),
        TEST(test_batch_without_an_event_is_acknowledged_too),
        TEST(test_what_was_not_acknowledged_comes_to_the_next_consumer),
        TEST(test_second_consumer_stands_by_and_takes_over),
        TEST(test_lost_connection_is_made_anew_and_nothing_is_lost),
        TEST(test_consumer_of_a_deleted_queue_says_so_until_it_is_declared_again),
        TEST(test_dead_letters_without_a_queue_wait_until_it_is_declared_again),
        TEST(test_failing_handler_is_stuck_and_one_that_waits_for_others_is_not),
        TEST(test_event_that_its_account_may_not_publish_is_a_dead_letter),
        TEST(test_chore_ends_before_the_first_event_and_goes_on_behind_it),
        cmocka_unit_test(test_subscription_to_an_unknown_queue_is_refused),
    };

    if (broker_url() == NULL)
        return 77;
    ql_log_setup("events_test", QL_LOG_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
