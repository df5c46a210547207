/* Tests of watching, with a real broker. */
#include "platform/events/tail.h"

#include <stdlib.h>
#include <string.h>

#include "platform/events/testing/broker.h"

#define ID "0192d3a4-0000-7000-8000-000000000001"

struct fixture {
    struct broker broker;
    struct ql_arena *arena;
    struct ql_call call;
    struct ql_tail *tail;
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

    ql_tail_close(f->tail);
    broker_close(&f->broker);
    ql_arena_free(f->arena);
    free(f);
    return 0;
}

static bool next(struct fixture *f, int64_t timeout_ms, struct ql_tail_message *ret_message)
{
    bool has = false;

    assert_int_equal(ql_tail_next(&f->call, f->tail, timeout_ms, ret_message, &has), QL_OK);
    return has;
}

static void test_watcher_sees_what_is_published_from_now_on(void **state)
{
    static const char bodies[] = "bcdefghijklmnopqrstuvwxy";
    struct fixture *f = *state;
    struct ql_tail_message message;

    broker_publish(&f->broker, "custom.test.before", ID, "a", 1);
    assert_int_equal(ql_tail_open(&f->call, broker_url(), "#", &f->tail), QL_OK);
    for (size_t i = 0; i < strlen(bodies); i++)
        broker_publish(&f->broker, "custom.test.after", i == 0 ? ID : NULL, &bodies[i], 1);
    for (size_t i = 0; i < strlen(bodies); i++) {
        assert_true(next(f, BROKER_WAIT_MS, &message));
        assert_string_equal(message.routing_key, "custom.test.after");
        assert_string_equal(message.message_id, i == 0 ? ID : "");
        assert_int_equal(message.length, 1);
        assert_memory_equal(message.bytes, &bodies[i], 1);
    }
    assert_false(next(f, 0, &message));
}

static void test_watching_takes_nothing_from_consumers(void **state)
{
    struct fixture *f = *state;
    struct broker_message *got = ql_arena_calloc(f->arena, 1, sizeof(*got));
    struct ql_tail_message message;

    assert_non_null(got);
    assert_int_equal(ql_tail_open(&f->call, broker_url(), "quest.*", &f->tail), QL_OK);
    broker_publish(&f->broker, "custom.test.other", ID, "x", 1);
    broker_publish(&f->broker, "quest.completed", ID, "y", 1);
    assert_true(next(f, BROKER_WAIT_MS, &message));
    assert_memory_equal(message.bytes, "y", 1);
    assert_false(next(f, 0, &message));
    broker_take(&f->broker, "questline.user.v1", got);
    assert_memory_equal(got->body, "y", 1);
    broker_take(&f->broker, "questline.processing.v1", got);
    assert_memory_equal(got->body, "x", 1);
}

static void test_broker_that_is_away_is_unavailable(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(ql_tail_open(&f->call, "amqp://guest:guest@127.0.0.1:1/%2f", "#", &f->tail),
                     QL_UNAVAILABLE);
    assert_null(f->tail);
}

#define CLAIM(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(test_watcher_sees_what_is_published_from_now_on),
        CLAIM(test_watching_takes_nothing_from_consumers),
        CLAIM(test_broker_that_is_away_is_unavailable),
    };

    if (broker_url() == NULL)
        return 77;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
