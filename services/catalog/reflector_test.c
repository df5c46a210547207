/* What the reflector learns of reads: while there are none it asks for fewer bookmarks. */
#include "platform/readside/reflector.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "platform/base/clock.h"
#include "questline/catalog/v1/server.h"
#include "services/catalog/catalog_fixture.h"

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
        cmocka_unit_test(test_reading_is_noted),
    };
    int rc = test_catalog_start();

    if (rc == 0)
        rc = cmocka_run_group_tests(tests, NULL, NULL);
    test_catalog_stop();
    return rc;
}
