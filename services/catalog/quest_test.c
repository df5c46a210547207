/* Claims about the rules of a quest. */
#include "services/catalog/quest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define REWARD_ID "018f0000-0000-7000-8000-000000000001"

static const char *two_types[] = {"UserSignIn", "monster.killed"};
static const char *repeated_types[] = {"UserSignIn", "monster.killed", "UserSignIn"};
static const char *bad_types[] = {"UserSignIn", "", "has blank"};
static const char *many_types[QUEST_EVENT_TYPES_MAX + 1];

static struct quest valid_quest(void)
{
    return (struct quest){
        .reward_id = REWARD_ID,
        .name = "Sign in",
        .description = "",
        .streak = 1,
        .duplication = 1,
        .event_types = two_types,
        .n_event_types = 2,
        .streak_rule = QUEST_EVERY_EVENT,
    };
}

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

/* Texts of exactly n two-byte characters. */
static const char *umlauts(struct ql_call *call, size_t n)
{
    char *text = ql_arena_calloc(call->arena, 2 * n + 1, 1);

    assert_non_null(text);
    for (size_t i = 0; i < n; i++)
        memcpy(text + 2 * i, "\xc3\xa4", 2);
    return text;
}

static void test_quest_at_its_limits_is_valid(void **state)
{
    struct ql_call *call = *state;
    struct quest quest = valid_quest();

    quest.name = umlauts(call, QUEST_NAME_MAX);
    quest.description = umlauts(call, QUEST_DESCRIPTION_MAX);
    quest.streak = QUEST_STREAK_MAX;
    quest.duplication = QUEST_DUPLICATION_MAX;
    quest.starts_ms = 1;
    quest.ends_ms = 2;
    quest.streak_rule = QUEST_DAILY_IN_A_ROW;
    snprintf(quest.prerequisite_quest_id, QL_UUID_SIZE, "%s", REWARD_ID);
    assert_int_equal(quest_validate(call, &quest), QL_OK);
    assert_int_equal(call->status.code, QL_OK);
}

static void assert_refused(struct ql_call *call, const struct quest *quest, const char *field)
{
    ql_call_clear_status(call);
    assert_int_equal(quest_validate(call, quest), QL_INVALID_ARGUMENT);
    assert_string_equal(call->status.reason, "INVALID_FIELD");
    assert_int_equal(call->status.n_violations, 1);
    assert_string_equal(call->status.violations[0].field, field);
}

static void test_each_field_outside_its_limits_is_named(void **state)
{
    struct ql_call *call = *state;
    struct quest quest;

#define REFUSED(change, field)                                                                     \
    quest = valid_quest();                                                                         \
    change;                                                                                        \
    assert_refused(call, &quest, field)
    REFUSED(quest.reward_id[0] = '\0', "quest.rewardId");
    REFUSED(quest.reward_id[0] = 'g', "quest.rewardId");
    REFUSED(quest.name = "", "quest.name");
    REFUSED(quest.name = " \t\n", "quest.name");
    REFUSED(quest.name = "a\n", "quest.name");
    REFUSED(quest.name = umlauts(call, QUEST_NAME_MAX + 1), "quest.name");
    REFUSED(quest.description = umlauts(call, QUEST_DESCRIPTION_MAX + 1), "quest.description");
    REFUSED(quest.streak = 0, "quest.streak");
    REFUSED(quest.streak = QUEST_STREAK_MAX + 1, "quest.streak");
    REFUSED(quest.streak = INT32_MIN, "quest.streak");
    REFUSED(quest.duplication = 0, "quest.duplication");
    REFUSED(quest.duplication = QUEST_DUPLICATION_MAX + 1, "quest.duplication");
    REFUSED(quest.n_event_types = 0, "quest.eventTypes");
    REFUSED((quest.event_types = many_types, quest.n_event_types = QUEST_EVENT_TYPES_MAX + 1),
            "quest.eventTypes");
    REFUSED(quest.n_conditions = CONDITIONS_MAX + 1, "quest.conditions");
    REFUSED((quest.starts_ms = 5, quest.ends_ms = 5), "quest.endsAt");
    REFUSED((quest.starts_ms = 5, quest.ends_ms = 4), "quest.endsAt");
    REFUSED(quest.prerequisite_quest_id[0] = 'x', "quest.prerequisiteQuestId");
    REFUSED(quest.streak_rule = 0, "quest.streakRule");
    REFUSED(quest.streak_rule = QUEST_DAILY_IN_A_ROW + 1, "quest.streakRule");
    REFUSED((quest.event_types = repeated_types, quest.n_event_types = 3), "quest.eventTypes[2]");
#undef REFUSED
}

static void test_every_violation_is_reported_at_once(void **state)
{
    struct ql_call *call = *state;
    struct quest quest = {.name = "",
                          .description = "",
                          .event_types = bad_types,
                          .n_event_types = 3,
                          .streak_rule = QUEST_DAILY};

    assert_int_equal(quest_validate(call, &quest), QL_INVALID_ARGUMENT);
    assert_int_equal(call->status.n_violations, 6);
    assert_string_equal(call->status.violations[0].field, "quest.rewardId");
    assert_string_equal(call->status.violations[4].field, "quest.eventTypes[1]");
    assert_string_equal(call->status.violations[5].field, "quest.eventTypes[2]");
}

