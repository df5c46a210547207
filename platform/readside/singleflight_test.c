/* Tests of shared loads, with threads that ask at once. */
#include "platform/readside/singleflight.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdatomic.h>

#include "platform/base/clock.h"

enum { CALLERS = 16, WAIT_MS = 20000, FRESH_MS = 100 };

static struct ql_singleflight *group;

struct wanted {
    const char *text;  /* what the load brings */
    enum ql_code code; /* or how it fails */
    int64_t stale_ms;
    size_t length; /* 0: the text's */
    bool runs_out; /* loads until the call has no time left */
    atomic_bool is_gate_open;
    atomic_int n_loads, n_shared, n_failed, n_asking;
};

struct caller {
    struct wanted *wanted;
    const char *key;
    int64_t timeout_ms;
};

static enum ql_code load(struct ql_call *call, void *argument,
                         struct ql_singleflight_result *ret_result)
{
    struct wanted *wanted = argument;

    atomic_fetch_add(&wanted->n_loads, 1);
    (void)ql_sleep_ms(wanted->runs_out ? ql_call_remaining_ms(call) : WAIT_MS,
                      &wanted->is_gate_open);
    if (wanted->code != QL_OK)
        return ql_fail(call, wanted->code, "TEST_REASON", "no %s", wanted->text);
    ret_result->length = wanted->length != 0 ? wanted->length : strlen(wanted->text);
    ret_result->bytes = ql_arena_calloc(call->arena, 1, ret_result->length + 1);
    ret_result->stale_ms = wanted->stale_ms;
    if (ret_result->bytes == NULL)
        return ql_fail_memory(call);
    memcpy((void *)(uintptr_t)ret_result->bytes, wanted->text, strlen(wanted->text));
    return QL_OK;
}

static enum ql_code ask(struct wanted *wanted, const char *key, int64_t timeout_ms)
{
    struct ql_arena *arena = ql_arena_new(1 << 20);
    struct ql_singleflight_result result;
    struct ql_call call;
    bool is_shared;
    enum ql_code rc;

    ql_call_init(&call, arena, "test", timeout_ms);
    atomic_fetch_add(&wanted->n_asking, 1);
    rc = ql_singleflight_run(&call, group, key, load, wanted, &result, &is_shared);
    if (rc == QL_OK)
        assert_memory_equal(result.bytes, wanted->text, strlen(wanted->text));
    else
        atomic_fetch_add(&wanted->n_failed, 1);
    if (is_shared)
        atomic_fetch_add(&wanted->n_shared, 1);
    if (rc == wanted->code && rc != QL_OK)
        assert_string_equal(call.status.reason, "TEST_REASON");
    ql_arena_free(arena);
    return rc;
}

static void *call_thread(void *argument)
{
    struct caller *caller = argument;

    (void)ask(caller->wanted, caller->key, caller->timeout_ms);
    return NULL;
}

/* All callers ask while the first one's load is held at the gate. */
static void ask_at_once(struct wanted *wanted, int64_t timeout_ms)
{
    static const atomic_bool never = false;
    struct caller caller = {wanted, "the key", timeout_ms};
    pthread_t threads[CALLERS];

    for (int i = 0; i < CALLERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, call_thread, &caller), 0);
    while (atomic_load(&wanted->n_asking) < CALLERS || atomic_load(&wanted->n_loads) == 0)
        (void)ql_sleep_ms(1, &never);
    (void)ql_sleep_ms(20, &never); /* more would come if they did not wait */
    atomic_store(&wanted->is_gate_open, true);
    for (int i = 0; i < CALLERS; i++)
        pthread_join(threads[i], NULL);
}

static int setup(void **state)
{
    (void)state;
    group = ql_singleflight_new(4, FRESH_MS);
    return group == NULL;
}

static int teardown(void **state)
{
    (void)state;
    ql_singleflight_free(group);
    return 0;
}

static void test_callers_at_once_share_one_load(void **state)
{
    struct wanted wanted = {.text = "something"};

    (void)state;
    ask_at_once(&wanted, WAIT_MS);
    assert_int_equal(wanted.n_loads, 1);
    assert_int_equal(wanted.n_shared, CALLERS - 1);
    assert_int_equal(wanted.n_failed, 0);
}

static void test_result_is_shared_for_a_moment_and_loaded_again_then(void **state)
{
    static const atomic_bool never = false;
    struct wanted wanted = {.text = "something", .is_gate_open = true};

    (void)state;
    for (int i = 0; i < 3; i++)
        assert_int_equal(ask(&wanted, "the key", WAIT_MS), QL_OK);
    assert_int_equal(wanted.n_loads, 1);
    assert_int_equal(ask(&wanted, "another", WAIT_MS), QL_OK);
    assert_int_equal(wanted.n_loads, 2);
    (void)ql_sleep_ms(FRESH_MS + 1, &never);
    assert_int_equal(ask(&wanted, "the key", WAIT_MS), QL_OK);
    assert_int_equal(wanted.n_loads, 3);
}

static void test_result_that_says_when_it_is_stale_is_believed(void **state)
{
    struct wanted wanted = {.text = "something", .is_gate_open = true};

    (void)state;
    wanted.stale_ms = ql_monotonic_ms();
    assert_int_equal(ask(&wanted, "the key", WAIT_MS), QL_OK);
    assert_int_equal(ask(&wanted, "the key", WAIT_MS), QL_OK);
    assert_int_equal(wanted.n_loads, 2);
}

