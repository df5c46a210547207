/* Claims about rebuilds: they come to what was evaluated, report what differs and repair
 * it. On a real PostgreSQL, with the run role's rights. */
#include "questline/user/v1/names.h"
#include "services/processing/testing/rebuild_fixture.h"

static void test_rebuild_after_edits_equals_the_live_table(void **state)
{
    struct fixture *f = *state;
    struct history *history = make_history(f);
    Quest quest;

    quest_fill(&quest, f->quest, 1, 3, 5);
    evaluate_quest(f, &quest);
    must_evaluate(f, history->events, 400);
    quest.revision = 2;
    quest.streak = 2;
    quest.streak_rule = STREAK_RULE_DAILY;
    evaluate_quest(f, &quest);
    must_evaluate(f, history->events + 400, 400);
    quest.revision = 3;
    quest.archived = true;
    evaluate_quest(f, &quest);
    must_evaluate(f, history->events + 800, 400);
    assert_int_not_equal(COUNT("user_quest_rewards"), 0);
    assert_equal_to_rebuilt(f);
}

static void test_quest_that_is_open_again_and_takes_no_event_equals_its_rebuild(void **state)
{
    struct fixture *f = *state;
    Quest quest;

    quest_fill(&quest, f->quest, 1, 1, 1);
    quest.streak_rule = STREAK_RULE_DAILY;
    evaluate_quest(f, &quest);
    must_register(f, f->user, "");
    must_sign_in_at(f, begin_ms);
    assert_int_equal(COUNT("user_quest_rewards WHERE status = 'EXHAUSTED'"), 1);
    quest.revision = 2;
    quest.duplication = 2;
    evaluate_quest(f, &quest);
    must_sign_in_at(f, begin_ms + hour_ms); /* of a day that has counted */
    assert_equal_to_rebuilt(f);
}

static void test_zone_does_not_depend_on_where_batches_end(void **state)
{
    struct fixture *f = *state;
    struct ql_delivery deliveries[2];
    UserRegistered registered;
    Quest quest;

    quest_fill(&quest, f->quest, 1, 9, 1);
    quest.streak_rule = STREAK_RULE_DAILY;
    evaluate_quest(f, &quest);
    UserRegistered_init(&registered); /* it arrives late, and knows no zone */
    memset(deliveries, 0, sizeof(deliveries));
    add_zone(f, &deliveries[0], f->user, "Asia/Tokyo");
    assert_int_equal(ql_event_make(&f->call, EVENT_USER_REGISTERED, NULL, f->user, &registered.base,
                                   &deliveries[1].event),
                     QL_OK);
    must_evaluate(f, deliveries, QL_ARRAY_LENGTH(deliveries));
    must_sign_in_at(f, begin_ms + 14 * hour_ms);
    must_sign_in_at(f, begin_ms + 16 * hour_ms); /* the next day in Tokyo */
    assert_int_equal(ql_pg_test_int64("SELECT streak FROM user_quest_rewards"), 2);
    assert_equal_to_rebuilt(f);
}

static void test_completion_that_is_stored_already_counts_and_stops_nobody(void **state)
{
    struct fixture *f = *state;
    struct ql_delivery batch[3];
    Quest quest;

    quest_fill(&quest, f->quest, 1, 1, 9);
    evaluate_quest(f, &quest);
    plant_completion(f->user, f->quest, 2);
    for (size_t i = 0; i < QL_ARRAY_LENGTH(batch); i++)
        event_sign_in(f, &batch[i], EVENT_USER_SIGN_IN, f->user);
    must_evaluate(f, batch, QL_ARRAY_LENGTH(batch));
    assert_int_equal(ql_pg_test_int64("SELECT duplication FROM user_quest_rewards"), 3);
    assert_int_equal(COUNT("outbox"), 2);
    assert_string_equal(types_of_rows(f, f->user), "QuestCompleted UserSignIn QuestCompleted "
                                                   "UserSignIn UserSignIn QuestCompleted");
    plant_completion(f->user, f->quest, 4);
    must_evaluate(f, batch, QL_ARRAY_LENGTH(batch)); /* known */
    event_sign_in(f, &batch[0], EVENT_USER_SIGN_IN, f->user);
    must_evaluate(f, batch, 1);
    assert_int_equal(ql_pg_test_int64("SELECT duplication FROM user_quest_rewards"), 4);
    assert_int_equal(COUNT("outbox"), 2);
    assert_equal_to_rebuilt(f);
}

