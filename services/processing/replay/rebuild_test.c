/* Claims about replaying the event table again: what a backfilled quest counts, and
 * that a rebuild comes to what was evaluated. On a real PostgreSQL, with the run
 * role's rights. */
#include "platform/base/clock.h"
#include "questline/processing/v1/names.h"
#include "questline/user/v1/names.h"
#include "services/processing/replay/dry_run.h"
#include "services/processing/rules/definition_pb.h"
#include "services/processing/testing/rebuild_fixture.h"

enum { USERS = 7, EVENTS = 1300, BATCH = 100 }; /* more than two pages */

/* A history of sign-ins, changes of zone and a deletion, always the same but for
 * its ids. */
struct history {
    struct ql_delivery events[EVENTS];
    char users[USERS][QL_UUID_SIZE];
};

static struct history *make_history(struct fixture *f)
{
    static const char *const zones[] = {"Asia/Tokyo", "America/Los_Angeles", "", "Europe/Berlin"};
    struct history *history = ql_arena_calloc(f->arena, 1, sizeof(*history));
    unsigned chance = 1;

    assert_non_null(history);
    for (int i = 0; i < USERS; i++)
        ql_uuid_new(history->users[i]);
    for (int i = 0; i < EVENTS; i++) {
        const char *user_id;

        chance = chance * 1103515245 + 12345;
        user_id = history->users[chance / 65536 % USERS];
        if (chance / 1024 % 40 == 0)
            add_zone(f, &history->events[i], user_id, zones[chance / 4096 % 4]);
        else
            event_sign_in(f, &history->events[i], EVENT_USER_SIGN_IN, user_id);
        history->events[i].event.occurred_ms =
            begin_ms + i * hour_ms / 4 + (int64_t)(chance / 256 % 48) * hour_ms;
    }
    for (int i = 0; i < USERS; i++) /* some of their events stand before */
        event_registered(f, &history->events[i * 20], history->users[i], zones[i % 4]);
    add_deletion(f, &history->events[EVENTS / 2], history->users[0]);
    return history;
}

static void evaluate_history(struct fixture *f, struct history *history)
{
    for (int i = 0; i < EVENTS; i += BATCH)
        must_evaluate(f, history->events + i, BATCH);
}

/* A digest of what a query lists. */
static int64_t digest_of(const char *columns, const char *from, const char *quest_id)
{
    char sql[1024];

    snprintf(sql, sizeof(sql),
             "SELECT coalesce(('x' || substr(md5(string_agg(concat_ws(',', %s), ';' ORDER BY 1)),"
             " 1, 15))::bit(60)::bigint, 0) FROM (SELECT * FROM %s WHERE %s'%s') AS listed",
             columns, from,
             quest_id == NULL ? "'' = " : "quest = ", quest_id == NULL ? "" : quest_id);
    return ql_pg_test_int64(sql);
}

static int64_t digest_progress(const char *quest_id)
{
    return digest_of("id, user_id, status, streak, duplication, created_at, updated_at, last_day",
                     "(SELECT *, quest_id::text AS quest FROM user_quest_rewards ORDER BY id) AS p",
                     quest_id);
}

static int64_t digest_completions(const char *quest_id)
{
    return digest_of("id, user_id, \"timestamp\", payload",
                     "(SELECT *, payload ->> 'questId' AS quest FROM events"
                     " WHERE " COMPLETED " ORDER BY id) AS c",
                     quest_id);
}

static void assert_tried_out(struct fixture *f, const Quest *quest,
                             const struct dry_run_result *expected)
{
    struct definition definition;
    struct dry_run dry_run = {.definition = &definition};
    struct dry_run_result result;

    assert_int_equal(definition_from_pb(&f->call, quest, &definition), QL_OK);
    assert_int_equal(dry_run_execute(&f->call, f->app.parts.pg, &dry_run, &result), QL_OK);
    assert_int_equal(result.n_users_completed, expected->n_users_completed);
    assert_int_equal(result.n_users_in_progress, expected->n_users_in_progress);
    assert_int_equal(result.n_completions, expected->n_completions);
    assert_false(result.is_cut_short);
    assert_int_not_equal(result.n_events, 0);
}

/* Evaluates the history with the quest there from the start, then with the quest made
 * in the end, and holds the two against each other and against their rebuilds. */
