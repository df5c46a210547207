/* Claims about the rules of a quest. */
#include "questline/audit/v1/names.h"
#include "questline/catalog/v1/names.h"
#include "questline/processing/v1/names.h"
#include "questline/user/v1/names.h"
#include "services/catalog/quest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "services/catalog/condition_fixture.h"

#define REWARD_ID "018f0000-0000-7000-8000-000000000001"

#define OF(text) ((char *)(text))

static char *two_types[] = {OF(EVENT_USER_SIGN_IN), OF("monster.killed")};
static char *repeated_types[] = {OF(EVENT_USER_SIGN_IN), OF("monster.killed"),
                                 OF(EVENT_USER_SIGN_IN)};
static char *bad_types[] = {OF(EVENT_USER_SIGN_IN), OF(""), OF("has blank")};
static char many_texts[33][8];
static char *many_types[33];

/* A time so many milliseconds behind the first that is allowed. */
static Google__Protobuf__Timestamp *after_ms(int32_t ms)
{
    static Google__Protobuf__Timestamp times[8];
    static size_t n;
    Google__Protobuf__Timestamp *time = &times[n++ % QL_ARRAY_LENGTH(times)];

    google__protobuf__timestamp__init(time);
    time->seconds = 946684800;
    time->nanos = ms * 1000000;
    return time;
}

static Quest valid_quest(void)
{
    Quest quest;

    Quest_init(&quest);
    quest.reward_id = OF(REWARD_ID);
    quest.name = OF("Sign in");
    quest.streak = 1;
    quest.duplication = 1;
    quest.event_types = two_types;
    quest.n_event_types = 2;
    quest.streak_rule = STREAK_RULE_EVERY_EVENT;
    return quest;
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
static char *umlauts(struct ql_call *call, size_t n)
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
    Quest quest = valid_quest();

    quest.name = umlauts(call, 200);
    quest.description = umlauts(call, 2000);
    quest.streak = 1000000;
    quest.duplication = 1000000;
    quest.starts_at = after_ms(1);
    quest.ends_at = after_ms(2);
    quest.streak_rule = STREAK_RULE_DAILY_IN_A_ROW;
    quest.prerequisite_quest_id = OF(REWARD_ID);
    assert_int_equal(quest_validate(call, &quest), QL_OK);
    assert_int_equal(call->status.code, QL_OK);
}

static void assert_refused(struct ql_call *call, const Quest *quest, const char *field)
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
    struct condition many[17];
    Quest quest;

    for (size_t i = 0; i < QL_ARRAY_LENGTH(many); i++)
        many[i] = (struct condition){
            "a", CONDITION_EXISTS, {.kind = CONDITION_VALUE_TRUTH, .truth = true}};
    for (size_t i = 0; i < QL_ARRAY_LENGTH(many_types); i++) {
        snprintf(many_texts[i], sizeof(many_texts[i]), "a.b%zu", i);
        many_types[i] = many_texts[i];
    }
#define REFUSED(change, field)                                                                     \
    quest = valid_quest();                                                                         \
    change;                                                                                        \
    assert_refused(call, &quest, field)
    REFUSED(quest.reward_id = OF(""), "quest.rewardId");
    REFUSED(quest.reward_id = OF("g18f0000-0000-7000-8000-000000000001"), "quest.rewardId");
    REFUSED(quest.name = OF(""), "quest.name");
    REFUSED(quest.name = OF(" \t\n"), "quest.name");
    REFUSED(quest.name = OF("a\n"), "quest.name");
    REFUSED(quest.name = umlauts(call, 201), "quest.name");
    REFUSED(quest.description = umlauts(call, 2001), "quest.description");
    REFUSED(quest.streak = 0, "quest.streak");
    REFUSED(quest.streak = 1000001, "quest.streak");
    REFUSED(quest.streak = INT32_MIN, "quest.streak");
    REFUSED(quest.duplication = 0, "quest.duplication");
    REFUSED(quest.duplication = 1000001, "quest.duplication");
    REFUSED(quest.n_event_types = 0, "quest.eventTypes");
    REFUSED((quest.event_types = many_types, quest.n_event_types = 33), "quest.eventTypes");
    REFUSED((quest.conditions = test_conditions(call, many, 17), quest.n_conditions = 17),
            "quest.conditions");
    REFUSED((quest.starts_at = after_ms(5), quest.ends_at = after_ms(5)), "quest.endsAt");
    REFUSED((quest.starts_at = after_ms(5), quest.ends_at = after_ms(4)), "quest.endsAt");
    REFUSED(quest.prerequisite_quest_id = OF("x"), "quest.prerequisiteQuestId");
    REFUSED(quest.streak_rule = (Questline__Catalog__V1__StreakRule)99, "quest.streakRule");
    REFUSED((quest.event_types = repeated_types, quest.n_event_types = 3), "quest.eventTypes");
