/* Tests of a process' own feed, with a real broker. */
#include "platform/events/feed.h"

#include <stdlib.h>
#include <string.h>

#include "platform/events/publisher.h"
#include "platform/events/testing/broker.h"
#include "platform/events/testing/proxy.h"
#include "questline/catalog/v1/names.h"
#include "questline/processing/v1/names.h"
#include "questline/user/v1/names.h"

#define ID "0192d3a4-0000-7000-8000-000000000001"

struct fixture {
    struct broker broker;
    struct ql_arena *arena;
    struct ql_call call;
    struct ql_feed *feed;
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

    ql_feed_close(f->feed);
    broker_close(&f->broker);
    ql_arena_free(f->arena);
    free(f);
    return 0;
}

static void open_feed(struct fixture *f)
{
    assert_int_equal(ql_feed_open(&f->call, broker_url(), "test feed", "catalog.*", &f->feed),
                     QL_OK);
}

static struct ql_feed_news next(struct fixture *f, int64_t timeout_ms)
{
    struct ql_feed_news news;

    assert_int_equal(ql_feed_next(&f->call, f->feed, timeout_ms, &news), QL_OK);
    return news;
}

static void test_feed_shows_its_keys_from_now_on_and_in_order(void **state)
{
    struct fixture *f = *state;
    struct ql_feed_news news;

    broker_publish(&f->broker, EVENT_QUEST_CHANGED_KEY, NULL, "!", 1);
    open_feed(f);
    for (int i = 0; i < 600; i++) {
        char c = (char)('a' + i % 26);

        broker_publish(&f->broker, i % 2 ? EVENT_QUEST_CHANGED_KEY : EVENT_REWARD_CHANGED_KEY, NULL,
                       &c, 1);
        broker_publish(&f->broker, EVENT_QUEST_COMPLETED_KEY, NULL, "!", 1);
    }
    for (int i = 0; i < 600; i++) {
        news = next(f, BROKER_WAIT_MS);
        assert_int_equal(news.kind, QL_FEED_EVENT);
        assert_string_equal(news.routing_key,
                            i % 2 ? EVENT_QUEST_CHANGED_KEY : EVENT_REWARD_CHANGED_KEY);
        assert_int_equal(news.length, 1);
        assert_int_equal(((const char *)news.bytes)[0], 'a' + i % 26);
    }
    assert_int_equal(next(f, 0).kind, QL_FEED_NOTHING);
}

static void test_ping_comes_back_behind_what_was_confirmed_before_it(void **state)
{
    struct fixture *f = *state;
    struct ql_publisher *publisher = ql_publisher_new(broker_url(), "test publisher");
    struct ql_feed_news news;

    assert_non_null(publisher);
    open_feed(f);
    for (int64_t round = 1; round <= 20; round++) {
        struct ql_message_out message = {.event_id = "0192d3a4-0000-7000-8000-000000000001",
                                         .type = EVENT_QUEST_CHANGED,
                                         .routing_key = EVENT_QUEST_CHANGED_KEY,
                                         .bytes = "x",
                                         .length = 1};

        assert_int_equal(ql_publisher_publish(&f->call, publisher, &message, 1), QL_OK);
        assert_true(message.is_confirmed);
        assert_int_equal(ql_feed_ping(&f->call, f->feed, round << 40), QL_OK);
        assert_int_equal(next(f, BROKER_WAIT_MS).kind, QL_FEED_EVENT);
        news = next(f, BROKER_WAIT_MS);
        assert_int_equal(news.kind, QL_FEED_PING);
        assert_int_equal(news.number, round << 40);
    }
    ql_publisher_free(publisher);
}

static void test_two_feeds_see_the_same_events_and_their_own_pings(void **state)
{
    struct fixture *f = *state;
    struct ql_feed *other;
    struct ql_feed_news news;

    open_feed(f);
    assert_int_equal(ql_feed_open(&f->call, broker_url(), "other feed", "catalog.*", &other),
                     QL_OK);
    broker_publish(&f->broker, EVENT_QUEST_CHANGED_KEY, NULL, "x", 1);
    /* Not confirmed to us: a ping might overtake it. */
    assert_int_equal(next(f, BROKER_WAIT_MS).kind, QL_FEED_EVENT);
    assert_int_equal(ql_feed_ping(&f->call, f->feed, 7), QL_OK);
    assert_int_equal(next(f, BROKER_WAIT_MS).kind, QL_FEED_PING);
    assert_int_equal(ql_feed_next(&f->call, other, BROKER_WAIT_MS, &news), QL_OK);
    assert_int_equal(news.kind, QL_FEED_EVENT);
    assert_int_equal(ql_feed_next(&f->call, other, 100, &news), QL_OK);
    assert_int_equal(news.kind, QL_FEED_NOTHING);
    ql_feed_close(other);
}

