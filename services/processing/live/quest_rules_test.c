/* Claims about what a QuestChanged row and rows about users mean for evaluating, on a
 * real PostgreSQL: by this process, and by another that reads them from the table. */
#include "services/processing/testing/processing_fixture.h"

#include "questline/processing/v1/names.h"
#include "questline/user/v1/names.h"
#include "services/processing/store/progress_store.h"

static const int64_t noon_ms = 1767268800000; /* 2026-01-01T12:00:00Z */
static const int64_t hour_ms = 3600 * 1000;

/* The quest of these tests: sign-ins, once each, up to nine times. */
static void quest_begin(struct fixture *f, Quest *quest)
{
    quest_fill(quest, f->quest, 1, 1, 9);
}

static void evaluate_quest(struct fixture *f, struct processing *app, Quest *quest)
{
    struct ql_delivery delivery;

    event_quest_changed(f, &delivery, quest);
    assert_int_equal(evaluate_batch(&f->call, app, &delivery, 1), QL_OK);
    assert_string_equal(delivery.reject_reason, "");
}

static void evaluate_event(struct fixture *f, struct processing *app, const char *type,
                           int64_t occurred_ms)
{
    struct ql_delivery delivery;

    event_sign_in(f, &delivery, type, f->user);
    delivery.event.occurred_ms = occurred_ms;
    assert_int_equal(evaluate_batch(&f->call, app, &delivery, 1), QL_OK);
}

static void evaluate_zone(struct fixture *f, struct processing *app, const char *type,
                          const char *zone)
{
    struct ql_delivery delivery = {.routing_key = ""};
    UserRegistered registered;
    UserChanged changed;
    enum ql_code rc;

    UserRegistered_init(&registered);
    UserChanged_init(&changed);
    registered.time_zone = changed.time_zone = (char *)zone;
    rc = ql_event_make(&f->call, type, NULL, f->user,
                       strcmp(type, EVENT_USER_CHANGED) == 0 ? &changed.base : &registered.base,
                       &delivery.event);
    assert_int_equal(rc, QL_OK);
    assert_int_equal(evaluate_batch(&f->call, app, &delivery, 1), QL_OK);
}

static int completions(void)
{
    return COUNT("events WHERE event_type = 'QuestCompleted'");
}

/* Another process, which knows what the table says. */
static void test_whole_quest_is_read_back_from_the_table(void **state)
{
    struct fixture *f = *state;
    Google__Protobuf__Timestamp from = GOOGLE__PROTOBUF__TIMESTAMP__INIT, to = from;
    Google__Protobuf__Value session = GOOGLE__PROTOBUF__VALUE__INIT;
    Condition condition, *conditions[] = {&condition};
    struct processing other;
    Quest quest;

    quest_begin(f, &quest);
    Condition_init(&condition);
    session.kind_case = GOOGLE__PROTOBUF__VALUE__KIND_STRING_VALUE;
    session.string_value = (char *)"0192d3a4-0000-7000-8000-000000000077";
    condition.field = (char *)"sessionId";
    condition.operator_ = CONDITION_OPERATOR_EQUAL;
    condition.value = &session;
    quest.conditions = conditions;
    quest.n_conditions = 1;
    from.seconds = noon_ms / 1000;
    from.nanos = 999999; /* of the millisecond: rounded down, as the times of events are */
    to.seconds = noon_ms / 1000 + 2;
    quest.starts_at = &from;
    quest.ends_at = &to;
    evaluate_quest(f, &f->app, &quest);
    app_open(&other);
    evaluate_event(f, &other, EVENT_USER_SIGN_IN, noon_ms - 1);
    evaluate_event(f, &other, EVENT_USER_SIGN_IN, noon_ms + 2000);
    assert_int_equal(completions(), 0);
    evaluate_event(f, &other, EVENT_USER_SIGN_IN, noon_ms);
    evaluate_event(f, &other, EVENT_USER_SIGN_IN, noon_ms + 1999);
    assert_int_equal(completions(), 2);
    app_close(&other);
    quest.revision = 2;
    session.string_value = (char *)"another";
    evaluate_quest(f, &f->app, &quest);
    app_open(&other);
    evaluate_event(f, &other, EVENT_USER_SIGN_IN, noon_ms + 1);
    assert_int_equal(completions(), 2);
    app_close(&other);
}