static void assert_backfilled_as_from_the_start(struct fixture *f, Quest *needed, Quest *quest)
{
    struct history *history = make_history(f);
    struct dry_run_result result;
    int64_t progress, completions;
    int n_completions;

    quest->backfill = true;
    evaluate_quest(f, needed);
    evaluate_quest(f, quest);
    evaluate_history(f, history);
    progress = digest_progress(f->quest);
    completions = digest_completions(f->quest);
    n_completions = COUNT("events WHERE " COMPLETED);
    result = result_of(f->quest);
    assert_equal_to_rebuilt(f);
    forget_all(f);
    evaluate_quest(f, needed);
    evaluate_history(f, history);
    assert_tried_out(f, quest, &result);
    evaluate_quest(f, quest);
    must_backfill(f);
    assert_int_equal(COUNT("events WHERE " COMPLETED), n_completions);
    assert_int_equal(COUNT("outbox WHERE event_type = 'QuestCompleted'"),
                     COUNT("events WHERE event_type = 'QuestCompleted'"));
    assert_true(digest_progress(f->quest) == progress);
    assert_true(digest_completions(f->quest) == completions);
    assert_int_not_equal(completions, 0);
    assert_equal_to_rebuilt(f);
}

static void needed_begin(Quest *needed, char id[QL_UUID_SIZE])
{
    ql_uuid_new(id);
    quest_fill(needed, id, 1, 50, 1);
}

static void test_backfilled_quest_equals_one_from_the_start(void **state)
{
    struct fixture *f = *state;
    char needed_id[QL_UUID_SIZE];
    Quest needed, quest;

    needed_begin(&needed, needed_id);
    quest_fill(&quest, f->quest, 1, 3, 20);
    assert_backfilled_as_from_the_start(f, &needed, &quest);
}

static void test_backfilled_daily_quest_equals_one_from_the_start(void **state)
{
    struct fixture *f = *state;
    Google__Protobuf__Timestamp ends_at = GOOGLE__PROTOBUF__TIMESTAMP__INIT;
    char needed_id[QL_UUID_SIZE];
    Quest needed, quest;

    needed_begin(&needed, needed_id);
    quest_fill(&quest, f->quest, 1, 3, 20);
    quest.streak_rule = STREAK_RULE_DAILY_IN_A_ROW;
    ends_at.seconds = begin_ms / 1000 + (int64_t)12 * 24 * 3600;
    quest.ends_at = &ends_at;
    quest.prerequisite_quest_id = needed_id;
    assert_backfilled_as_from_the_start(f, &needed, &quest);
}

static void test_backfilled_quest_on_completions_equals_one_from_the_start(void **state)
{
    static char *types[] = {(char *)EVENT_QUEST_COMPLETED};
    struct fixture *f = *state;
    char needed_id[QL_UUID_SIZE];
    Quest needed, quest;

    needed_begin(&needed, needed_id);
    needed.streak = 2;
    needed.duplication = 1000;
    quest_fill(&quest, f->quest, 1, 5, 1000);
    quest.event_types = types;
    quest.n_event_types = 1;
    assert_backfilled_as_from_the_start(f, &needed, &quest);
}

static void test_completions_of_a_backfill_stand_behind_its_row_and_count(void **state)
{
    static char *types[] = {(char *)EVENT_QUEST_COMPLETED};
    struct fixture *f = *state;
    char other_id[QL_UUID_SIZE];
    struct ql_delivery batch[4];
    Quest quest, other;

    ql_uuid_new(other_id);
    quest_fill(&other, other_id, 1, 2, 9);
    other.event_types = types;
    other.n_event_types = 1;
    quest_fill(&quest, f->quest, 1, 1, 9);
    quest.backfill = true;
    evaluate_quest(f, &other);
    event_sign_in(f, &batch[0], EVENT_USER_SIGN_IN, f->user);
    event_sign_in(f, &batch[1], EVENT_USER_SIGN_IN, f->user);
    event_quest_changed(f, &batch[2], &quest);
    event_sign_in(f, &batch[3], EVENT_USER_SIGN_IN, f->user);
    must_evaluate(f, batch, QL_ARRAY_LENGTH(batch)); /* one batch, in two transactions */
    /* The quest's two, then the other's; its next one is half of it. */
    assert_string_equal(types_of_rows(f, f->user),
                        "UserSignIn UserSignIn QuestCompleted QuestCompleted QuestCompleted "
                        "UserSignIn QuestCompleted");
    must_evaluate(f, batch, QL_ARRAY_LENGTH(batch));
    assert_int_equal(COUNT("outbox"), 4);
    assert_equal_to_rebuilt(f);
}

/* The chains of stored completions are read back: the first quest on completions has
 * counted what the backfilled one counts now, and counts it no second time. */
