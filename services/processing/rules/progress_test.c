/* Tests of counting events: limits, revisions, users, completions. */
#include "services/processing/rules/progress.h"

#include "services/processing/testing/progress_fixture.h"

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
        TEST(test_matching_events_count_up_to_the_limits),
        TEST(test_nine_sign_ins_give_the_golden_trace),
        TEST(test_exhausted_progress_is_changed_by_nothing),
        TEST(test_raised_duplication_lets_exhausted_progress_count_again),
        TEST(test_lowered_limits_hold_from_the_next_event_on),
        TEST(test_events_that_no_quest_asks_for_count_nowhere),
        TEST(test_users_do_not_share_progress),
        TEST(test_completion_stands_behind_its_cause_and_before_the_next),
        TEST(test_completion_id_follows_from_user_quest_and_ordinal),
        TEST(test_full_arena_is_reported),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
