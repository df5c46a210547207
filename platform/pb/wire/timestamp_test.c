/* Claims about instants between the wire and milliseconds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "platform/base/attributes.h"
#include "platform/pb/wire/timestamp.h"

static struct ql_call call;

static void assert_instant(int64_t unix_ms, int64_t seconds, int32_t nanos)
{
    const Google__Protobuf__Timestamp *timestamp = ql_timestamp_new(&call, unix_ms);

    assert_non_null(timestamp);
    assert_int_equal(timestamp->seconds, seconds);
    assert_int_equal(timestamp->nanos, nanos);
    assert_int_equal(ql_timestamp_ms(timestamp), unix_ms);
}

static void test_milliseconds_come_back(void **state)
{
    (void)state;
    assert_instant(0, 0, 0);
    assert_instant(1999, 1, 999000000);
    assert_instant(1767225600123, 1767225600, 123000000);
}

static void test_instants_before_1970_have_nanos_that_count_forward(void **state)
{
    (void)state;
    assert_instant(-1, -1, 999000000);
    assert_instant(-1000, -1, 0);
}

static void test_parts_of_a_millisecond_are_rounded_down(void **state)
{
    static const struct {
        int64_t seconds;
        int32_t nanos;
        int64_t ms;
    } cases[] = {
        {0, 1, 0},         {0, 999999, 0},      {0, 1000000, 1}, {5, 999999999, 5999},
        {-1, 1, -1000},    {-1, 999999999, -1}, {-1, 0, -1000},  {0, -1, -1},
        {0, -1000000, -1}, {0, -1000001, -2}, /* no time, but of the wire */
    };

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(cases); i++) {
        Google__Protobuf__Timestamp timestamp = GOOGLE__PROTOBUF__TIMESTAMP__INIT;

        timestamp.seconds = cases[i].seconds;
        timestamp.nanos = cases[i].nanos;
        assert_int_equal(ql_timestamp_ms(&timestamp), cases[i].ms);
    }
}

static void test_seconds_that_no_calendar_has_do_not_overflow(void **state)
{
    Google__Protobuf__Timestamp timestamp = GOOGLE__PROTOBUF__TIMESTAMP__INIT;

    (void)state;
    timestamp.seconds = INT64_MAX;
    assert_int_equal(ql_timestamp_ms(&timestamp), 253402300799000);
    timestamp.seconds = INT64_MIN;
    assert_int_equal(ql_timestamp_ms(&timestamp), -62135596800000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_milliseconds_come_back),
        cmocka_unit_test(test_instants_before_1970_have_nanos_that_count_forward),
        cmocka_unit_test(test_parts_of_a_millisecond_are_rounded_down),
        cmocka_unit_test(test_seconds_that_no_calendar_has_do_not_overflow),
    };
    int failed;

    call.arena = ql_arena_new(4096);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    ql_arena_free(call.arena);
    return failed;
}
