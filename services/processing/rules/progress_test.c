/* Claims about the rules, as tables of cases. No database, no contract. */
#include "questline/user/v1/names.h"
#include "services/processing/rules/progress.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define USER    "0192d3a4-0000-7000-8000-000000000001"
#define QUEST_A "0192d3a4-0000-7000-8000-00000000000a"
#define QUEST_B "0192d3a4-0000-7000-8000-00000000000b"
#define QUEST_C "0192d3a4-0000-7000-8000-00000000000c"

struct world {
    struct ql_arena *arena;
    struct definitions *definitions;
    struct progress_set *progress;
    char rows[16384]; /* "NewUserSignIn,UserSignIn,..." as the event table would show them */
    size_t n_completions;
};

static int open_world(void **state)
{
    static struct world world;

    memset(&world, 0, sizeof(world));
    world.arena = ql_arena_new(16 * 1024 * 1024);
    world.definitions = definitions_new();
    world.progress = progress_set_new(world.arena, NULL);
    assert_non_null(world.definitions);
    assert_non_null(world.progress);
    *state = &world;
    return 0;
}

static int close_world(void **state)
{
    struct world *world = *state;

    definitions_free(world->definitions);
    ql_arena_free(world->arena);
    return 0;
}

static void define(struct world *world, const char *quest_id, int64_t revision, int32_t streak,
                   int32_t duplication, const char *type, const char *other_type)
{
    const char *const types[] = {type, other_type};
    struct definition definition = {.revision = revision,
                                    .streak = streak,
                                    .duplication = duplication,
                                    .event_types = types,
                                    .n_event_types = other_type == NULL ? 1 : 2};

    snprintf(definition.quest_id, sizeof(definition.quest_id), "%s", quest_id);
    assert_true(definitions_put(world->definitions, &definition));
}

static void add_row(struct world *world, const char *text)
{
    if (world->rows[0] != '\0')
        strcat(world->rows, ",");
    assert_true(strlen(world->rows) + strlen(text) + 2 < sizeof(world->rows));
    strcat(world->rows, text);
}

static struct completion *evaluate(struct world *world, const char *type, const char *user_id)
{
    const struct rule_event event = {
        .event_id = "cause", .event_type = type, .user_id = user_id, .occurred_ms = 1000};
    struct completion *completions;

    add_row(world, type);
    assert_true(progress_evaluate(world->progress, world->definitions, &event, &completions));
    for (const struct completion *c = completions; c != NULL; c = c->next) {
        world->n_completions++;
        add_row(world, EVENT_QUEST_COMPLETED);
    }
    return completions;
}

static const struct progress *progress_of(const struct world *world, const char *quest_id)
{
    const struct progress *at = progress_set_first(world->progress);

    while (at != NULL && strcmp(at->quest_id, quest_id) != 0)
        at = at->next;
    return at;
}

static void test_matching_events_count_up_to_the_limits(void **state)
{
    static const struct {
        int32_t streak, duplication;
        int n_events;
        int32_t streak_then, duplication_then;
        bool is_exhausted;
    } cases[] = {
        {3, 2, 1, 1, 0, false},       {3, 2, 2, 2, 0, false},       {3, 2, 3, 0, 1, false},
        {3, 2, 5, 2, 1, false},       {3, 2, 6, 0, 2, true},        {3, 2, 9, 0, 2, true},
        {1, 1, 1, 0, 1, true},        {1, 1, 5, 0, 1, true},        {1, 3, 2, 0, 2, false},
        {1, 1000000, 7, 0, 7, false}, {1000000, 1, 7, 7, 0, false},
    };

    for (size_t i = 0; i < QL_ARRAY_LENGTH(cases); i++) {
        struct world *world;
        const struct progress *progress;

        close_world(state);
        open_world(state);
        world = *state;
        define(world, QUEST_A, 1, cases[i].streak, cases[i].duplication, EVENT_USER_SIGN_IN, NULL);
        for (int n = 0; n < cases[i].n_events; n++)
            evaluate(world, EVENT_USER_SIGN_IN, USER);
        progress = progress_of(world, QUEST_A);
        assert_non_null(progress);
        assert_int_equal(progress->streak, cases[i].streak_then);
        assert_int_equal(progress->duplication, cases[i].duplication_then);
        assert_int_equal(progress->is_exhausted, cases[i].is_exhausted);
        assert_int_equal(world->n_completions, cases[i].duplication_then);
    }
}

