/* How often the reflector asks for a bookmark; what it does with one is tested on a running
 * stack. */
#include "platform/readside/reflector.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "platform/base/clock.h"
#include "questline/catalog/v1/server.h"
#include "services/catalog/catalog_fixture.h"

/* Less often while nobody reads, and in time for the lease before it. */
static void test_bookmarks_are_asked_for_less_often_while_nobody_reads(void **state)
{
    int64_t now_ms = ql_monotonic_ms(), idle_ms = ql_reflector_tick_ms(now_ms + 60000, now_ms);

    (void)state;
    assert_true(ql_reflector_tick_ms(now_ms, now_ms) * 2 <= idle_ms);
    assert_true(idle_ms + 100 < QL_CACHE_LEASE_MS);
}

static void test_reading_is_noted(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    int64_t begun_ms = ql_monotonic_ms();
    ListQuestsRequest in;
    ListQuestsResponse out;

    (void)state;
    ListQuestsRequest_init(&in);
    ListQuestsResponse_init(&out);
    assert_int_equal(test_rpc(call, QuestQueryService_ListQuests_method, &in, &out), QL_OK);
    assert_true(atomic_load(&app.reads.read_ms) >= begun_ms);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bookmarks_are_asked_for_less_often_while_nobody_reads),
        cmocka_unit_test(test_reading_is_noted),
    };
    int rc = test_catalog_start();

    if (rc == 0)
        rc = cmocka_run_group_tests(tests, NULL, NULL);
    test_catalog_stop();
    return rc;
}
