/* Tests of the conditions under which an event counts: window, archive, prerequisite,
 * conditions, deletion. */
#include "services/processing/rules/progress.h"

#include "services/processing/testing/progress_fixture.h"

/* Feeds an event with a payload at a time; how many quests it completed. */
static int evaluate_at(struct world *world, const char *type, int64_t occurred_ms,
                       const char *payload)
{
    const struct rule_event event = {.event_id = "cause",
                                     .event_type = type,
                                     .user_id = USER,
                                     .occurred_ms = occurred_ms,
                                     .payload = payload};
    struct completion *completions;
    int n = 0;

    assert_true(progress_evaluate(world->progress, world->definitions, &event, &completions));
    for (; completions != NULL; completions = completions->next)
        n++;
    return n;
}

static struct definition definition_of(const char *quest_id, const char *const *type)
{
    struct definition definition = {
        .revision = 1, .streak = 1, .duplication = 9, .event_types = type, .n_event_types = 1};

    snprintf(definition.quest_id, sizeof(definition.quest_id), "%s", quest_id);
    return definition;
}

static void test_window_begins_at_its_start_and_ends_before_its_end(void **state)
{
    static const struct {
        bool has_start, has_end;
        int64_t occurred_ms;
        int n_completions;
    } cases[] = {
        {true, true, 999, 0},  {true, true, 1000, 1},  {true, true, 1999, 1},
        {true, true, 2000, 0}, {true, false, 999, 0},  {true, false, INT32_MAX, 1},
        {false, true, -5, 1},  {false, true, 2000, 0}, {false, false, -5, 1},
    };
    static const char *const type = "monster.killed";

    for (size_t i = 0; i < QL_ARRAY_LENGTH(cases); i++) {
        struct definition quest = definition_of(QUEST_A, &type);

        close_world(state);
        open_world(state);
        quest.has_start = cases[i].has_start;
        quest.has_end = cases[i].has_end;
        quest.starts_ms = 1000;
        quest.ends_ms = 2000;
        assert_true(definitions_put(((struct world *)*state)->definitions, &quest));
        assert_int_equal(evaluate_at(*state, type, cases[i].occurred_ms, NULL),
                         cases[i].n_completions);
    }
}

static void test_archived_quest_counts_nothing_from_its_row_on(void **state)
{
    static const char *const type = "monster.killed";
    struct world *world = *state;
    struct definition quest = definition_of(QUEST_A, &type);

    assert_true(definitions_put(world->definitions, &quest));
    assert_int_equal(evaluate_at(world, type, 1, NULL), 1);
    quest.revision = 2;
    quest.is_archived = true;
    assert_true(definitions_put(world->definitions, &quest));
    assert_int_equal(evaluate_at(world, type, 2, NULL), 0);
    assert_int_equal(progress_of(world, QUEST_A)->duplication, 1);
    assert_int_equal(progress_of(world, QUEST_A)->updated_ms, 1);
}

/* In whichever order the two are evaluated. */
static void test_prerequisite_holds_from_the_event_after_its_completion(void **state)
{
    static const char *const quests[][2] = {{QUEST_A, QUEST_B}, {QUEST_B, QUEST_A}};
    static const char *const type = "monster.killed";

    for (size_t i = 0; i < QL_ARRAY_LENGTH(quests); i++) {
        struct definition first = definition_of(quests[i][0], &type);
        struct definition second = definition_of(quests[i][1], &type);
        struct world *world;

        close_world(state);
        open_world(state);
        world = *state;
        first.duplication = 1;
        strcpy(second.prerequisite_id, first.quest_id);
        assert_true(definitions_put(world->definitions, &first));
        assert_true(definitions_put(world->definitions, &second));
        assert_int_equal(evaluate_at(world, type, 1, NULL), 1); /* the first quest alone */
        assert_null(progress_of(world, second.quest_id));
        assert_int_equal(evaluate_at(world, type, 2, NULL), 1); /* the second */
        assert_int_equal(progress_of(world, second.quest_id)->duplication, 1);
    }
}

static void test_quests_that_need_each_other_count_nothing(void **state)
{
    static const char *const type = "monster.killed";
    struct definition first = definition_of(QUEST_A, &type);
    struct definition second = definition_of(QUEST_B, &type);
    struct world *world = *state;

    strcpy(first.prerequisite_id, QUEST_B);
    strcpy(second.prerequisite_id, QUEST_A);
    assert_true(definitions_put(world->definitions, &first));
    assert_true(definitions_put(world->definitions, &second));
    assert_int_equal(evaluate_at(world, type, 1, NULL), 0);
    assert_null(progress_set_first(world->progress));
}