static void test_planted_differences_are_reported_and_a_swap_repairs_them(void **state)
{
    struct fixture *f = *state;
    struct history *history = make_history(f);
    struct rebuild_report report;
    int64_t before;
    Quest quest;

    quest_fill(&quest, f->quest, 1, 3, 1000);
    evaluate_quest(f, &quest);
    must_evaluate(f, history->events, 200);
    before = digest_progress(NULL);
    ql_pg_test_exec("UPDATE user_quest_rewards SET duplication = duplication + 1"
                    " WHERE id = (SELECT min(id::text)::uuid FROM user_quest_rewards);"
                    "DELETE FROM user_quest_rewards"
                    " WHERE id = (SELECT max(id::text)::uuid FROM user_quest_rewards);"
                    "INSERT INTO user_quest_rewards (id, user_id, quest_id, status, streak,"
                    " duplication, created_at, updated_at) VALUES (gen_random_uuid(),"
                    " gen_random_uuid(), gen_random_uuid(), 'IN_PROGRESS', 1, 0, now(), now())");
    ql_pg_test_exec(
        "INSERT INTO events (id, event_type, \"timestamp\", payload)"
        " VALUES ('0192d3a4-0000-7000-8000-0000000000ff', 'QuestCompleted', now(), '{}')");
    report = must_rebuild(f, false);
    assert_int_equal(report.n_differences, 3);
    assert_int_equal(report.n_listed, 3);
    assert_int_equal(report.n_missing, 0);
    assert_int_equal(report.n_excess, 1);
    assert_string_equal(report.completions[0], "0192d3a4-0000-7000-8000-0000000000ff");
    for (size_t i = 0; i < report.n_listed; i++) {
        const struct rebuild_difference *difference = &report.differences[i];

        assert_true(difference->live != NULL || difference->made != NULL);
        if (difference->live != NULL && difference->made != NULL)
            assert_int_equal(difference->live->duplication, difference->made->duplication + 1);
    }
    assert_true(digest_progress(NULL) != before);
    report = must_rebuild(f, true);
    assert_int_equal(report.n_differences, 3);
    assert_true(report.is_swapped);
    assert_true(digest_progress(NULL) == before);
    assert_int_equal(must_rebuild(f, false).n_differences, 0);
    assert_int_equal(COUNT("rebuild.completions"), 0);
}

static void test_swap_by_an_administrator_is_recorded_and_a_look_is_not(void **state)
{
    struct fixture *f = *state;

    f->call.identity.role = QL_ROLE_ADMIN;
    snprintf(f->call.identity.subject, sizeof(f->call.identity.subject), "ada");
    (void)must_rebuild(f, false);
    assert_int_equal(COUNT("outbox WHERE event_type = 'AdminActed'"), 0);
    (void)must_rebuild(f, true);
    assert_int_equal(COUNT("outbox WHERE event_type = 'AdminActed'"), 1);
}

static void test_second_rebuild_at_a_time_is_refused(void **state)
{
    struct fixture *f = *state;
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    static const struct ql_pg_statement lock = {"test_lock",
                                                "SELECT pg_advisory_xact_lock(7165080015002)"};
    struct rebuild_report report;

    assert_int_equal(ql_pg_begin(&f->call, f->app.parts.pg, &tx), QL_OK);
    assert_int_equal(ql_pg_run(&f->call, tx, &lock, NULL, 0, NULL), QL_OK);
    assert_int_equal(rebuild_run(&f->call, f->app.parts.pg, false, &report), QL_ABORTED);
    assert_string_equal(f->call.status.reason, "REBUILD_RUNNING");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)
        TEST(test_rebuild_after_edits_equals_the_live_table),
        TEST(test_quest_that_is_open_again_and_takes_no_event_equals_its_rebuild),
        TEST(test_zone_does_not_depend_on_where_batches_end),
        TEST(test_completion_that_is_stored_already_counts_and_stops_nobody),
        TEST(test_planted_differences_are_reported_and_a_swap_repairs_them),
        TEST(test_swap_by_an_administrator_is_recorded_and_a_look_is_not),
        TEST(test_second_rebuild_at_a_time_is_refused),
#undef TEST
    };

    fixture_migrate();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
