/* Claims about backfills that take many steps: what the quest counts, what happens
 * meanwhile, and how much a step does. On a real PostgreSQL, with the run role's
 * rights. */
#include "services/processing/replay/backfill.h"

#include "platform/base/clock.h"
#include "questline/user/v1/names.h"
#include "services/processing/live/event_consumer.h"
#include "services/processing/replay/rebuild.h"
#include "services/processing/testing/processing_fixture.h"

#include "history_sql.h"

enum { EVENTS = 300, STEP_ROWS = 20, EDIT_AT = 200, MADE_AT = 150 };

static const int64_t begin_ms = 1767225600000; /* 2026-01-01T00:00:00Z */

static struct ql_delivery *make_sign_ins(struct fixture *f, size_t n)
{
    struct ql_delivery *events = ql_arena_calloc(f->arena, n, sizeof(*events));

    assert_non_null(events);
    for (size_t i = 0; i < n; i++) {
        event_sign_in(f, &events[i], EVENT_USER_SIGN_IN, i % 3 == 0 ? f->user : f->quest);
        events[i].event.occurred_ms = begin_ms + (int64_t)i * 3600 * 1000;
    }
    return events;
}

static void evaluate_all(struct fixture *f, struct ql_delivery *events, size_t n)
{
    for (size_t i = 0; i < n; i += 50)
        must_evaluate(f, events + i, n - i < 50 ? n - i : 50);
}

static void evaluate_quest(struct fixture *f, Quest *quest)
{
    struct ql_delivery delivery;

    event_quest_changed(f, &delivery, quest);
    must_evaluate(f, &delivery, 1);
}

static void steps(struct fixture *f, int n)
{
    bool has_more = true;

    for (; n > 0; n--) {
        assert_int_equal(evaluate_backfill(&f->call, &f->app, &has_more), QL_OK);
        assert_true(has_more);
    }
}

static void forget_all(struct fixture *f)
{
    ql_pg_test_exec("ALTER TABLE events DISABLE TRIGGER events_are_append_only;"
                    "TRUNCATE events, event_erasures, user_quest_rewards, outbox;"
                    "ALTER TABLE events ENABLE ALWAYS TRIGGER events_are_append_only");
    app_close(&f->app);
    app_open(&f->app);
    f->app.backfill_rows = STEP_ROWS;
}

static int64_t digest_progress(void)
{
    return ql_pg_test_int64("SELECT ('x' || substr(md5(string_agg(p::text, ';' ORDER BY id)), 1,"
                            " 15))::bit(60)::bigint FROM user_quest_rewards p");
}

static int64_t digest_completions(void)
{
    return ql_pg_test_int64(
        "SELECT ('x' || substr(md5(string_agg(concat_ws(',', id, user_id, \"timestamp\", payload),"
        " ';' ORDER BY id)), 1, 15))::bit(60)::bigint FROM events"
        " WHERE event_type = 'QuestCompleted'");
}

static void assert_equal_to_rebuilt(struct fixture *f)
{
    struct rebuild_report report;

    assert_int_equal(rebuild_run(&f->call, f->app.parts.pg, false, &report), QL_OK);
    assert_int_equal(report.n_differences, 0);
    assert_int_equal(report.n_missing, 0);
    assert_int_equal(report.n_excess, 0);
}

static void quest_edit(Quest *quest)
{
    quest->revision = 2;
    quest->streak = 2;
    quest->streak_rule = STREAK_RULE_DAILY;
}

static void test_quest_edited_during_its_backfill_equals_one_evaluated_all_the_while(void **state)
{
    struct fixture *f = *state;
    struct ql_delivery *events = make_sign_ins(f, EVENTS);
    int64_t progress, completions;
    char quest_id[QL_UUID_SIZE];
    Quest quest;

    ql_uuid_new(quest_id);
    quest_fill(&quest, quest_id, 1, 3, 1000);
    evaluate_quest(f, &quest);
    evaluate_all(f, events, EDIT_AT);
    quest_edit(&quest);
    evaluate_quest(f, &quest);
    evaluate_all(f, events + EDIT_AT, EVENTS - EDIT_AT);
    progress = digest_progress();
    completions = digest_completions();

    forget_all(f);
    evaluate_all(f, events, MADE_AT);
    quest_fill(&quest, quest_id, 1, 3, 1000);
    quest.backfill = true;
    evaluate_quest(f, &quest);
    assert_int_equal(COUNT("user_quest_rewards"), 0);
    steps(f, 2);
    evaluate_all(f, events + MADE_AT, EDIT_AT - MADE_AT);
    quest_edit(&quest);
    evaluate_quest(f, &quest);
    steps(f, 3);
    evaluate_all(f, events + EDIT_AT, 50);
    assert_equal_to_rebuilt(f); /* in the middle of it, too */
    must_backfill(f);
    evaluate_all(f, events + EDIT_AT + 50, EVENTS - EDIT_AT - 50);
    assert_true(digest_progress() == progress);
    assert_true(digest_completions() == completions);
    assert_int_equal(COUNT("outbox"), COUNT("events WHERE event_type = 'QuestCompleted'"));
    assert_equal_to_rebuilt(f);
}