static void test_all_conditions_have_to_hold(void **state)
{
    static const char *const type = "monster.killed";
    static const struct predicate_value axe = {.kind = QL_JSON_TEXT, .text = "axe"};
    static const struct predicate_value ten = {.kind = QL_JSON_NUMBER, .number = 10};
    static const struct predicate conditions[] = {
        {.field = "weapon.kind", .operator_ = PREDICATE_EQUAL, .values = &axe, .n_values = 1},
        {.field = "level", .operator_ = PREDICATE_GREATER, .values = &ten, .n_values = 1}};
    struct definition quest = definition_of(QUEST_A, &type);
    struct world *world = *state;

    quest.conditions = conditions;
    quest.n_conditions = QL_ARRAY_LENGTH(conditions);
    assert_true(definitions_put(world->definitions, &quest));
    assert_int_equal(evaluate_at(world, type, 1, "{\"weapon\":{\"kind\":\"axe\"},\"level\":11}"),
                     1);
    assert_int_equal(evaluate_at(world, type, 2, "{\"weapon\":{\"kind\":\"axe\"},\"level\":10}"),
                     0);
    assert_int_equal(evaluate_at(world, type, 3, "{\"weapon\":{\"kind\":\"bow\"},\"level\":11}"),
                     0);
    assert_int_equal(evaluate_at(world, type, 4, NULL), 0);
    assert_int_equal(evaluate_at(world, type, 5, "no JSON"), 0);
    assert_int_equal(progress_of(world, QUEST_A)->updated_ms, 1);
}

static void test_conditions_look_into_completions_too(void **state)
{
    static const char *const types[] = {EVENT_USER_SIGN_IN, EVENT_QUEST_COMPLETED};
    const struct predicate_value wanted[] = {{.kind = QL_JSON_TEXT, .text = QUEST_B},
                                             {.kind = QL_JSON_NUMBER, .number = 1}};
    const struct predicate conditions[] = {
        {.field = "questId", .operator_ = PREDICATE_EQUAL, .values = &wanted[0], .n_values = 1},
        {.field = "questRevision",
         .operator_ = PREDICATE_EQUAL,
         .values = &wanted[1],
         .n_values = 1},
        {.field = "ordinal", .operator_ = PREDICATE_EQUAL, .values = &wanted[1], .n_values = 1}};
    struct definition quest = definition_of(QUEST_C, &types[1]);
    struct world *world = *state;

    define(world, QUEST_A, 1, 1, 9, types[0], NULL);
    define(world, QUEST_B, 1, 1, 9, types[0], NULL);
    quest.conditions = conditions;
    quest.n_conditions = QL_ARRAY_LENGTH(conditions);
    assert_true(definitions_put(world->definitions, &quest));
    assert_int_equal(evaluate_at(world, types[0], 1, NULL), 3);
    assert_int_equal(evaluate_at(world, types[0], 2, NULL), 2); /* the second completion of B */
    assert_int_equal(progress_of(world, QUEST_C)->duplication, 1);
}

static void test_nothing_counts_from_the_deletion_of_a_user_on(void **state)
{
    struct world *world = *state;

    define(world, QUEST_A, 1, 1, 9, EVENT_USER_SIGN_IN, EVENT_USER_DELETED);
    assert_int_equal(evaluate_at(world, EVENT_USER_SIGN_IN, 1, NULL), 1);
    assert_int_equal(evaluate_at(world, EVENT_USER_DELETED, 2, "{}"), 0);
    assert_int_equal(evaluate_at(world, EVENT_USER_SIGN_IN, 3, NULL), 0);
    assert_int_equal(evaluate_at(world, EVENT_USER_CHANGED, 4, "{\"timeZone\":\"Asia/Tokyo\"}"), 0);
    assert_int_equal(evaluate_at(world, EVENT_USER_SIGN_IN, 5, NULL), 0);
    assert_int_equal(progress_of(world, QUEST_A)->updated_ms, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_window_begins_at_its_start_and_ends_before_its_end),
        TEST(test_archived_quest_counts_nothing_from_its_row_on),
        TEST(test_prerequisite_holds_from_the_event_after_its_completion),
        TEST(test_quests_that_need_each_other_count_nothing),
        TEST(test_all_conditions_have_to_hold),
        TEST(test_conditions_look_into_completions_too),
        TEST(test_nothing_counts_from_the_deletion_of_a_user_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
