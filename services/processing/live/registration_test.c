/* Claims about events that are stored before their user's registration: quests that go by
 * days count them in the zone of the sign-up. On a real PostgreSQL, with the run role's
 * rights. */
#include "questline/processing/v1/names.h"
#include "questline/user/v1/names.h"
#include "services/processing/rules/definition_pb.h"
#include "services/processing/testing/rebuild_fixture.h"

enum { SIGN_INS = 4, BATCH_SIZE = SIGN_INS + 1 };

/* Three days in UTC, four in Tokyo. */
static const int64_t at_hours[SIGN_INS] = {14, 16, 40, 64};

static void add_sign_in_at(struct fixture *f, struct ql_delivery *ret, int64_t occurred_ms)
{
    event_sign_in(f, ret, EVENT_USER_SIGN_IN, f->user);
    ret->event.occurred_ms = occurred_ms;
}

static void daily_fill(Quest *quest, const char *quest_id, int32_t streak)
{
    quest_fill(quest, quest_id, 1, streak, 9);
    quest->streak_rule = STREAK_RULE_DAILY_IN_A_ROW;
}

static int64_t streak_of(const char *quest_id)
{
    char sql[256];

    snprintf(sql, sizeof(sql),
             "SELECT coalesce((SELECT streak FROM user_quest_rewards WHERE quest_id = '%s'), 0)",
             quest_id);
    return ql_pg_test_int64(sql);
}

/* The registration at each place among the sign-ins, in one batch and in batches of one. */
static void test_days_go_by_the_sign_ups_zone_from_the_first_event_on(void **state)
{
    for (size_t place = 0; place <= SIGN_INS; place++) {
        for (size_t size = 1; size <= BATCH_SIZE; size += BATCH_SIZE - 1) {
            struct ql_delivery batch[BATCH_SIZE];
            struct fixture *f = *state;
            Quest quest;

            daily_fill(&quest, f->quest, 9);
            evaluate_quest(f, &quest);
            event_registered(f, &batch[place], f->user, "Asia/Tokyo");
            for (size_t i = 0; i < SIGN_INS; i++)
                add_sign_in_at(f, &batch[i < place ? i : i + 1], begin_ms + at_hours[i] * hour_ms);
            for (size_t i = 0; i < BATCH_SIZE; i += size)
                must_evaluate(f, batch + i, size);
            if (streak_of(f->quest) != 4)
                fail_msg("registered at %zu, batches of %zu: %d days", place, size,
                         (int)streak_of(f->quest));
            must_evaluate(f, batch, BATCH_SIZE); /* delivered again */
            assert_int_equal(streak_of(f->quest), 4);
            assert_equal_to_rebuilt(f);
            fixture_close(state);
            fixture_open(state);
        }
    }
}

static void test_completions_of_what_has_waited_stand_behind_the_registration(void **state)
{
    static char *types[] = {(char *)EVENT_QUEST_COMPLETED};
    struct fixture *f = *state;
    struct dry_run_result daily, other;
    char other_id[QL_UUID_SIZE];
    Quest quest, counting;

    ql_uuid_new(other_id);
    daily_fill(&quest, f->quest, 2);
    quest_fill(&counting, other_id, 1, 1, 9);
    counting.event_types = types;
    counting.n_event_types = 1;
    evaluate_quest(f, &quest);
    evaluate_quest(f, &counting);
    for (size_t i = 0; i < 2; i++)
        must_sign_in_at(f, begin_ms + at_hours[i] * hour_ms);
    assert_int_equal(COUNT("user_quest_rewards"), 0);
    must_register(f, f->user, "Asia/Tokyo");
    assert_string_equal(types_of_rows(f, f->user), "UserSignIn UserSignIn UserRegistered"
                                                   " QuestCompleted QuestCompleted");
    daily = result_of(f->quest);
    other = result_of(other_id);
    assert_int_equal(daily.n_completions, 1);
    assert_int_equal(other.n_completions, 1);
    assert_int_equal(COUNT("outbox"), 2);
    assert_equal_to_rebuilt(f);
}