static void test_a_process_that_starts_anew_goes_on_where_the_last_one_was(void **state)
{
    struct fixture *f = *state;
    bool has_more = true;
    Quest quest;

    f->app.backfill_rows = STEP_ROWS;
    evaluate_all(f, make_sign_ins(f, EVENTS), EVENTS);
    quest_fill(&quest, f->quest, 1, 1, 1000);
    quest.backfill = true;
    evaluate_quest(f, &quest);
    steps(f, 3);
    assert_int_equal(COUNT("events WHERE event_type = 'QuestCompleted'"), 3 * STEP_ROWS);
    app_close(&f->app);
    app_open(&f->app);
    f->app.backfill_rows = STEP_ROWS;
    assert_int_equal(event_chore(&f->call, &has_more), QL_OK); /* reads the quests */
    while (has_more || definitions_count_held(f->app.definitions) > 0)
        assert_int_equal(event_chore(&f->call, &has_more), QL_OK);
    assert_int_equal(COUNT("events WHERE event_type = 'QuestCompleted'"), EVENTS);
    assert_int_equal(COUNT("outbox"), EVENTS);
    assert_equal_to_rebuilt(f);
}

static void test_other_quests_count_between_the_steps(void **state)
{
    struct fixture *f = *state;
    char other_id[QL_UUID_SIZE];
    struct ql_delivery delivery;
    Quest quest, other;

    f->app.backfill_rows = STEP_ROWS;
    ql_uuid_new(other_id);
    evaluate_all(f, make_sign_ins(f, EVENTS), EVENTS);
    quest_fill(&quest, f->quest, 1, 1, 1000);
    quest.backfill = true;
    evaluate_quest(f, &quest);
    quest_fill(&other, other_id, 1, 1, 1);
    evaluate_quest(f, &other);
    steps(f, 1);
    event_sign_in(f, &delivery, EVENT_USER_SIGN_IN, f->user);
    must_evaluate(f, &delivery, 1);
    assert_int_equal(COUNT("user_quest_rewards WHERE status = 'EXHAUSTED'"), 1);
    must_backfill(f);
    event_sign_in(f, &delivery, EVENT_USER_SIGN_IN, f->user);
    must_evaluate(f, &delivery, 1); /* for the quest that was backfilled, too */
    assert_int_equal(ql_pg_test_int64("SELECT sum(duplication) FROM user_quest_rewards"),
                     EVENTS + 2 + 1);
    assert_equal_to_rebuilt(f);
}

/* 120 kB, which were 6 MB when numbers were stored as their digits. */
enum { NUMBERS = 20000, POISON = 40, POISON_BYTES = 120 * 1024 };

static void plant_poison(struct fixture *f, int n)
{
    ql_pg_test_exec(
        ql_arena_printf(f->arena,
                        "INSERT INTO events (id, user_id, event_type, \"timestamp\", payload)"
                        " SELECT gen_random_uuid(), '%s', 'monster.killed', now(), ('{\"a\":[' ||"
                        " array_to_string(array_fill('1e308'::text, ARRAY[%d]), ',') || ']}')::json"
                        " FROM generate_series(1, %d)",
                        f->user, NUMBERS, n));
    ql_pg_test_exec("ANALYZE events");
}

static void test_numbers_are_stored_as_short_as_they_came(void **state)
{
    struct fixture *f = *state;

    plant_poison(f, 1);
    assert_in_range(ql_pg_test_int64("SELECT octet_length(payload::text) FROM events"), NUMBERS,
                    POISON_BYTES);
    assert_int_equal(ql_pg_test_int64("SELECT payload_bytes - octet_length(payload::text)"
                                      " FROM events"),
                     0);
}

static void test_a_page_reads_the_payloads_it_shows_and_no_other(void **state)
{
    struct fixture *f = *state;
    const char *arguments;
    int64_t small, large;

    /* Out of the row and not compressed: a payload that is read costs its blocks. */
    ql_pg_test_exec("ALTER TABLE events ALTER COLUMN payload SET STORAGE EXTERNAL");
    plant_poison(f, POISON / 4);
    arguments = ql_arena_printf(f->arena, "(0, %lld, 500, 1048576, '{monster.killed}', NULL)",
                                (long long)INT64_MAX);
    small = fixture_blocks(f, &sql_event_list_range_of_types, arguments);
    plant_poison(f, POISON * 3 / 4);
    large = fixture_blocks(f, &sql_event_list_range_of_types, arguments);
    ql_pg_test_exec("ALTER TABLE events ALTER COLUMN payload SET STORAGE EXTENDED");
    assert_true(small > 100);
    if (large > small * 3 / 2)
        fail_msg("%d blocks with %d rows behind the page, %d without", (int)large, POISON * 3 / 4,
                 (int)small);
}

static void test_a_step_is_bounded_by_bytes(void **state)
{
    static char *types[] = {(char *)"monster.killed"};
    struct fixture *f = *state;
    Quest quest;

    plant_poison(f, POISON);
    quest_fill(&quest, f->quest, 1, 1, 1000);
    quest.event_types = types;
    quest.n_event_types = 1;
    quest.backfill = true;
    evaluate_quest(f, &quest);
    must_backfill(f);
    assert_int_equal(COUNT("events WHERE event_type = 'QuestCompleted'"), POISON);
    assert_true(COUNT("events WHERE event_type = 'QuestBackfill'") >= POISON / 10);
    assert_equal_to_rebuilt(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)
        TEST(test_quest_edited_during_its_backfill_equals_one_evaluated_all_the_while),
        TEST(test_a_process_that_starts_anew_goes_on_where_the_last_one_was),
        TEST(test_other_quests_count_between_the_steps),
        TEST(test_numbers_are_stored_as_short_as_they_came),
        TEST(test_a_page_reads_the_payloads_it_shows_and_no_other),
        TEST(test_a_step_is_bounded_by_bytes),
#undef TEST
    };

    fixture_migrate();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
