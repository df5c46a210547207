/* Tests of when the reflector asks for a bookmark and what one shows; the rest is tested on
 * a running stack. */
#include "platform/readside/reflector.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "platform/base/clock.h"

/* Less often while nobody reads, and in time for the lease before it. */
static void test_bookmarks_are_asked_for_less_often_while_nobody_reads(void **state)
{
    int64_t now_ms = ql_monotonic_ms(), idle_ms = ql_reflector_tick_ms(now_ms + 60000, now_ms);

    (void)state;
    assert_true(ql_reflector_tick_ms(now_ms, now_ms) * 2 <= idle_ms);
    assert_true(idle_ms + 100 < QL_CACHE_LEASE_MS);
}

static void test_what_waits_in_the_outbox_makes_resources_older_and_snapshots_not(void **state)
{
    static const int64_t sent_ms[] = {1, 5000, INT64_C(1) << 42};

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(sent_ms); i++) {
        int64_t none = ql_reflector_bookmark(sent_ms[i], 0);
        int64_t some = ql_reflector_bookmark(sent_ms[i], 300);
        int64_t hours = ql_reflector_bookmark(sent_ms[i], INT64_C(1) << 40);

        assert_int_equal(ql_reflector_as_of_ms(none, false), sent_ms[i]);
        assert_int_equal(ql_reflector_as_of_ms(some, false), sent_ms[i] - 300);
        assert_int_equal(ql_reflector_as_of_ms(some, true), sent_ms[i]);
        assert_int_equal(ql_reflector_as_of_ms(hours, true), sent_ms[i]);
        assert_true(ql_reflector_as_of_ms(hours, false) < sent_ms[i] - 1000 * QL_CACHE_LEASE_MS);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bookmarks_are_asked_for_less_often_while_nobody_reads),
        cmocka_unit_test(test_what_waits_in_the_outbox_makes_resources_older_and_snapshots_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
