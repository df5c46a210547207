/* Tests of the call context and of the ways in which a call fails. */
#include "platform/base/call.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "platform/base/clock.h"

struct fixture {
    struct ql_arena *arena;
    struct ql_call call;
};

static int set_up(void **state)
{
    static struct fixture fixture;

    fixture.arena = ql_arena_new(64 * 1024);
    ql_call_init(&fixture.call, fixture.arena, "test", 1000);
    *state = &fixture;
    return fixture.arena == NULL;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    ql_arena_free(fixture->arena);
    return 0;
}

static struct ql_call *call_of(void **state)
{
    return &((struct fixture *)*state)->call;
}

static void test_fresh_call_is_ok_and_nobodys(void **state)
{
    struct ql_call *call = call_of(state);

    assert_int_equal(call->status.code, QL_OK);
    assert_int_equal(call->identity.role, QL_ROLE_NONE);
    assert_null(call->idempotency_key);
    assert_string_equal(call->method, "test");
    assert_true(ql_uuid_is_valid(call->request_id));
    assert_int_equal(strlen(call->trace.trace_id), 32);
    assert_in_range(ql_call_remaining_ms(call), 1, 1000);
}

static void test_passed_deadline_leaves_no_time(void **state)
{
    struct ql_call *call = call_of(state);

    call->deadline_ms = ql_monotonic_ms() - 5;
    assert_int_equal(ql_call_remaining_ms(call), 0);
}

static void test_endless_timeout_does_not_overflow(void **state)
{
    struct ql_call *call = call_of(state);

    ql_call_init(call, call->arena, "test", INT64_MAX);
    assert_true(ql_call_remaining_ms(call) > INT64_C(1) << 60);
}

static void test_fail_fills_the_status_and_returns_the_code(void **state)
{
    struct ql_call *call = call_of(state);

    assert_int_equal(ql_fail(call, QL_NOT_FOUND, "QUEST_NOT_FOUND", "quest %d", 7), QL_NOT_FOUND);
    assert_int_equal(call->status.code, QL_NOT_FOUND);
    assert_string_equal(call->status.reason, "QUEST_NOT_FOUND");
    assert_string_equal(call->status.message, "quest 7");
}

static void test_failure_may_quote_the_one_before(void **state)
{
    struct ql_call *call = call_of(state);

    (void)ql_fail(call, QL_UNAVAILABLE, "DATABASE_DOWN", "no connection");
    (void)ql_fail(call, QL_INTERNAL, call->status.reason, "start: %s", call->status.message);
    assert_int_equal(call->status.code, QL_INTERNAL);
    assert_string_equal(call->status.reason, "DATABASE_DOWN");
    assert_string_equal(call->status.message, "start: no connection");
}

