/* Tests of the trace context; the cases follow the W3C text. */
#include "platform/base/trace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "platform/base/attributes.h"

#define TRACE_ID  "4bf92f3577b34da6a3ce929d0e0e4736"
#define PARENT_ID "00f067aa0ba902b7"

static void test_new_trace_has_fresh_ids(void **state)
{
    struct ql_trace one, two;

    (void)state;
    ql_trace_new(&one);
    ql_trace_new(&two);
    assert_int_equal(strspn(one.trace_id, "0123456789abcdef"), 32);
    assert_int_equal(strlen(one.trace_id), 32);
    assert_int_equal(strspn(one.span_id, "0123456789abcdef"), 16);
    assert_int_equal(strlen(one.span_id), 16);
    assert_string_not_equal(one.trace_id, two.trace_id);
    assert_string_not_equal(one.span_id, two.span_id);
}

static void test_continued_trace_keeps_its_id_with_a_new_span(void **state)
{
    struct ql_trace trace;

    (void)state;
    ql_trace_continue(&trace, "00-" TRACE_ID "-" PARENT_ID "-01");
    assert_string_equal(trace.trace_id, TRACE_ID);
    assert_string_not_equal(trace.span_id, PARENT_ID);
    assert_int_equal(strlen(trace.span_id), 16);
    assert_true(trace.sampled);
}

static void test_sampled_is_the_lowest_bit_of_the_flags(void **state)
{
    static const char digits[] = "0123456789abcdef";

    (void)state;
    for (int value = 0; value < 16; value++) {
        char text[] = "00-" TRACE_ID "-" PARENT_ID "-00";
        struct ql_trace trace;

        text[sizeof(text) - 2] = digits[value];
        ql_trace_continue(&trace, text);
        assert_string_equal(trace.trace_id, TRACE_ID);
        assert_int_equal(trace.sampled, value % 2 == 1);
    }
}

static void test_later_version_may_have_more_fields(void **state)
{
    struct ql_trace trace;

    (void)state;
    ql_trace_continue(&trace, "cc-" TRACE_ID "-" PARENT_ID "-01-what-the-future-brings");
    assert_string_equal(trace.trace_id, TRACE_ID);
    ql_trace_continue(&trace, "cc-" TRACE_ID "-" PARENT_ID "-01");
    assert_string_equal(trace.trace_id, TRACE_ID);
}

static void test_malformed_traceparent_starts_a_new_trace(void **state)
{
    static const char *const bad[] = {
        NULL,
        "",
        "00-" TRACE_ID "-" PARENT_ID,
        "00-" TRACE_ID "-" PARENT_ID "-0",
        "00-" TRACE_ID "-" PARENT_ID "-01-more",
        "00-" TRACE_ID "-" PARENT_ID "-011",
        "cc-" TRACE_ID "-" PARENT_ID "-01.more",
        "ff-" TRACE_ID "-" PARENT_ID "-01",
        "0x-" TRACE_ID "-" PARENT_ID "-01",
        "00_" TRACE_ID "-" PARENT_ID "-01",
        "00-" TRACE_ID "_" PARENT_ID "-01",
        "00-" TRACE_ID "-" PARENT_ID "_01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-" PARENT_ID "-01",
        "00-00000000000000000000000000000000-" PARENT_ID "-01",
        "00-" TRACE_ID "-0000000000000000-01",
        "00-" TRACE_ID "-" PARENT_ID "-0g",
    };

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(bad); i++) {
        struct ql_trace trace;

        ql_trace_continue(&trace, bad[i]);
        assert_string_not_equal(trace.trace_id, TRACE_ID);
        assert_int_equal(strlen(trace.trace_id), 32);
        assert_int_equal(strlen(trace.span_id), 16);
    }
}

static void test_formatted_trace_can_be_continued(void **state)
{
    struct ql_trace trace = {.trace_id = TRACE_ID, .span_id = PARENT_ID, .sampled = true}, next;
    char text[QL_TRACEPARENT_SIZE];

    (void)state;
    ql_trace_format(&trace, text);
    assert_string_equal(text, "00-" TRACE_ID "-" PARENT_ID "-01");
    trace.sampled = false;
    ql_trace_format(&trace, text);
    assert_string_equal(text, "00-" TRACE_ID "-" PARENT_ID "-00");
    ql_trace_continue(&next, text);
    assert_string_equal(next.trace_id, TRACE_ID);
    assert_false(next.sampled);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_new_trace_has_fresh_ids),
        cmocka_unit_test(test_continued_trace_keeps_its_id_with_a_new_span),
        cmocka_unit_test(test_sampled_is_the_lowest_bit_of_the_flags),
        cmocka_unit_test(test_later_version_may_have_more_fields),
        cmocka_unit_test(test_malformed_traceparent_starts_a_new_trace),
        cmocka_unit_test(test_formatted_trace_can_be_continued),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
