/* Claims about backfills: a quest made in the end counts what one from the start counts,
 * and its rebuild agrees. On a real PostgreSQL, with the run role's rights. */
#include "platform/base/clock.h"
#include "questline/processing/v1/names.h"
#include "questline/user/v1/names.h"
#include "services/processing/replay/dry_run.h"
#include "services/processing/rules/definition_pb.h"
#include "services/processing/testing/rebuild_fixture.h"

enum { BATCH = 100 };

static void evaluate_history(struct fixture *f, struct history *history)
{
    for (int i = 0; i < EVENTS; i += BATCH)
        must_evaluate(f, history->events + i, BATCH);
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
        TEST(test_backfill_passes_over_completions_that_are_stored_already),
#undef TEST
    };

    fixture_migrate();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