static void test_long_message_ends_with_a_whole_character(void **state)
{
    static const char *const characters[] = {"x", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80"};

    for (size_t i = 0; i < QL_ARRAY_LENGTH(characters); i++) {
        size_t size = strlen(characters[i]);

        for (int shift = 0; shift < 4; shift++) {
            struct ql_call *call = call_of(state);
            char text[600] = "";

            memset(text, 'a', (size_t)shift);
            for (size_t at = (size_t)shift; at < 500; at += size)
                memcpy(text + at, characters[i], size);
            (void)ql_fail(call, QL_INTERNAL, "LONG", "%s", text);
            assert_true(strlen(call->status.message) > QL_MESSAGE_MAX - 5);
            assert_int_equal((strlen(call->status.message) - (size_t)shift) % size, 0);
        }
    }
}

static void test_violations_are_kept_in_order(void **state)
{
    struct ql_call *call = call_of(state);

    assert_int_equal(ql_violate(call, "quest.name", "must not be empty"), QL_INVALID_ARGUMENT);
    assert_int_equal(ql_violate(call, "quest.streak", "is %d, not 1 to 1000", 0),
                     QL_INVALID_ARGUMENT);
    assert_int_equal(call->status.code, QL_INVALID_ARGUMENT);
    assert_string_equal(call->status.reason, "INVALID_FIELD");
    assert_string_equal(call->status.message, "quest.name: must not be empty");
    assert_int_equal(call->status.n_violations, 2);
    assert_string_equal(call->status.violations[0].field, "quest.name");
    assert_string_equal(call->status.violations[1].field, "quest.streak");
    assert_string_equal(call->status.violations[1].description, "is 0, not 1 to 1000");
}

static void test_violations_past_the_bound_are_dropped(void **state)
{
    struct ql_call *call = call_of(state);
    char field[16];

    for (int i = 0; i < QL_VIOLATIONS_MAX + 5; i++) {
        snprintf(field, sizeof(field), "f%d", i);
        assert_int_equal(ql_violate(call, field, "is wrong"), QL_INVALID_ARGUMENT);
    }
    assert_int_equal(call->status.n_violations, QL_VIOLATIONS_MAX);
    assert_string_equal(call->status.message, "f0: is wrong");
    assert_string_equal(call->status.violations[QL_VIOLATIONS_MAX - 1].field, "f15");
}

static void test_violation_without_memory_still_names_the_field(void **state)
{
    QL_CLEANUP(ql_arena_freep) struct ql_arena *arena = ql_arena_new(0);
    struct ql_call *call = call_of(state);

    ql_call_init(call, arena, "test", 1000);
    assert_int_equal(ql_violate(call, "quest.name", "is too long"), QL_INVALID_ARGUMENT);
    assert_int_equal(ql_violate(call, "quest.streak", "is wrong"), QL_INVALID_ARGUMENT);
    assert_int_equal(call->status.n_violations, 0);
    assert_string_equal(call->status.message, "quest.name: is too long");
}

static void test_long_path_does_not_cut_the_description(void **state)
{
    struct ql_call *call = call_of(state);
    char path[1000];

    memset(path, 'p', sizeof(path) - 1);
    path[sizeof(path) - 1] = '\0';
    (void)ql_violate(call, path, "is unknown");
    assert_non_null(strstr(call->status.message, "p: is unknown"));
    assert_string_equal(call->status.violations[0].field, path);
}

static void test_later_failure_drops_the_violations(void **state)
{
    struct ql_call *call = call_of(state);

    (void)ql_violate(call, "quest.name", "must not be empty");
    (void)ql_fail(call, QL_INTERNAL, "BROKEN", "broken");
    assert_int_equal(call->status.n_violations, 0);
}

static void test_retry_advice_survives_the_failure_after_it(void **state)
{
    struct ql_call *call = call_of(state);

    ql_retry_after(call, 1500);
    (void)ql_fail(call, QL_RESOURCE_EXHAUSTED, "BUSY", "busy");
    assert_int_equal(call->status.retry_delay_ms, 1500);
}

static void test_memory_failure_is_resource_exhausted(void **state)
{
    struct ql_call *call = call_of(state);

    assert_int_equal(ql_fail_memory(call), QL_RESOURCE_EXHAUSTED);
    assert_string_equal(call->status.reason, "MEMORY_LIMIT");
}

static void test_cleared_status_is_ok_again(void **state)
{
    struct ql_call *call = call_of(state);

    ql_retry_after(call, 1500);
    (void)ql_violate(call, "quest.name", "must not be empty");
    ql_call_clear_status(call);
    assert_int_equal(call->status.code, QL_OK);
    assert_string_equal(call->status.reason, "");
    assert_int_equal(call->status.n_violations, 0);
    assert_int_equal(call->status.retry_delay_ms, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_fresh_call_is_ok_and_nobodys),
        TEST(test_passed_deadline_leaves_no_time),
        TEST(test_endless_timeout_does_not_overflow),
        TEST(test_fail_fills_the_status_and_returns_the_code),
        TEST(test_failure_may_quote_the_one_before),
        TEST(test_long_message_ends_with_a_whole_character),
        TEST(test_violations_are_kept_in_order),
        TEST(test_violations_past_the_bound_are_dropped),
        TEST(test_violation_without_memory_still_names_the_field),
        TEST(test_long_path_does_not_cut_the_description),
        TEST(test_later_failure_drops_the_violations),
        TEST(test_retry_advice_survives_the_failure_after_it),
        TEST(test_memory_failure_is_resource_exhausted),
        TEST(test_cleared_status_is_ok_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