static void test_nine_sign_ins_give_the_golden_trace(void **state)
{
    struct world *world = *state;

    define(world, QUEST_A, 1, 3, 2, EVENT_NEW_USER_SIGN_IN, EVENT_USER_SIGN_IN);
    evaluate(world, EVENT_NEW_USER_SIGN_IN, USER);
    for (int i = 0; i < 8; i++)
        evaluate(world, EVENT_USER_SIGN_IN, USER);
    assert_string_equal(world->rows, "NewUserSignIn,UserSignIn,UserSignIn,QuestCompleted,"
                                     "UserSignIn,UserSignIn,UserSignIn,QuestCompleted,"
                                     "UserSignIn,UserSignIn,UserSignIn");
    assert_int_equal(progress_of(world, QUEST_A)->duplication, 2);
}

static void test_exhausted_progress_is_changed_by_nothing(void **state)
{
    struct world *world = *state;
    struct progress stored = {
        .duplication = 2, .is_exhausted = true, .created_ms = 1, .updated_ms = 2};

    define(world, QUEST_A, 1, 3, 2, EVENT_USER_SIGN_IN, NULL);
    memcpy(stored.user_id, USER, sizeof(stored.user_id));
    memcpy(stored.quest_id, QUEST_A, sizeof(stored.quest_id));
    assert_true(progress_set_put(world->progress, &stored));
    assert_null(evaluate(world, EVENT_USER_SIGN_IN, USER));
    assert_false(progress_of(world, QUEST_A)->is_changed);
    assert_int_equal(progress_of(world, QUEST_A)->updated_ms, 2);
}

static void test_raised_duplication_lets_exhausted_progress_count_again(void **state)
{
    struct world *world = *state;
    struct completion *completion;

    define(world, QUEST_A, 1, 1, 1, EVENT_USER_SIGN_IN, NULL);
    evaluate(world, EVENT_USER_SIGN_IN, USER);
    assert_true(progress_of(world, QUEST_A)->is_exhausted);
    define(world, QUEST_A, 2, 1, 3, EVENT_USER_SIGN_IN, NULL);
    completion = evaluate(world, EVENT_USER_SIGN_IN, USER);
    assert_non_null(completion);
    assert_int_equal(completion->ordinal, 2);
    assert_int_equal(completion->quest_revision, 2);
    assert_false(progress_of(world, QUEST_A)->is_exhausted);
}

static void test_lowered_limits_hold_from_the_next_event_on(void **state)
{
    struct world *world = *state;

    define(world, QUEST_A, 1, 5, 9, EVENT_USER_SIGN_IN, NULL);
    for (int i = 0; i < 4; i++)
        evaluate(world, EVENT_USER_SIGN_IN, USER);
    define(world, QUEST_A, 2, 2, 9, EVENT_USER_SIGN_IN, NULL);
    assert_non_null(
        evaluate(world, EVENT_USER_SIGN_IN, USER)); /* the fifth of five, of which two are asked */
    assert_int_equal(progress_of(world, QUEST_A)->streak, 0);
    define(world, QUEST_A, 3, 2, 1, EVENT_USER_SIGN_IN, NULL);
    assert_null(evaluate(world, EVENT_USER_SIGN_IN, USER));
    assert_true(progress_of(world, QUEST_A)->is_exhausted);
}

static void test_events_that_no_quest_asks_for_count_nowhere(void **state)
{
    struct world *world = *state;

    define(world, QUEST_A, 1, 1, 9, EVENT_USER_SIGN_IN, NULL);
    evaluate(world, "monster.killed", USER);
    evaluate(world, "UserSignI", USER);
    evaluate(world, EVENT_USER_SIGN_IN, ""); /* about no user */
    assert_null(progress_set_first(world->progress));
}

static void test_users_do_not_share_progress(void **state)
{
    struct world *world = *state;
    char user[QL_UUID_SIZE];

    define(world, QUEST_A, 1, 2, 9, EVENT_USER_SIGN_IN, NULL);
    for (int i = 0; i < 500; i++) { /* enough for the table to grow */
        snprintf(user, sizeof(user), "0192d3a4-0000-7000-8000-%012d", i);
        assert_null(evaluate(world, EVENT_USER_SIGN_IN, user));
        world->rows[0] = '\0';
    }
    for (const struct progress *p = progress_set_first(world->progress); p != NULL; p = p->next)
        assert_int_equal(p->streak, 1);
}

static void test_completion_stands_behind_its_cause_and_before_the_next(void **state)
{
    struct world *world = *state;
    struct completion *first, *second, *third;

    define(world, QUEST_A, 1, 1, 1, EVENT_USER_SIGN_IN, NULL);
    define(world, QUEST_B, 1, 1, 1, EVENT_USER_SIGN_IN, NULL);
    define(world, QUEST_C, 1, 1, 1, EVENT_QUEST_COMPLETED, NULL);
    first = evaluate(world, EVENT_USER_SIGN_IN, USER);
    second = first->next;
    third = second->next;
    assert_null(third->next);
    assert_string_equal(first->quest_id, QUEST_A);
    assert_string_equal(first->cause_event_id, "cause");
    assert_string_equal(second->quest_id, QUEST_C);
    assert_string_equal(second->cause_event_id, first->event_id);
    assert_int_equal(second->generation, 2);
    assert_string_equal(third->quest_id, QUEST_B);
    assert_string_equal(third->cause_event_id, "cause");
}

