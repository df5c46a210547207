/* Tests of updates, on quests. */
#include "platform/pb/schema/update.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "questline/catalog/v1/names.h"

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
                               size_t n_paths, struct ql_update *ret_update)
{
    Google__Protobuf__FieldMask pb = GOOGLE__PROTOBUF__FIELD_MASK__INIT;

    pb.paths = (char **)paths;
    pb.n_paths = n_paths;
    return ql_update_read(call, &pb, &from->base, ret_update);
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
    struct ql_update update;
    Quest from, onto;

    quests_init(&from, &onto);
    assert_int_equal(read_paths(*state, &from, paths, 3, &update), QL_OK);
    assert_int_equal(update.n_fields, 2);
    assert_int_equal(ql_update_apply(*state, &update, "quest", &from.base, &onto.base), QL_OK);
    assert_string_equal(onto.name, "new");
    assert_int_equal(onto.n_event_types, 0);
    assert_int_equal(onto.streak, 3);
    assert_string_equal(onto.description, "kept");
}

static void test_no_mask_means_what_is_sent(void **state)
{
    Google__Protobuf__Timestamp time = GOOGLE__PROTOBUF__TIMESTAMP__INIT;
    struct ql_update update;
    Quest from, onto;

    quests_init(&from, &onto);
    from.starts_at = &time;
    from.streak_rule = STREAK_RULE_DAILY;
    assert_int_equal(ql_update_read(*state, NULL, &from.base, &update), QL_OK);
    assert_int_equal(update.n_fields, 5);
    assert_int_equal(ql_update_apply(*state, &update, "quest", &from.base, &onto.base), QL_OK);
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
    struct ql_update update;
    Quest from, onto;

    quests_init(&from, &onto);
    onto.revision = 3;
    assert_int_equal(read_paths(*state, &from, paths, 1, &update), QL_OK);
    assert_int_equal(ql_update_apply(*state, &update, "quest", &from.base, &onto.base), QL_OK);
    assert_int_equal(onto.n_event_types, 0);
    assert_string_equal(onto.description, "");
    assert_int_equal(onto.revision, 3); /* set by the service */
}

static void test_what_is_no_field_is_refused_as_json_spells_it(void **state)
{
    static const struct {
        const char *path, *text;
    } cases[] = {{"nothing", "nothing is"}, {"no_such_name", "noSuchName is"},
                 {"_name", "Name is"},      {"", " is"},
                 {"name.x", "name.x is"},   {"*,name", "*,name is"}};
    struct ql_call *call = *state;
    struct ql_update update;
    Quest from, onto;

    quests_init(&from, &onto);
    for (size_t i = 0; i < QL_ARRAY_LENGTH(cases); i++) {
        ql_call_clear_status(call);
        assert_int_equal(read_paths(call, &from, &cases[i].path, 1, &update), QL_INVALID_ARGUMENT);
        assert_string_equal(call->status.violations[0].field, "updateMask");
        assert_ptr_equal(strstr(call->status.violations[0].description, cases[i].text),
                         call->status.violations[0].description);
    }
}

static void test_what_is_set_once_or_by_the_service_stays_as_it_is(void **state)
{
    static char id[] = "0190C5F2-8A51-7CC3-9D0E-5B1F4C3A2E10";
    Google__Protobuf__Timestamp then = GOOGLE__PROTOBUF__TIMESTAMP__INIT;
    Google__Protobuf__Timestamp now = GOOGLE__PROTOBUF__TIMESTAMP__INIT;
    struct ql_call *call = *state;
    struct ql_update update;
    Quest from, onto;

    now.seconds = 6;
    quests_init(&from, &onto);
    onto.quest_id = (char *)"0190c5f2-8a51-7cc3-9d0e-5b1f4c3a2e10";
    onto.revision = from.revision = 3;
    from.quest_id = id;
    onto.revised_at = from.revised_at = &then;
    onto.backfill = from.backfill = 1;
    from.etag = (char *)"3";
    onto.etag = (char *)"4"; /* for who called to compare */
    assert_int_equal(ql_update_read(call, NULL, &from.base, &update), QL_OK);
    assert_int_equal(ql_update_apply(call, &update, "quest", &from.base, &onto.base), QL_OK);
    assert_string_equal(onto.etag, "4");
    from.revision = 2;
    from.revised_at = &now;
    from.archived = 1;
    from.backfill = 0; /* neither named nor present */
    update.n_fields = 0;
    assert_int_equal(ql_update_apply(call, &update, "quest", &from.base, &onto.base),
                     QL_INVALID_ARGUMENT);
    assert_int_equal(call->status.n_violations, 3);
    assert_string_equal(call->status.violations[0].field, "quest.revision");
    assert_string_equal(call->status.violations[1].field, "quest.revisedAt");
    assert_string_equal(call->status.violations[2].field, "quest.archived");
    ql_call_clear_status(call);
    Quest_init(&from);
    assert_int_equal(read_paths(call, &from, (const char *const[]){"backfill"}, 1, &update), QL_OK);
    assert_int_equal(ql_update_apply(call, &update, "quest", &from.base, &onto.base),
                     QL_INVALID_ARGUMENT);
    assert_string_equal(call->status.violations[0].field, "quest.backfill");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_named_fields_change_and_others_stay, setup, teardown),
        cmocka_unit_test_setup_teardown(test_no_mask_means_what_is_sent, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_star_means_all_that_can_be_changed, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_is_set_once_or_by_the_service_stays_as_it_is,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_is_no_field_is_refused_as_json_spells_it, setup,
                                        teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
