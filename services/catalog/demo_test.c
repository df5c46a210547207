/* Claims about the demo data. */
#include "services/catalog/catalog_fixture.h"

#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

static void test_seeding_twice_makes_each_quest_once_and_announces_it_once(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    char quest_id[QL_UUID_SIZE];
    GetQuestResponse out;

    (void)state;
    assert_int_equal(catalog_seed_demo(call, &app), QL_OK);
    assert_int_equal(catalog_seed_demo(call, &app), QL_OK);
    assert_int_equal(test_sql(&database, "SELECT count(*) FROM quests"), 3);
    assert_int_equal(test_sql(&database, "SELECT count(*) FROM rewards"), 3);
    assert_int_equal(test_sql(&database, "SELECT count(*) FROM outbox"), 6);
    ql_uuid_derive(quest_id, (const char *const[]){"demo", "quest"}, 2);
    assert_int_equal(test_get_quest(call, quest_id, 0, &out), QL_OK);
    assert_string_equal(out.quest->name, "Sign in three times");
    assert_int_equal(out.quest->streak, 3);
    assert_int_equal(out.quest->duplication, 2);
    assert_false(out.quest->auto_claim);
    assert_int_equal(out.quest->n_event_types, 2);
    assert_int_equal(out.quest->n_conditions, 0);
}

static void test_demo_quests_of_quizzes_have_their_conditions(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    char quest_id[QL_UUID_SIZE];
    GetQuestResponse out;

    (void)state;
    assert_int_equal(catalog_seed_demo(call, &app), QL_OK);
    ql_uuid_derive(quest_id, (const char *const[]){"demo", "quest of three passed quizzes"}, 2);
    assert_int_equal(test_get_quest(call, quest_id, 0, &out), QL_OK);
    assert_int_equal(out.quest->n_conditions, 1);
    assert_string_equal(out.quest->conditions[0]->field, "scorePercent");
    assert_int_equal(out.quest->conditions[0]->operator_, CONDITION_OPERATOR_GREATER_OR_EQUAL);
    assert_true(out.quest->conditions[0]->value->number_value == 80);
    ql_uuid_derive(quest_id, (const char *const[]){"demo", "quest of three different quizzes"}, 2);
    assert_int_equal(test_get_quest(call, quest_id, 0, &out), QL_OK);
    assert_string_equal(out.quest->conditions[0]->field, "firstPass");
    assert_true(out.quest->conditions[0]->value->bool_value);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_seeding_twice_makes_each_quest_once_and_announces_it_once),
        cmocka_unit_test(test_demo_quests_of_quizzes_have_their_conditions),
    };
    int rc = test_catalog_start();

    if (rc == 0)
        rc = cmocka_run_group_tests(tests, NULL, NULL);
    test_catalog_stop();
    return rc;
}
