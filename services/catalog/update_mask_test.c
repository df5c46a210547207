/* Claims about field masks, told with quests. */
#include "services/catalog/update_mask.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "questline/catalog/v1/names.h"

static const char *const changeable[] = {"name",       "streak",      "auto_claim", "event_types",
                                         "conditions", "streak_rule", "starts_at",  NULL};
static char *types[] = {(char *)"a.b"};

static int setup(void **state)
{
    static struct ql_call call;
    struct ql_arena *arena = ql_arena_new(64 * 1024);

    if (arena == NULL)
        return -1;
    ql_call_init(&call, arena, "test", 10000);
    *state = &call;
    return 0;
}

static int teardown(void **state)
{
    struct ql_call *call = *state;

    ql_arena_free(call->arena);
    return 0;
}

static enum ql_code read_paths(struct ql_call *call, const Quest *from, const char *const *paths,
                               size_t n_paths, struct update_mask *ret_mask)
{
    Google__Protobuf__FieldMask pb = GOOGLE__PROTOBUF__FIELD_MASK__INIT;

    pb.paths = (char **)paths;
    pb.n_paths = n_paths;
    return update_mask_read(call, &pb, &from->base, changeable, ret_mask);
}

static void quests_init(Quest *ret_from, Quest *ret_onto)
{
    Quest_init(ret_from);
    Quest_init(ret_onto);
    ret_from->name = (char *)"new";
    ret_from->streak = 5;
    ret_from->auto_claim = 1;
    ret_onto->name = (char *)"old";
    ret_onto->description = (char *)"kept";
    ret_onto->streak = 3;
    ret_onto->event_types = types;
    ret_onto->n_event_types = 1;
}

static void test_named_fields_change_and_others_stay(void **state)
{
    static const char *const paths[] = {"name", "event_types", "name"};
    struct update_mask mask;
    Quest from, onto;

    quests_init(&from, &onto);
    assert_int_equal(read_paths(*state, &from, paths, 3, &mask), QL_OK);
    assert_int_equal(mask.n_fields, 2);
    update_mask_apply(&mask, &from.base, &onto.base);
    assert_string_equal(onto.name, "new");
    assert_int_equal(onto.n_event_types, 0);
    assert_int_equal(onto.streak, 3);
    assert_string_equal(onto.description, "kept");
}

static void test_no_mask_means_what_is_sent(void **state)
{
    Google__Protobuf__Timestamp time = GOOGLE__PROTOBUF__TIMESTAMP__INIT;
    struct update_mask mask;
    Quest from, onto;

    quests_init(&from, &onto);
    from.starts_at = &time;
    from.streak_rule = STREAK_RULE_DAILY;
    assert_int_equal(update_mask_read(*state, NULL, &from.base, changeable, &mask), QL_OK);
    assert_int_equal(mask.n_fields, 5);
    update_mask_apply(&mask, &from.base, &onto.base);
    assert_string_equal(onto.name, "new");
    assert_int_equal(onto.streak, 5);
    assert_int_equal(onto.auto_claim, 1);
    assert_ptr_equal(onto.starts_at, &time);
    assert_int_equal(onto.streak_rule, STREAK_RULE_DAILY);
    assert_int_equal(onto.n_event_types, 1);
}

static void test_a_star_means_all_that_can_be_changed(void **state)
{
    static const char *const paths[] = {"*"};
    struct update_mask mask;
    Quest from, onto;

    quests_init(&from, &onto);
    assert_int_equal(read_paths(*state, &from, paths, 1, &mask), QL_OK);
    update_mask_apply(&mask, &from.base, &onto.base);
    assert_int_equal(onto.n_event_types, 0);
    assert_string_equal(onto.description, "kept"); /* not in our list */
}

static void test_other_paths_are_refused(void **state)
{
    static const char *const cases[] = {"description", "quest_id",   "nothing", "",
                                        "name.x",      "eventTypes", "*,name"};
    struct ql_call *call = *state;
    struct update_mask mask;
    Quest from, onto;

    quests_init(&from, &onto);
    for (size_t i = 0; i < QL_ARRAY_LENGTH(cases); i++) {
        ql_call_clear_status(call);
        assert_int_equal(read_paths(call, &from, &cases[i], 1, &mask), QL_INVALID_ARGUMENT);
        assert_string_equal(call->status.violations[0].field, "updateMask");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_named_fields_change_and_others_stay, setup, teardown),
        cmocka_unit_test_setup_teardown(test_no_mask_means_what_is_sent, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_star_means_all_that_can_be_changed, setup, teardown),
        cmocka_unit_test_setup_teardown(test_other_paths_are_refused, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