static void test_who_runs_out_of_time_fails_alone(void **state)
{
    static const atomic_bool never = false;
    struct wanted late = {.text = "something", .code = QL_DEADLINE_EXCEEDED, .runs_out = true};
    struct wanted wanted = {.text = "something", .is_gate_open = true};
    struct caller caller = {&late, "the key", FRESH_MS * 3};
    pthread_t thread;

    (void)state;
    assert_int_equal(pthread_create(&thread, NULL, call_thread, &caller), 0);
    while (atomic_load(&late.n_loads) == 0)
        (void)ql_sleep_ms(1, &never);
    assert_int_equal(ask(&wanted, "the key", WAIT_MS), QL_OK);
    assert_int_equal(wanted.n_loads, 1);
    pthread_join(thread, NULL);
    assert_int_equal(late.n_failed, 1);
}

static void test_what_does_not_exist_is_asked_for_once_in_a_moment(void **state)
{
    static const atomic_bool never = false;
    struct wanted wanted = {.text = "such thing", .code = QL_NOT_FOUND, .is_gate_open = true};

    (void)state;
    for (int i = 0; i < 5; i++)
        assert_int_equal(ask(&wanted, "the key", WAIT_MS), QL_NOT_FOUND);
    assert_int_equal(wanted.n_loads, 1);
    wanted.code = QL_OK;
    (void)ql_sleep_ms(FRESH_MS + 1, &never);
    assert_int_equal(ask(&wanted, "the key", WAIT_MS), QL_OK);
}

static void test_failure_reaches_those_who_waited_and_to_nobody_later(void **state)
{
    struct wanted wanted = {.text = "database", .code = QL_UNAVAILABLE};

    (void)state;
    ask_at_once(&wanted, WAIT_MS);
    assert_int_equal(wanted.n_failed, CALLERS);
    assert_int_equal(wanted.n_loads, 1);
    wanted.code = QL_OK;
    assert_int_equal(ask(&wanted, "the key", WAIT_MS), QL_OK);
}

static void test_caller_waits_no_longer_than_its_deadline(void **state)
{
    struct wanted wanted = {.text = "something"};
    struct caller slow = {&wanted, "the key", WAIT_MS};
    static const atomic_bool never = false;
    pthread_t thread;

    (void)state;
    assert_int_equal(pthread_create(&thread, NULL, call_thread, &slow), 0);
    while (atomic_load(&wanted.n_loads) == 0)
        (void)ql_sleep_ms(1, &never);
    assert_int_equal(ask(&wanted, "the key", 30), QL_DEADLINE_EXCEEDED);
    atomic_store(&wanted.is_gate_open, true);
    pthread_join(thread, NULL);
    assert_int_equal(wanted.n_loads, 1);
}

static void test_large_result_and_more_keys_than_places_only_cost_loads(void **state)
{
    static const char *const keys[] = {"a", "b", "c", "d", "e", "f", "g"};
    struct wanted wanted = {.text = "much", .is_gate_open = true};

    (void)state;
    wanted.length = QL_SINGLEFLIGHT_RESULT_MAX + 1;
    for (int i = 0; i < 2; i++)
        assert_int_equal(ask(&wanted, "the key", WAIT_MS), QL_OK);
    assert_int_equal(wanted.n_loads, 2);
    for (size_t i = 0; i < 7; i++)
        assert_int_equal(ask(&wanted, keys[i], WAIT_MS), QL_OK);
    assert_int_equal(wanted.n_loads, 9);
}

#define CLAIM(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

static bool find(const char *key, struct ql_arena *arena, struct ql_singleflight_result *ret_result)
{
    struct ql_call call;

    ql_call_init(&call, arena, "test", WAIT_MS);
    return ql_singleflight_find(&call, group, key, ret_result);
}

static void test_find_takes_what_is_fresh_and_loads_nothing(void **state)
{
    struct wanted wanted = {.text = "something", .is_gate_open = true};
    struct wanted missing = {.text = "nothing", .code = QL_NOT_FOUND, .is_gate_open = true};
    struct ql_arena *arena = ql_arena_new(1 << 20);
    struct ql_singleflight_result result;

    (void)state;
    ql_singleflight_free(group);
    group = ql_singleflight_new(4, WAIT_MS);
    assert_non_null(group);
    assert_false(find("the key", arena, &result));
    assert_int_equal(ask(&wanted, "the key", WAIT_MS), QL_OK);
    assert_true(find("the key", arena, &result));
    assert_int_equal(result.length, strlen("something"));
    assert_memory_equal(result.bytes, "something", result.length);
    assert_false(find("another", arena, &result));
    assert_int_equal(ask(&missing, "missing", WAIT_MS), QL_NOT_FOUND);
    assert_false(find("missing", arena, &result));
    assert_int_equal(wanted.n_loads, 1);
    wanted.stale_ms = ql_monotonic_ms();
    assert_int_equal(ask(&wanted, "stale", WAIT_MS), QL_OK);
    assert_false(find("stale", arena, &result));
    ql_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(test_callers_at_once_share_one_load),
        CLAIM(test_result_is_shared_for_a_moment_and_loaded_again_then),
        CLAIM(test_result_that_says_when_it_is_stale_is_believed),
        CLAIM(test_who_runs_out_of_time_fails_alone),
        CLAIM(test_what_does_not_exist_is_asked_for_once_in_a_moment),
        CLAIM(test_failure_reaches_those_who_waited_and_to_nobody_later),
        CLAIM(test_caller_waits_no_longer_than_its_deadline),
        CLAIM(test_large_result_and_more_keys_than_places_only_cost_loads),
        CLAIM(test_find_takes_what_is_fresh_and_loads_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