#undef REFUSED
}

static void test_every_violation_is_reported_at_once(void **state)
{
    struct ql_call *call = *state;
    Quest quest = valid_quest();

    quest.reward_id = quest.name = OF("");
    quest.streak = quest.duplication = 0;
    quest.event_types = bad_types;
    quest.n_event_types = 3;
    assert_int_equal(quest_validate(call, &quest), QL_INVALID_ARGUMENT);
    assert_int_equal(call->status.n_violations, 4);
    assert_string_equal(call->status.violations[0].field, "quest.rewardId");
    assert_string_equal(call->status.violations[3].field, "quest.duplication");
    quest = valid_quest();
    quest.name = OF(" ");
    quest.event_types = bad_types;
    quest.n_event_types = 3;
    ql_call_clear_status(call);
    assert_int_equal(quest_validate(call, &quest), QL_INVALID_ARGUMENT);
    assert_int_equal(call->status.n_violations, 3);
    assert_string_equal(call->status.violations[1].field, "quest.eventTypes[1]");
    assert_string_equal(call->status.violations[2].field, "quest.eventTypes[2]");
}

static void test_only_types_that_events_of_users_have_are_counted(void **state)
{
    static const struct {
        const char *type;
        bool is_valid;
    } cases[] = {
        {EVENT_NEW_USER_SIGN_IN, true},
        {EVENT_QUEST_COMPLETED, true},
        {EVENT_USER_DELETED, false},
        {"monster.killed", true},
        {"a.b_2.c", true},
        {EVENT_QUEST_CHANGED, false},
        {EVENT_REWARD_CHANGED, false},
        {EVENT_ADMIN_ACTED, false},
        {"RaffleDrawn", false},
        {"usersignin", false},
        {"UserSignin", false},
        {"monster", false},
        {"monster.", false},
        {".killed", false},
        {"monster..killed", false},
        {"monster.2killed", false},
        {"Monster.killed", false},
        {"monster.killed ", false},
        {"monster-killed.x", false},
        {"", false},
        {"\xc3\xa4.b", false},
    };

    for (size_t i = 0; i < QL_ARRAY_LENGTH(cases); i++) {
        struct ql_call *call = *state;
        Quest quest = valid_quest();
        char *types[] = {OF(cases[i].type)};

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
    char *types[] = {OF("UserRegistered"), OF(EVENT_NEW_USER_SIGN_IN), OF(EVENT_USER_SIGN_IN)};
    Quest quest = valid_quest();

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
    Quest quest = valid_quest();

    quest.conditions = test_conditions(*state, conditions, 2);
    quest.n_conditions = 2;
    assert_refused(*state, &quest, "quest.conditions[1]");
}

static void test_a_window_that_ends_before_the_creation_is_refused(void **state)
{
    struct ql_call *call = *state;
    Quest quest = valid_quest();

    assert_int_equal(quest_check_window(call, &quest, 946684800000), QL_OK);
    quest.ends_at = after_ms(1);
    assert_int_equal(quest_check_window(call, &quest, 946684800000), QL_OK);
    quest.ends_at = after_ms(0);
    assert_int_equal(quest_check_window(call, &quest, 946684800000), QL_INVALID_ARGUMENT);
    assert_string_equal(call->status.violations[0].field, "quest.endsAt");
    quest.backfill = true;
    assert_int_equal(quest_check_window(call, &quest, 946684800000), QL_OK);
}

static void test_a_quest_is_not_its_own_prerequisite(void **state)
{
    Quest quest = valid_quest();

    quest.quest_id = quest.prerequisite_quest_id = OF(REWARD_ID);
    assert_refused(*state, &quest, "quest.prerequisiteQuestId");
}

static void test_what_means_the_same_gets_one_form(void **state)
{
    Google__Protobuf__Timestamp *starts_at = after_ms(5);
    Quest quest = valid_quest();

    starts_at->nanos += 999999;
    quest.starts_at = starts_at;
    quest.reward_id = OF("018F0000-0000-7000-8000-00000000ABCD");
    quest.streak_rule = STREAK_RULE_UNSPECIFIED;
    assert_int_equal(quest_normalize(*state, &quest), QL_OK);
    assert_string_equal(quest.reward_id, "018f0000-0000-7000-8000-00000000abcd");
    assert_int_equal(quest.starts_at->nanos, 5000000);
    assert_int_equal(starts_at->nanos, 5999999);
    assert_int_equal(quest.streak_rule, STREAK_RULE_EVERY_EVENT);
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
        cmocka_unit_test_setup_teardown(test_what_means_the_same_gets_one_form, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