static void test_backfilled_quest_on_completions_feeds_nothing_in_its_chain(void **state)
{
    static char *types[] = {(char *)EVENT_QUEST_COMPLETED};
    struct fixture *f = *state;
    char first_id[QL_UUID_SIZE], other_id[QL_UUID_SIZE];
    struct ql_delivery delivery;
    Quest first, other, quest;

    ql_uuid_new(first_id);
    ql_uuid_new(other_id);
    quest_fill(&first, first_id, 1, 1, 9);
    quest_fill(&other, other_id, 1, 1, 9);
    quest_fill(&quest, f->quest, 1, 1, 9);
    other.event_types = quest.event_types = types;
    other.n_event_types = quest.n_event_types = 1;
    evaluate_quest(f, &first);
    evaluate_quest(f, &other);
    event_sign_in(f, &delivery, EVENT_USER_SIGN_IN, f->user);
    must_evaluate(f, &delivery, 1);
    assert_int_equal(COUNT("events WHERE event_type = 'QuestCompleted'"), 2);
    assert_tried_out(f, &quest,
                     &(const struct dry_run_result){.n_users_completed = 1, .n_completions = 2});
    quest.backfill = true;
    evaluate_quest(f, &quest); /* two of its own; the other counts the first of them */
    assert_int_equal(result_of(f->quest).n_completions, 2);
    assert_int_equal(result_of(other_id).n_completions, 2);
    assert_int_equal(result_of(first_id).n_completions, 1);
    /* Tried out under its own id, it does not count what it has led to. */
    assert_tried_out(f, &quest,
                     &(const struct dry_run_result){.n_users_completed = 1, .n_completions = 2});
    assert_equal_to_rebuilt(f);
}

static void test_only_the_first_row_of_a_quest_backfills(void **state)
{
    struct fixture *f = *state;
    struct ql_delivery delivery;
    Quest quest;

    quest_fill(&quest, f->quest, 1, 1, 9);
    evaluate_quest(f, &quest);
    event_sign_in(f, &delivery, EVENT_USER_SIGN_IN, f->user);
    must_evaluate(f, &delivery, 1);
    quest.revision = 2;
    quest.backfill = true;
    evaluate_quest(f, &quest);
    assert_int_equal(COUNT("events WHERE event_type = 'QuestCompleted'"), 1);
    assert_equal_to_rebuilt(f);
}

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

/* As after a swap that took completions back. */
static void plant_completion(const char *user_id, const char *quest_id, int32_t ordinal)
{
    char id[QL_UUID_SIZE], sql[512];

    completion_id(user_id, quest_id, ordinal, id);
    snprintf(sql, sizeof(sql),
             "INSERT INTO events (id, user_id, event_type, \"timestamp\", payload)"
             " VALUES ('%s', '%s', 'QuestCompleted', now(), '{\"questId\": \"%s\"}')",
             id, user_id, quest_id);
    ql_pg_test_exec(sql);
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

static void test_backfill_passes_over_completions_that_are_stored_already(void **state)
{
    static char *types[] = {(char *)EVENT_QUEST_COMPLETED};
    struct fixture *f = *state;
    char other_id[QL_UUID_SIZE];
    struct ql_delivery delivery;
    Quest quest, other;

    ql_uuid_new(other_id);
    quest_fill(&other, other_id, 1, 1, 1);
    other.event_types = types;
    other.n_event_types = 1;
    evaluate_quest(f, &other);
    plant_completion(f->user, other_id, 1);
    event_sign_in(f, &delivery, EVENT_USER_SIGN_IN, f->user);
    must_evaluate(f, &delivery, 1);
    quest_fill(&quest, f->quest, 1, 1, 9);
    quest.backfill = true;
    evaluate_quest(f, &quest);
    assert_int_equal(COUNT("outbox"), 1);
    assert_int_equal(COUNT("events WHERE event_type = 'QuestCompleted'"), 2);
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
        TEST(test_backfilled_quest_equals_one_from_the_start),
        TEST(test_backfilled_daily_quest_equals_one_from_the_start),
        TEST(test_backfilled_quest_on_completions_equals_one_from_the_start),
        TEST(test_completions_of_a_backfill_stand_behind_its_row_and_count),
        TEST(test_backfilled_quest_on_completions_feeds_nothing_in_its_chain),
        TEST(test_only_the_first_row_of_a_quest_backfills),
        TEST(test_rebuild_after_edits_equals_the_live_table),
        TEST(test_quest_that_is_open_again_and_takes_no_event_equals_its_rebuild),
        TEST(test_zone_does_not_depend_on_where_batches_end),
        TEST(test_completion_that_is_stored_already_counts_and_stops_nobody),
        TEST(test_backfill_passes_over_completions_that_are_stored_already),
        TEST(test_planted_differences_are_reported_and_a_swap_repairs_them),
        TEST(test_swap_by_an_administrator_is_recorded_and_a_look_is_not),
        TEST(test_second_rebuild_at_a_time_is_refused),
#undef TEST
    };

    fixture_migrate();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