static void test_days_go_by_the_zone_that_the_table_has(void **state)
{
    struct fixture *f = *state;
    struct processing other;
    Quest quest;

    quest_begin(f, &quest);
    quest.streak_rule = STREAK_RULE_DAILY_IN_A_ROW;
    quest.streak = 3;
    evaluate_zone(f, &f->app, EVENT_USER_REGISTERED, "Asia/Tokyo");
    evaluate_quest(f, &f->app, &quest);
    evaluate_event(f, &f->app, EVENT_USER_SIGN_IN, noon_ms);               /* the 1st, 21:00 */
    evaluate_event(f, &f->app, EVENT_USER_SIGN_IN, noon_ms + 3 * hour_ms); /* the 2nd, 00:00 */
    assert_int_equal(COUNT("user_quest_rewards WHERE streak = 2 AND last_day = '2026-01-02'"), 1);
    evaluate_zone(f, &f->app, EVENT_USER_CHANGED, "");
    app_open(&other);
    evaluate_event(f, &other, EVENT_USER_SIGN_IN,
                   noon_ms + 13 * hour_ms); /* the 2nd again, in UTC */
    assert_int_equal(COUNT("user_quest_rewards WHERE streak = 2"), 1);
    evaluate_event(f, &other, EVENT_USER_SIGN_IN, noon_ms + 37 * hour_ms);
    assert_int_equal(completions(), 1);
    app_close(&other);
}

/* A zone that begins to count later, as the table has it. */
static void test_changed_zone_begins_at_the_time_of_its_row(void **state)
{
    struct fixture *f = *state;
    Google__Protobuf__Timestamp starts_at = GOOGLE__PROTOBUF__TIMESTAMP__INIT;
    struct ql_delivery delivery = {.routing_key = ""};
    UserChanged changed;
    Quest quest;

    quest_begin(f, &quest);
    quest.streak_rule = STREAK_RULE_DAILY;
    quest.streak = 9;
    evaluate_quest(f, &f->app, &quest);
    must_register(f, f->user, "");
    UserChanged_init(&changed);
    changed.zone_before = (char *)"Asia/Tokyo";
    starts_at.seconds = noon_ms / 1000 + 27 * 3600; /* the end of the 2nd in Tokyo */
    changed.starts_at = &starts_at;
    assert_int_equal(
        ql_event_make(&f->call, EVENT_USER_CHANGED, NULL, f->user, &changed.base, &delivery.event),
        QL_OK);
    assert_int_equal(evaluate_batch(&f->call, &f->app, &delivery, 1), QL_OK);
    evaluate_event(f, &f->app, EVENT_USER_SIGN_IN, noon_ms + 2 * hour_ms);  /* the 1st */
    evaluate_event(f, &f->app, EVENT_USER_SIGN_IN, noon_ms + 26 * hour_ms); /* the 2nd */
    assert_int_equal(COUNT("user_quest_rewards WHERE streak = 2 AND last_day = '2026-01-02'"), 1);
    evaluate_event(f, &f->app, EVENT_USER_SIGN_IN,
                   noon_ms + 28 * hour_ms); /* the 2nd again, in UTC */
    assert_int_equal(COUNT("user_quest_rewards WHERE streak = 2"), 1);
    evaluate_event(f, &f->app, EVENT_USER_SIGN_IN, noon_ms + 37 * hour_ms);
    assert_int_equal(COUNT("user_quest_rewards WHERE streak = 3 AND last_day = '2026-01-03'"), 1);
}

static void test_users_of_one_batch_change_zone_in_order(void **state)
{
    struct fixture *f = *state;
    struct ql_delivery batch[4];
    UserChanged changed;
    Quest quest;

    must_register(f, f->user, "");
    quest_begin(f, &quest);
    quest.streak_rule = STREAK_RULE_DAILY;
    event_quest_changed(f, &batch[0], &quest);
    event_sign_in(f, &batch[1], EVENT_USER_SIGN_IN, f->user);
    event_sign_in(f, &batch[3], EVENT_USER_SIGN_IN, f->user);
    batch[1].event.occurred_ms = batch[3].event.occurred_ms = noon_ms + 4 * hour_ms;
    UserChanged_init(&changed);
    changed.time_zone = (char *)"Asia/Tokyo";
    memset(&batch[2], 0, sizeof(batch[2]));
    assert_int_equal(
        ql_event_make(&f->call, EVENT_USER_CHANGED, NULL, f->user, &changed.base, &batch[2].event),
        QL_OK);
    must_evaluate(f, batch, QL_ARRAY_LENGTH(batch));
    assert_int_equal(completions(), 2); /* the 1st in UTC, the 2nd in Tokyo */
}