static void test_completion_id_follows_from_user_quest_and_ordinal(void **state)
{
    const char *const parts[] = {"completion", USER, QUEST_A, "2"};
    struct world *world = *state;
    char expected[QL_UUID_SIZE];

    define(world, QUEST_A, 7, 1, 9, EVENT_USER_SIGN_IN, NULL);
    evaluate(world, EVENT_USER_SIGN_IN, USER);
    ql_uuid_derive(expected, parts, QL_ARRAY_LENGTH(parts));
    assert_string_equal(evaluate(world, EVENT_USER_SIGN_IN, USER)->event_id, expected);
}

static void test_completion_never_counts_for_its_own_quest(void **state)
{
    struct world *world = *state;

    define(world, QUEST_A, 1, 1, 1000000, EVENT_USER_SIGN_IN, EVENT_QUEST_COMPLETED);
    evaluate(world, EVENT_USER_SIGN_IN, USER);
    assert_int_equal(world->n_completions, 1);
    evaluate(world, EVENT_USER_SIGN_IN, USER);
    assert_int_equal(world->n_completions, 2);
    assert_int_equal(progress_of(world, QUEST_A)->streak, 0);
}

/* "Complete any quest", twice: each counts the other, and neither counts what it
 * has led to itself. */
static void test_two_quests_on_completions_do_not_complete_each_other(void **state)
{
    struct world *world = *state;

    define(world, QUEST_A, 1, 1, 1000000, EVENT_USER_SIGN_IN, NULL);
    define(world, QUEST_B, 1, 1, 1000000, EVENT_QUEST_COMPLETED, NULL);
    define(world, QUEST_C, 1, 1, 1000000, EVENT_QUEST_COMPLETED, NULL);
    evaluate(world, EVENT_USER_SIGN_IN, USER);
    assert_int_equal(progress_of(world, QUEST_A)->duplication, 1);
    assert_int_equal(progress_of(world, QUEST_B)->duplication, 2); /* by A, by C that A led to */
    assert_int_equal(progress_of(world, QUEST_C)->duplication, 2);
}

enum { CHAIN_MAX = PROGRESS_GENERATIONS_MAX + 4 };

/* Quests of which each counts the completions of the one before and the first counts
 * sign-ins and, in a ring, the completions of the last. */
static void define_chain(struct world *world, int n, bool is_ring)
{
    static const char *const first_types[] = {EVENT_USER_SIGN_IN, EVENT_QUEST_COMPLETED};

    for (int i = 0; i < n; i++) {
        char before[QL_UUID_SIZE];
        const struct predicate_value value = {.kind = QL_JSON_TEXT, .text = before};
        const struct predicate condition = {
            .field = "questId", .operator= PREDICATE_EQUAL, .values = &value, .n_values = 1};
        struct definition quest = {
            .revision = 1,
            .streak = 1,
            .duplication = 1000000,
            .event_types = i == 0 ? first_types : first_types + 1,
            .n_event_types = i == 0 && is_ring ? 2 : 1,
            .conditions = &condition,
            .n_conditions = i == 0 ? 0 : 1,
        };

        snprintf(before, sizeof(before), "0192d3a4-0000-7000-8000-%012d", i);
        snprintf(quest.quest_id, sizeof(quest.quest_id), "0192d3a4-0000-7000-8000-%012d", i + 1);
        assert_true(definitions_put(world->definitions, &quest));
    }
}

static void test_ring_of_quests_is_gone_round_once(void **state)
{
    for (int n = 1; n <= 5; n++) {
        struct world *world;

        close_world(state);
        open_world(state);
        world = *state;
        define_chain(world, n, true);
        for (int round = 1; round <= 3; round++) {
            evaluate(world, EVENT_USER_SIGN_IN, USER);
            assert_int_equal(world->n_completions, round * n);
        }
    }
}

static void test_chain_of_quests_ends_after_sixteen_generations(void **state)
{
    struct world *world = *state;

    define_chain(world, CHAIN_MAX, false);
    evaluate(world, EVENT_USER_SIGN_IN, USER);
    assert_int_equal(world->n_completions, PROGRESS_GENERATIONS_MAX);
    evaluate(world, EVENT_USER_SIGN_IN, USER);
    assert_int_equal(world->n_completions, 2 * PROGRESS_GENERATIONS_MAX);
}

