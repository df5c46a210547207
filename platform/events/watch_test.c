/* Tests of a process' own watch, with a real broker. */
#include "platform/events/watch.h"

#include <stdlib.h>
#include <string.h>

#include "platform/events/publisher.h"
#include "platform/events/testing/broker.h"
#include "platform/events/testing/proxy.h"
#include "questline/catalog/v1/names.h"
#include "questline/processing/v1/names.h"
#include "questline/user/v1/names.h"

#define ID "0192d3a4-0000-7000-8000-000000000001"

static const char *const patterns[] = {"catalog.*", NULL};

struct fixture {
    struct broker broker;
    struct ql_arena *arena;
    struct ql_call call;
    struct ql_watch *watch;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    if (f == NULL)
        return -1;
    broker_open(&f->broker);
    f->arena = ql_arena_new(1 << 20);
    assert_non_null(f->arena);
    ql_call_init(&f->call, f->arena, "test", BROKER_WAIT_MS);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    ql_watch_close(f->watch);
    broker_close(&f->broker);
    ql_arena_free(f->arena);
    free(f);
    return 0;
}

static void open_watch(struct fixture *f)
{
    assert_int_equal(ql_watch_open(&f->call, broker_url(), "test watch", patterns, &f->watch),
                     QL_OK);
}

static struct ql_watch_item next(struct fixture *f, int64_t timeout_ms)
{
    struct ql_watch_item item;

    assert_int_equal(ql_watch_next(&f->call, f->watch, timeout_ms, &item), QL_OK);
    return item;
}

static void test_watch_shows_its_keys_from_now_on_and_in_order(void **state)
{
    struct fixture *f = *state;
    struct ql_watch_item item;

    broker_publish(&f->broker, EVENT_QUEST_CHANGED_KEY, NULL, "!", 1);
    open_watch(f);
    for (int i = 0; i < 600; i++) {
        char c = (char)('a' + i % 26);

        broker_publish(&f->broker, i % 2 ? EVENT_QUEST_CHANGED_KEY : EVENT_REWARD_CHANGED_KEY, NULL,
                       &c, 1);
        broker_publish(&f->broker, EVENT_QUEST_COMPLETED_KEY, NULL, "!", 1);
    }
    for (int i = 0; i < 600; i++) {
        item = next(f, BROKER_WAIT_MS);
        assert_int_equal(item.kind, QL_WATCH_EVENT);
        assert_string_equal(item.routing_key,
                            i % 2 ? EVENT_QUEST_CHANGED_KEY : EVENT_REWARD_CHANGED_KEY);
        assert_int_equal(item.length, 1);
        assert_int_equal(((const char *)item.bytes)[0], 'a' + i % 26);
    }
    assert_int_equal(next(f, 0).kind, QL_WATCH_NONE);
}

static void test_watch_of_several_patterns_shows_the_keys_of_each(void **state)
{
    static const char *const two[] = {EVENT_QUEST_CHANGED_KEY, EVENT_QUEST_COMPLETED_KEY, NULL};
    struct fixture *f = *state;

    assert_int_equal(ql_watch_open(&f->call, broker_url(), "test watch", two, &f->watch), QL_OK);
    broker_publish(&f->broker, EVENT_QUEST_CHANGED_KEY, NULL, "a", 1);
    broker_publish(&f->broker, EVENT_REWARD_CHANGED_KEY, NULL, "b", 1);
    broker_publish(&f->broker, EVENT_QUEST_COMPLETED_KEY, NULL, "c", 1);
    assert_string_equal(next(f, BROKER_WAIT_MS).routing_key, EVENT_QUEST_CHANGED_KEY);
    assert_string_equal(next(f, BROKER_WAIT_MS).routing_key, EVENT_QUEST_COMPLETED_KEY);
    assert_int_equal(next(f, 0).kind, QL_WATCH_NONE);
}

static void test_a_bookmark_comes_back_behind_what_was_confirmed_before_it(void **state)
{
    struct fixture *f = *state;
    struct ql_publisher *publisher = ql_publisher_new(broker_url(), "test publisher");
    struct ql_watch_item item;

    assert_non_null(publisher);
    open_watch(f);
    for (int64_t round = 1; round <= 20; round++) {
        struct ql_message_out message = {.event_id = "0192d3a4-0000-7000-8000-000000000001",
                                         .type = EVENT_QUEST_CHANGED,
                                         .routing_key = EVENT_QUEST_CHANGED_KEY,
                                         .bytes = "x",
                                         .length = 1};

        assert_int_equal(ql_publisher_publish(&f->call, publisher, &message, 1), QL_OK);
        assert_true(message.is_confirmed);
        assert_int_equal(ql_watch_send_bookmark(&f->call, f->watch, round << 40), QL_OK);
        assert_int_equal(next(f, BROKER_WAIT_MS).kind, QL_WATCH_EVENT);
        item = next(f, BROKER_WAIT_MS);
        assert_int_equal(item.kind, QL_WATCH_BOOKMARK);
        assert_int_equal(item.number, round << 40);
    }
    ql_publisher_free(publisher);
}