static void test_only_types_that_events_of_users_have_are_counted(void **state)
{
    static const struct {
        const char *type;
        bool is_valid;
    } cases[] = {
        {"NewUserSignIn", true},     {"QuestCompleted", true},
        {"UserDeleted", false},      {"monster.killed", true},
        {"a.b_2.c", true},           {"QuestChanged", false},
        {"RewardChanged", false},    {"AdminActed", false},
        {"QuizCompleted", false},    {"usersignin", false},
        {"UserSignin", false},       {"monster", false},
        {"monster.", false},         {".killed", false},
        {"monster..killed", false},  {"monster.2killed", false},
        {"Monster.killed", false},   {"monster.killed ", false},
        {"monster-killed.x", false}, {"", false},
        {"\xc3\xa4.b", false},
    };

    for (size_t i = 0; i < QL_ARRAY_LENGTH(cases); i++) {
        struct ql_call *call = *state;
        struct quest quest = valid_quest();
        const char *types[] = {cases[i].type};

        quest.event_types = types;
        quest.n_event_types = 1;
        quest.streak = 1;
        if (!cases[i].is_valid) {
            assert_refused(call, &quest, "quest.eventTypes[0]");
            continue;
        }
        ql_call_clear_status(call);
        assert_int_equal(quest_validate(call, &quest), QL_OK);
    }
}

/* A user has one sign-up and one first sign-in. */
static void test_a_streak_that_nobody_reaches_is_refused(void **state)
{
    const char *types[] = {"UserRegistered", "NewUserSignIn", "UserSignIn"};
    struct quest quest = valid_quest();

    quest.event_types = types;
    quest.n_event_types = 2;
    quest.streak = 3;
    assert_refused(*state, &quest, "quest.streak");
    quest.streak = 2;
    ql_call_clear_status(*state);
    assert_int_equal(quest_validate(*state, &quest), QL_OK);
    quest.n_event_types = 3;
    quest.streak = 1000;
    assert_int_equal(quest_validate(*state, &quest), QL_OK);
}

static void test_conditions_that_contradict_each_other_are_refused(void **state)
{
    const struct condition conditions[] = {
        {"level", CONDITION_GREATER, {.kind = CONDITION_VALUE_NUMBER, .number = 5}},
        {"level", CONDITION_LESS, {.kind = CONDITION_VALUE_NUMBER, .number = 3}}};
    struct quest quest = valid_quest();

    quest.conditions = conditions;
    quest.n_conditions = 2;
    assert_refused(*state, &quest, "quest.conditions[1]");
}

static void test_a_window_that_ends_before_the_creation_is_refused(void **state)
{
    struct ql_call *call = *state;
    struct quest quest = valid_quest();

    assert_int_equal(quest_check_window(call, &quest, 1000), QL_OK);
    quest.ends_ms = 1001;
    assert_int_equal(quest_check_window(call, &quest, 1000), QL_OK);
    quest.ends_ms = 1000;
    assert_int_equal(quest_check_window(call, &quest, 1000), QL_INVALID_ARGUMENT);
    assert_string_equal(call->status.violations[0].field, "quest.endsAt");
    quest.backfill = true;
    assert_int_equal(quest_check_window(call, &quest, 1000), QL_OK);
}

static void test_a_quest_is_not_its_own_prerequisite(void **state)
{
    struct quest quest = valid_quest();

    memcpy(quest.quest_id, REWARD_ID, sizeof(quest.quest_id));
    memcpy(quest.prerequisite_quest_id, REWARD_ID, sizeof(quest.quest_id));
    assert_refused(*state, &quest, "quest.prerequisiteQuestId");
}

static void test_next_revision_has_the_next_number(void **state)
{
    struct quest quest = valid_quest();

    (void)state;
    quest_begin(&quest);
    quest.revised_ms = 1;
    quest_revise(&quest);
    assert_int_equal(quest.revision, 2);
    assert_true(quest.revised_ms > 1);
}

static void test_new_quest_has_an_id_and_revision_one(void **state)
{
    struct quest one = valid_quest(), other = valid_quest();

    (void)state;
    quest_begin(&one);
    quest_begin(&other);
    assert_true(ql_uuid_is_valid(one.quest_id));
    assert_string_not_equal(one.quest_id, other.quest_id);
    assert_int_equal(one.revision, 1);
    assert_true(one.revised_ms > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_quest_at_its_limits_is_valid, setup, teardown),
        cmocka_unit_test_setup_teardown(test_each_field_outside_its_limits_is_named, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_every_violation_is_reported_at_once, setup, teardown),
        cmocka_unit_test_setup_teardown(test_only_types_that_events_of_users_have_are_counted,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_quest_is_not_its_own_prerequisite, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_streak_that_nobody_reaches_is_refused, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_conditions_that_contradict_each_other_are_refused,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_window_that_ends_before_the_creation_is_refused,
                                        setup, teardown),
        cmocka_unit_test(test_next_revision_has_the_next_number),
        cmocka_unit_test(test_new_quest_has_an_id_and_revision_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