/* Nine quests of which each counts every other: 9! chains without an end. */
static void test_quests_that_complete_one_another_do_not_explode(void **state)
{
    struct world *world = *state;

    for (int i = 0; i < 9; i++) {
        char quest_id[QL_UUID_SIZE];

        snprintf(quest_id, sizeof(quest_id), "0192d3a4-0000-7000-8000-%012d", i);
        define(world, quest_id, 1, 1, 1000000, EVENT_USER_SIGN_IN, EVENT_QUEST_COMPLETED);
    }
    evaluate(world, EVENT_USER_SIGN_IN, USER);
    assert_in_range(world->n_completions, PROGRESS_COMPLETIONS_MAX, PROGRESS_COMPLETIONS_MAX + 8);
}

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
        {.field = "weapon.kind", .operator= PREDICATE_EQUAL, .values = &axe, .n_values = 1},
        {.field = "level", .operator= PREDICATE_GREATER, .values = &ten, .n_values = 1}};
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
        {.field = "questId", .operator= PREDICATE_EQUAL, .values = &wanted[0], .n_values = 1},
        {.field = "questRevision", .operator= PREDICATE_EQUAL, .values = &wanted[1], .n_values = 1},
        {.field = "ordinal", .operator= PREDICATE_EQUAL, .values = &wanted[1], .n_values = 1}};
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

static void test_stored_completion_counts_for_no_quest_of_its_chain(void **state)
{
    struct world *world = *state;
    static const char *const chain[] = {QUEST_C, QUEST_A};
    struct rule_event event = {.event_id = "cause",
                               .event_type = EVENT_QUEST_COMPLETED,
                               .user_id = USER,
                               .chain = chain,
                               .n_chain = QL_ARRAY_LENGTH(chain)};
    struct completion *completions;

    define(world, QUEST_A, 1, 1, 9, EVENT_QUEST_COMPLETED, NULL);
    define(world, QUEST_B, 1, 1, 9, EVENT_QUEST_COMPLETED, NULL);
    define(world, QUEST_C, 1, 1, 9, EVENT_QUEST_COMPLETED, NULL);
    assert_true(progress_evaluate(world->progress, world->definitions, &event, &completions));
    assert_string_equal(completions->quest_id, QUEST_B);
    assert_null(completions->next); /* nor does what follows it */
}

static void test_full_arena_is_reported(void **state)
{
    QL_CLEANUP(ql_arena_freep) struct ql_arena *small = ql_arena_new(4096);
    struct progress_set *set = progress_set_new(small, NULL);
    struct world *world = *state;
    struct completion *completions;
    bool has_worked = true;

    define(world, QUEST_A, 1, 1, 9, EVENT_USER_SIGN_IN, NULL);
    assert_non_null(set);
    for (int i = 0; has_worked && i < 1000; i++) {
        char user[QL_UUID_SIZE];
        const struct rule_event event = {
            .event_id = "e", .event_type = EVENT_USER_SIGN_IN, .user_id = user};

        snprintf(user, sizeof(user), "0192d3a4-0000-7000-8000-%012d", i);
        has_worked = progress_evaluate(set, world->definitions, &event, &completions);
    }
    assert_false(has_worked);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)
        TEST(test_matching_events_count_up_to_the_limits),
        TEST(test_nine_sign_ins_give_the_golden_trace),
        TEST(test_exhausted_progress_is_changed_by_nothing),
        TEST(test_raised_duplication_lets_exhausted_progress_count_again),
        TEST(test_lowered_limits_hold_from_the_next_event_on),
        TEST(test_events_that_no_quest_asks_for_count_nowhere),
        TEST(test_users_do_not_share_progress),
        TEST(test_completion_stands_behind_its_cause_and_before_the_next),
        TEST(test_completion_id_follows_from_user_quest_and_ordinal),
        TEST(test_completion_never_counts_for_its_own_quest),
        TEST(test_two_quests_on_completions_do_not_complete_each_other),
        TEST(test_ring_of_quests_is_gone_round_once),
        TEST(test_chain_of_quests_ends_after_sixteen_generations),
        TEST(test_quests_that_complete_one_another_do_not_explode),
        TEST(test_window_begins_at_its_start_and_ends_before_its_end),
        TEST(test_archived_quest_counts_nothing_from_its_row_on),
        TEST(test_prerequisite_holds_from_the_event_after_its_completion),
        TEST(test_quests_that_need_each_other_count_nothing),
        TEST(test_all_conditions_have_to_hold),
        TEST(test_conditions_look_into_completions_too),
        TEST(test_nothing_counts_from_the_deletion_of_a_user_on),
        TEST(test_stored_completion_counts_for_no_quest_of_its_chain),
        TEST(test_full_arena_is_reported),
#undef TEST
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
