/* Claims about the demo data. */
#include "services/catalog/catalog_fixture.h"

#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

static void test_seeding_twice_makes_one_quest_and_announces_it_once(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    char quest_id[QL_UUID_SIZE];
    GetQuestResponse out;

    (void)state;
    assert_int_equal(catalog_seed_demo(call, &app), QL_OK);
    assert_int_equal(catalog_seed_demo(call, &app), QL_OK);
    assert_int_equal(test_sql(&database, "SELECT count(*) FROM quests"), 1);
    assert_int_equal(test_sql(&database, "SELECT count(*) FROM rewards"), 1);
    assert_int_equal(test_sql(&database, "SELECT count(*) FROM outbox"), 2);
    ql_uuid_derive(quest_id, (const char *const[]){"demo", "quest"}, 2);
    assert_int_equal(test_get_quest(call, quest_id, 0, &out), QL_OK);
    assert_string_equal(out.quest->name, "Sign in three times");
    assert_int_equal(out.quest->streak, 3);
    assert_int_equal(out.quest->duplication, 2);
    assert_false(out.quest->auto_claim);
    assert_int_equal(out.quest->n_event_types, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_seeding_twice_makes_one_quest_and_announces_it_once),
    };
    int rc = test_catalog_start();

    if (rc == 0)
        rc = cmocka_run_group_tests(tests, NULL, NULL);
    test_catalog_stop();
    return rc;
}