/* A completion waits, too, for quests that go by days; others have counted already. */
static void test_other_quests_do_not_wait(void **state)
{
    static char *types[] = {(char *)EVENT_QUEST_COMPLETED};
    struct fixture *f = *state;
    char daily_id[QL_UUID_SIZE];
    Quest quest, daily;

    ql_uuid_new(daily_id);
    quest_fill(&quest, f->quest, 1, 1, 9);
    daily_fill(&daily, daily_id, 9);
    daily.event_types = types;
    daily.n_event_types = 1;
    evaluate_quest(f, &quest);
    evaluate_quest(f, &daily);
    for (size_t i = 0; i < 2; i++)
        must_sign_in_at(f, begin_ms + at_hours[i] * hour_ms);
    assert_int_equal(result_of(f->quest).n_completions, 2);
    assert_int_equal(streak_of(daily_id), 0);
    must_register(f, f->user, "Asia/Tokyo");
    assert_int_equal(result_of(f->quest).n_completions, 2);
    assert_int_equal(streak_of(daily_id), 2);
    assert_equal_to_rebuilt(f);
}

/* A quest counts its history as it would have counted it from the start, in one go and
 * in steps, with the registration in another step than the events. */
static void test_backfills_count_what_has_waited(void **state)
{
    static const int rows_of_a_step[] = {1, 3, 0};

    for (size_t i = 0; i < QL_ARRAY_LENGTH(rows_of_a_step); i++) {
        struct fixture *f = *state;
        struct definition definition;
        struct dry_run dry_run = {.definition = &definition};
        struct dry_run_result tried;
        Quest quest;

        f->app.backfill_rows = rows_of_a_step[i];
        daily_fill(&quest, f->quest, 9);
        quest.backfill = true;
        for (size_t k = 0; k < SIGN_INS; k++) {
            if (k == 2)
                must_register(f, f->user, "Asia/Tokyo");
            must_sign_in_at(f, begin_ms + at_hours[k] * hour_ms);
        }
        assert_int_equal(definition_from_pb(&f->call, &quest, &definition), QL_OK);
        assert_int_equal(dry_run_execute(&f->call, f->app.parts.pg, &dry_run, &tried), QL_OK);
        assert_int_equal(tried.n_events, SIGN_INS);
        assert_int_equal(tried.n_users_in_progress, 1);
        evaluate_quest(f, &quest);
        must_backfill(f);
        assert_int_equal(streak_of(f->quest), 4);
        assert_equal_to_rebuilt(f);
        fixture_close(state);
        fixture_open(state);
    }
}

/* Of a user who is registered a long time after the first event, 500 rows wait. */
static void test_no_more_than_a_bound_waits(void **state)
{
    struct fixture *f = *state;
    Quest quest;

    daily_fill(&quest, f->quest, 1000);
    evaluate_quest(f, &quest);
    ql_pg_test_exec(
        ql_arena_printf(f->arena,
                        "INSERT INTO events (id, user_id, event_type, \"timestamp\", payload)"
                        " SELECT md5('e' || n)::uuid, '%s', 'UserSignIn',"
                        "  timestamptz '2020-01-01 12:00Z' + n * interval '1 day', '{}'"
                        " FROM generate_series(1, 600) AS n",
                        f->user));
    must_register(f, f->user, "");
    assert_int_equal(streak_of(f->quest), 500);
    assert_equal_to_rebuilt(f);
}

static void test_nobodys_days_do_not_count(void **state)
{
    struct fixture *f = *state;
    Quest quest;

    daily_fill(&quest, f->quest, 9);
    evaluate_quest(f, &quest);
    must_sign_in_at(f, begin_ms);
    assert_int_equal(COUNT("user_quest_rewards"), 0);
    assert_equal_to_rebuilt(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)
        TEST(test_days_go_by_the_sign_ups_zone_from_the_first_event_on),
        TEST(test_completions_of_what_has_waited_stand_behind_the_registration),
        TEST(test_other_quests_do_not_wait),
        TEST(test_backfills_count_what_has_waited),
        TEST(test_no_more_than_a_bound_waits),
        TEST(test_nobodys_days_do_not_count),
#undef TEST
    };

    fixture_migrate();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