static void test_deleted_user_counts_for_nothing(void **state)
{
    struct fixture *f = *state;
    struct ql_delivery deleted = {.routing_key = ""};
    struct processing other;
    UserDeleted body;
    Quest quest;

    UserDeleted_init(&body);
    quest_begin(f, &quest);
    evaluate_quest(f, &f->app, &quest);
    evaluate_event(f, &f->app, EVENT_USER_SIGN_IN, noon_ms);
    assert_int_equal(
        ql_event_make(&f->call, EVENT_USER_DELETED, NULL, f->user, &body.base, &deleted.event),
        QL_OK);
    must_evaluate(f, &deleted, 1);
    app_open(&other);
    evaluate_event(f, &other, EVENT_USER_SIGN_IN, noon_ms);
    app_close(&other);
    assert_int_equal(completions(), 1);
    assert_string_equal(types_of_rows(f, f->user),
                        "UserSignIn QuestCompleted UserDeleted UserSignIn");
}

static void test_prerequisite_of_an_earlier_batch_is_remembered(void **state)
{
    struct fixture *f = *state;
    char needed_id[QL_UUID_SIZE];
    Quest needed, quest;

    ql_uuid_new(needed_id);
    quest_fill(&needed, needed_id, 1, 2, 1);
    quest_begin(f, &quest);
    quest.prerequisite_quest_id = needed_id;
    evaluate_quest(f, &f->app, &needed);
    evaluate_quest(f, &f->app, &quest);
    evaluate_event(f, &f->app, EVENT_USER_SIGN_IN, noon_ms);
    evaluate_event(f, &f->app, EVENT_USER_SIGN_IN, noon_ms);
    assert_int_equal(completions(), 1);
    evaluate_event(f, &f->app, EVENT_USER_SIGN_IN, noon_ms);
    assert_int_equal(completions(), 2);
}

static void test_archived_quest_stops_at_its_row(void **state)
{
    struct fixture *f = *state;
    struct ql_delivery batch[3];
    Quest quest;

    quest_begin(f, &quest);
    evaluate_quest(f, &f->app, &quest);
    quest.revision = 2;
    quest.archived = true;
    event_sign_in(f, &batch[0], EVENT_USER_SIGN_IN, f->user);
    event_quest_changed(f, &batch[1], &quest);
    event_sign_in(f, &batch[2], EVENT_USER_SIGN_IN, f->user);
    must_evaluate(f, batch, QL_ARRAY_LENGTH(batch));
    assert_int_equal(completions(), 1);
}

static void test_words_of_a_later_release_stop_nobody(void **state)
{
    struct fixture *f = *state;
    Google__Protobuf__Value value = GOOGLE__PROTOBUF__VALUE__INIT;
    Condition condition, *conditions[] = {&condition};
    struct processing other;
    Quest quest;

    quest_begin(f, &quest);
    Condition_init(&condition);
    value.kind_case = GOOGLE__PROTOBUF__VALUE__KIND_BOOL_VALUE;
    condition.field = (char *)"sessionId";
    condition.operator_ = 77;
    condition.value = &value;
    quest.conditions = conditions;
    quest.n_conditions = 1;
    quest.streak_rule = 99;
    evaluate_quest(f, &f->app, &quest);
    evaluate_event(f, &f->app, EVENT_USER_SIGN_IN, noon_ms);
    assert_int_equal(completions(), 0);
    ql_pg_test_exec(
        "INSERT INTO events (id, event_type, \"timestamp\", payload)"
        " SELECT gen_random_uuid(), event_type, \"timestamp\", (jsonb_set(jsonb_set(jsonb_set("
        " payload::jsonb, '{quest,revision}', '\"2\"'), '{quest,conditions,0,operator}', '\"RESEMBLES\"'),"
        " '{quest,streakRule}', '\"EVERY_FULL_MOON\"') || '{\"news\": 1}')::json"
        " FROM events WHERE event_type = 'QuestChanged'");
    app_open(&other);
    evaluate_event(f, &other, EVENT_USER_SIGN_IN, noon_ms);
    assert_int_equal(completions(), 0);
    app_close(&other);
    quest.revision = 3;
    quest.n_conditions = 0;
    evaluate_quest(f, &f->app, &quest);
    evaluate_event(f, &f->app, EVENT_USER_SIGN_IN, noon_ms);
    assert_int_equal(completions(), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)
        TEST(test_whole_quest_is_read_back_from_the_table),
        TEST(test_days_go_by_the_zone_that_the_table_has),
        TEST(test_changed_zone_begins_at_the_time_of_its_row),
        TEST(test_users_of_one_batch_change_zone_in_order),
        TEST(test_deleted_user_counts_for_nothing),
        TEST(test_prerequisite_of_an_earlier_batch_is_remembered),
        TEST(test_archived_quest_stops_at_its_row),
        TEST(test_words_of_a_later_release_stop_nobody),
#undef TEST
    };

    fixture_migrate();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