static void test_two_watches_see_the_same_events_and_their_own_bookmarks(void **state)
{
    struct fixture *f = *state;
    struct ql_watch *other;
    struct ql_watch_item item;

    open_watch(f);
    assert_int_equal(ql_watch_open(&f->call, broker_url(), "other watch", patterns, &other), QL_OK);
    broker_publish(&f->broker, EVENT_QUEST_CHANGED_KEY, NULL, "x", 1);
    /* Not confirmed to us: a bookmark might overtake it. */
    assert_int_equal(next(f, BROKER_WAIT_MS).kind, QL_WATCH_EVENT);
    assert_int_equal(ql_watch_send_bookmark(&f->call, f->watch, 7), QL_OK);
    assert_int_equal(next(f, BROKER_WAIT_MS).kind, QL_WATCH_BOOKMARK);
    assert_int_equal(ql_watch_next(&f->call, other, BROKER_WAIT_MS, &item), QL_OK);
    assert_int_equal(item.kind, QL_WATCH_EVENT);
    assert_int_equal(ql_watch_next(&f->call, other, 100, &item), QL_OK);
    assert_int_equal(item.kind, QL_WATCH_NONE);
    ql_watch_close(other);
}

static void test_what_is_no_event_is_refused_with_a_reason(void **state)
{
    struct fixture *f = *state;
    struct ql_watch_item item;
    struct ql_event event;

    open_watch(f);
    broker_publish(&f->broker, EVENT_QUEST_CHANGED_KEY, NULL, "no event", 8);
    item = next(f, BROKER_WAIT_MS);
    assert_int_equal(ql_watch_read_event(&f->call, &item, &event), QL_INVALID_ARGUMENT);
    assert_true(f->call.status.reason[0] != '\0');
}

static void test_lost_connection_and_absent_broker_are_unavailable(void **state)
{
    struct fixture *f = *state;
    struct ql_watch_item item;
    enum ql_code rc = QL_OK;
    struct proxy proxy;

    proxy_start(&proxy);
    assert_int_equal(ql_watch_open(&f->call, proxy.url, "test watch", patterns, &f->watch), QL_OK);
    proxy_stop(&proxy);
    for (int i = 0; rc == QL_OK && i < 100; i++)
        rc = ql_watch_next(&f->call, f->watch, 100, &item);
    assert_int_equal(rc, QL_UNAVAILABLE);
    assert_int_equal(ql_watch_send_bookmark(&f->call, f->watch, 1), QL_UNAVAILABLE);
    ql_watch_close(f->watch);
    f->watch = NULL;
    assert_int_equal(ql_watch_open(&f->call, "amqp://guest:guest@127.0.0.1:1/%2f", "test watch",
                                   patterns, &f->watch),
                     QL_UNAVAILABLE);
    assert_null(f->watch);
}

static void test_tail_shows_any_event_and_no_dead_letter(void **state)
{
    struct fixture *f = *state;
    struct broker_message *got = ql_arena_calloc(f->arena, 1, sizeof(*got));
    struct ql_watch_item item;

    assert_non_null(got);
    assert_int_equal(ql_watch_open_tail(&f->call, broker_url(), "test tail", "#", 10, &f->watch),
                     QL_OK);
    broker_publish(&f->broker, "dead.questline.user.v1", ID, "a", 1);
    broker_publish(&f->broker, "custom.test.other", ID, "x", 1);
    broker_publish(&f->broker, EVENT_QUEST_COMPLETED_KEY, NULL, "y", 1);
    item = next(f, BROKER_WAIT_MS);
    assert_int_equal(item.kind, QL_WATCH_EVENT);
    assert_string_equal(item.message_id, ID);
    assert_memory_equal(item.bytes, "x", 1);
    item = next(f, BROKER_WAIT_MS);
    assert_string_equal(item.message_id, "");
    assert_memory_equal(item.bytes, "y", 1);
    assert_int_equal(next(f, 0).kind, QL_WATCH_NONE);
    /* Consumers have lost nothing to it. */
    broker_take(&f->broker, QUEUE_USER, got);
    assert_memory_equal(got->body, "y", 1);
}

static void test_tail_that_is_not_read_loses_the_oldest(void **state)
{
    enum { PUBLISHED = 1000, KEPT = 10 };
    struct fixture *f = *state;
    struct ql_watch_item item;
    size_t n_seen = 0;

    assert_int_equal(
        ql_watch_open_tail(&f->call, broker_url(), "test tail", "custom.#", KEPT, &f->watch),
        QL_OK);
    for (size_t i = 0; i <= PUBLISHED; i++)
        broker_publish(&f->broker, "custom.test.many", NULL, i < PUBLISHED ? "m" : "z", 1);
    /* Another queue of these has them all: the tail's has lost what it cannot keep. */
    while (broker_count(&f->broker, QUEUE_PROCESSING) <= PUBLISHED)
        broker_wait_a_little();
    do {
        item = next(f, BROKER_WAIT_MS);
        assert_int_equal(item.kind, QL_WATCH_EVENT);
        n_seen++;
    } while (*(const char *)item.bytes != 'z');
    assert_true(n_seen < PUBLISHED);
}

#define CLAIM(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(test_watch_shows_its_keys_from_now_on_and_in_order),
        CLAIM(test_watch_of_several_patterns_shows_the_keys_of_each),
        CLAIM(test_a_bookmark_comes_back_behind_what_was_confirmed_before_it),
        CLAIM(test_two_watches_see_the_same_events_and_their_own_bookmarks),
        CLAIM(test_what_is_no_event_is_refused_with_a_reason),
        CLAIM(test_tail_shows_any_event_and_no_dead_letter),
        CLAIM(test_tail_that_is_not_read_loses_the_oldest),
        CLAIM(test_lost_connection_and_absent_broker_are_unavailable),
    };

    if (broker_url() == NULL)
        return 77;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