static void test_what_is_no_event_is_refused_with_a_reason(void **state)
{
    struct fixture *f = *state;
    struct ql_feed_news news;
    struct ql_event event;

    open_feed(f);
    broker_publish(&f->broker, EVENT_QUEST_CHANGED_KEY, NULL, "no event", 8);
    news = next(f, BROKER_WAIT_MS);
    assert_int_equal(ql_feed_read_event(&f->call, &news, &event), QL_INVALID_ARGUMENT);
    assert_true(f->call.status.reason[0] != '\0');
}

static void test_lost_connection_and_absent_broker_are_unavailable(void **state)
{
    struct fixture *f = *state;
    struct ql_feed_news news;
    enum ql_code rc = QL_OK;
    struct proxy proxy;

    proxy_start(&proxy);
    assert_int_equal(ql_feed_open(&f->call, proxy.url, "test feed", "catalog.*", &f->feed), QL_OK);
    proxy_stop(&proxy);
    for (int i = 0; rc == QL_OK && i < 100; i++)
        rc = ql_feed_next(&f->call, f->feed, 100, &news);
    assert_int_equal(rc, QL_UNAVAILABLE);
    assert_int_equal(ql_feed_ping(&f->call, f->feed, 1), QL_UNAVAILABLE);
    ql_feed_close(f->feed);
    f->feed = NULL;
    assert_int_equal(ql_feed_open(&f->call, "amqp://guest:guest@127.0.0.1:1/%2f", "test feed",
                                  "catalog.*", &f->feed),
                     QL_UNAVAILABLE);
    assert_null(f->feed);
}

static void test_tail_shows_any_event_and_no_dead_letter(void **state)
{
    struct fixture *f = *state;
    struct broker_message *got = ql_arena_calloc(f->arena, 1, sizeof(*got));
    struct ql_feed_news news;

    assert_non_null(got);
    assert_int_equal(ql_feed_open_tail(&f->call, broker_url(), "test tail", "#", 10, &f->feed),
                     QL_OK);
    broker_publish(&f->broker, "dead.questline.user.v1", ID, "a", 1);
    broker_publish(&f->broker, "custom.test.other", ID, "x", 1);
    broker_publish(&f->broker, EVENT_QUEST_COMPLETED_KEY, NULL, "y", 1);
    news = next(f, BROKER_WAIT_MS);
    assert_int_equal(news.kind, QL_FEED_EVENT);
    assert_string_equal(news.message_id, ID);
    assert_memory_equal(news.bytes, "x", 1);
    news = next(f, BROKER_WAIT_MS);
    assert_string_equal(news.message_id, "");
    assert_memory_equal(news.bytes, "y", 1);
    assert_int_equal(next(f, 0).kind, QL_FEED_NOTHING);
    /* Consumers have lost nothing to it. */
    broker_take(&f->broker, QUEUE_USER, got);
    assert_memory_equal(got->body, "y", 1);
}

static void test_tail_that_is_not_read_loses_the_oldest(void **state)
{
    enum { PUBLISHED = 1000, KEPT = 10 };
    struct fixture *f = *state;
    struct ql_feed_news news;
    size_t n_seen = 0;

    assert_int_equal(
        ql_feed_open_tail(&f->call, broker_url(), "test tail", "custom.#", KEPT, &f->feed), QL_OK);
    for (size_t i = 0; i <= PUBLISHED; i++)
        broker_publish(&f->broker, "custom.test.many", NULL, i < PUBLISHED ? "m" : "z", 1);
    /* Another queue of these has them all: the tail's has lost what it cannot keep. */
    while (broker_count(&f->broker, QUEUE_PROCESSING) <= PUBLISHED)
        broker_wait_a_little();
    do {
        news = next(f, BROKER_WAIT_MS);
        assert_int_equal(news.kind, QL_FEED_EVENT);
        n_seen++;
    } while (*(const char *)news.bytes != 'z');
    assert_true(n_seen < PUBLISHED);
}

#define CLAIM(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(test_feed_shows_its_keys_from_now_on_and_in_order),
        CLAIM(test_ping_comes_back_behind_what_was_confirmed_before_it),
        CLAIM(test_two_feeds_see_the_same_events_and_their_own_pings),
        CLAIM(test_what_is_no_event_is_refused_with_a_reason),
        CLAIM(test_tail_shows_any_event_and_no_dead_letter),
        CLAIM(test_tail_that_is_not_read_loses_the_oldest),
        CLAIM(test_lost_connection_and_absent_broker_are_unavailable),
    };

    if (broker_url() == NULL)
        return 77;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
