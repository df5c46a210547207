/* Tests of completions that count for other quests. */
#include "services/processing/rules/progress.h"

#include "services/processing/testing/progress_fixture.h"

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
            .field = "questId", .operator_ = PREDICATE_EQUAL, .values = &value, .n_values = 1};
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_completion_never_counts_for_its_own_quest),
        TEST(test_two_quests_on_completions_do_not_complete_each_other),
        TEST(test_ring_of_quests_is_gone_round_once),
        TEST(test_chain_of_quests_ends_after_sixteen_generations),
        TEST(test_quests_that_complete_one_another_do_not_explode),
        TEST(test_stored_completion_counts_for_no_quest_of_its_chain),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
