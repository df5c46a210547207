/* Claims about trying a quest out beyond the figures, which rebuild_test.c holds
 * against what evaluating comes to. */
#include "services/processing/replay/dry_run.h"

#include "platform/base/clock.h"
#include "platform/rpc/server/server.h"
#include "questline/processing/v1/server.h"
#include "questline/user/v1/names.h"
#include "services/processing/testing/processing_fixture.h"
#include "services/testing/call.h"

static enum ql_code try_quest(struct fixture *f, Quest *quest, TryOutQuestResponse *ret)
{
    TryOutQuestRequest request;

    TryOutQuestRequest_init(&request);
    request.quest = quest;
    TryOutQuestResponse_init(ret);
    ql_call_clear_status(&f->call);
    return test_rpc(&f->call, TryOutService_TryOutQuest_method, &request, ret);
}

static void evaluate_sign_ins(struct fixture *f, int n)
{
    for (int i = 0; i < n; i++) {
        struct ql_delivery batch[2];
        char user_id[QL_UUID_SIZE];

        ql_uuid_new(user_id);
        event_sign_in(f, &batch[0], EVENT_NEW_USER_SIGN_IN, user_id);
        event_sign_in(f, &batch[1], EVENT_USER_SIGN_IN, user_id);
        must_evaluate(f, batch, QL_ARRAY_LENGTH(batch));
    }
}

static void test_draft_without_an_id_is_tried_and_nothing_is_stored(void **state)
{
    struct fixture *f = *state;
    TryOutQuestResponse response;
    Quest quest;

    evaluate_sign_ins(f, 5);
    quest_fill(&quest, "", 0, 2, 1);
    assert_int_equal(try_quest(f, &quest, &response), QL_OK);
    assert_int_equal(response.users_completed, 5);
    assert_int_equal(response.completions, 5);
    assert_int_equal(response.users_in_progress, 0);
    assert_int_equal(response.events_seen, 10);
    assert_false(response.cut_short);
    quest.streak = 3;
    assert_int_equal(try_quest(f, &quest, &response), QL_OK);
    assert_int_equal(response.users_completed, 0);
    assert_int_equal(response.users_in_progress, 5);
    assert_int_equal(COUNT("events"), 10);
    assert_int_equal(COUNT("user_quest_rewards"), 0);
    assert_int_equal(COUNT("outbox"), 0);
}

static void test_draft_outside_the_limits_is_refused(void **state)
{
    struct fixture *f = *state;
    TryOutQuestResponse response;
    Quest quest;

    quest_fill(&quest, "", 0, 0, 1);
    assert_int_equal(try_quest(f, &quest, &response), QL_INVALID_ARGUMENT);
    assert_string_equal(f->call.status.reason, "INVALID_QUEST");
    assert_int_equal(try_quest(f, NULL, &response), QL_INVALID_ARGUMENT);
    quest_fill(&quest, "", 0, 1, 1);
    quest.archived = true;
    assert_int_equal(try_quest(f, &quest, &response), QL_INVALID_ARGUMENT);
    assert_string_equal(f->call.status.violations[0].field, "quest.archived");
}

static void test_since_and_until_bound_the_events(void **state)
{
    struct fixture *f = *state;
    Google__Protobuf__Timestamp since = GOOGLE__PROTOBUF__TIMESTAMP__INIT, until = since;
    TryOutQuestRequest request;
    TryOutQuestResponse response;
    struct ql_delivery delivery;
    Quest quest;

    for (int i = 0; i < 4; i++) {
        event_sign_in(f, &delivery, EVENT_USER_SIGN_IN, f->user);
        delivery.event.occurred_ms = 1767225600000 + i * 1000;
        must_evaluate(f, &delivery, 1);
    }
    quest_fill(&quest, "", 0, 1, 9);
    TryOutQuestRequest_init(&request);
    request.quest = &quest;
    request.since = &since;
    request.until = &until;
    since.seconds = 1767225601;
    until.seconds = 1767225603;
    TryOutQuestResponse_init(&response);
    assert_int_equal(test_rpc(&f->call, TryOutService_TryOutQuest_method, &request, &response),
                     QL_OK);
    assert_int_equal(response.completions, 2);
    assert_int_equal(response.events_seen, 2);
}

static struct dry_run_result run(struct fixture *f, size_t memory_max)
{
    static const char *const type = EVENT_USER_SIGN_IN;
    static const struct definition definition = {.quest_id = "0192d3a4-0000-7000-8000-0000000000cc",
                                                 .revision = 1,
                                                 .streak = 1,
                                                 .duplication = 1,
                                                 .event_types = &type,
                                                 .n_event_types = 1};
    const struct dry_run dry_run = {.definition = &definition, .memory_max = memory_max};
    struct dry_run_result result;

    assert_int_equal(dry_run_execute(&f->call, f->app.parts.pg, &dry_run, &result), QL_OK);
    return result;
}

static void test_end_of_memory_cuts_the_trial_short_and_is_reported(void **state)
{
    struct fixture *f = *state;
    struct dry_run_result result;

    evaluate_sign_ins(f, 100);
    result = run(f, 16 * 1024);
    assert_true(result.is_cut_short);
    assert_in_range(result.n_users_completed, 1, 99);
    assert_false(run(f, 0).is_cut_short);
}

static void test_end_of_time_cuts_the_trial_short_and_is_reported(void **state)
{
    static const struct ql_pg_statement hold = {"hold_events",
                                                "LOCK TABLE events IN ACCESS EXCLUSIVE MODE"};
    struct fixture *f = *state;
    struct ql_pg_pool *holders = ql_pg_pool_new(&(const struct ql_pg_pool_options){
        .url = ql_pg_test_url(), .application_name = "holder", .max_connections = 1});
    QL_CLEANUP(ql_arena_freep) struct ql_arena *arena = ql_arena_new(64 * 1024);
    struct ql_pg_tx *tx = NULL;
    struct ql_call holder;

    evaluate_sign_ins(f, 3);
    ql_call_init(&holder, arena, "hold", 30000);
    assert_int_equal(ql_pg_begin(&holder, holders, &tx), QL_OK);
    assert_int_equal(ql_pg_run(&holder, tx, &hold, NULL, 0, NULL), QL_OK);
    f->call.deadline_ms = ql_monotonic_ms() + 400;
    assert_true(run(f, 0).is_cut_short); /* nothing can be read while the table is held */
    ql_pg_tx_endp(&tx);
    ql_pg_pool_free(holders);
}

static void test_report_over_rpc_names_the_difference(void **state)
{
    struct fixture *f = *state;
    RebuildProgressRequest request;
    RebuildProgressResponse response;
    struct ql_delivery batch[2];
    Quest quest;

    must_register(f, f->user, "");
    quest_fill(&quest, f->quest, 1, 3, 1);
    quest.streak_rule = STREAK_RULE_DAILY;
    event_quest_changed(f, &batch[0], &quest);
    event_sign_in(f, &batch[1], EVENT_USER_SIGN_IN, f->user);
    batch[1].event.occurred_ms = 1767225600000;
    must_evaluate(f, batch, QL_ARRAY_LENGTH(batch));
    ql_pg_test_exec("UPDATE user_quest_rewards SET streak = 2, last_day = NULL");
    RebuildProgressRequest_init(&request);
    RebuildProgressResponse_init(&response);
    request.swap = true;
    assert_int_equal(
        test_rpc(&f->call, ProgressService_RebuildProgress_method, &request, &response), QL_OK);
    assert_int_equal(response.events_folded, 3);
    assert_int_equal(response.progress_rows, 1);
    assert_int_equal(response.differences_found, 1);
    assert_int_equal(response.n_differences, 1);
    assert_string_equal(response.differences[0]->user_id, f->user);
    assert_string_equal(response.differences[0]->quest_id, f->quest);
    assert_int_equal(response.differences[0]->live->streak, 2);
    assert_string_equal(response.differences[0]->live->last_day, "");
    assert_int_equal(response.differences[0]->rebuilt->streak, 1);
    assert_string_equal(response.differences[0]->rebuilt->last_day, "2026-01-01");
    assert_int_equal(response.differences[0]->rebuilt->created_at->seconds, 1767225600);
    assert_true(response.swapped);
    assert_int_equal(COUNT("user_quest_rewards WHERE streak = 1 AND last_day = '2026-01-01'"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)
        TEST(test_draft_without_an_id_is_tried_and_nothing_is_stored),
        TEST(test_draft_outside_the_limits_is_refused),
        TEST(test_since_and_until_bound_the_events),
        TEST(test_end_of_memory_cuts_the_trial_short_and_is_reported),
        TEST(test_end_of_time_cuts_the_trial_short_and_is_reported),
        TEST(test_report_over_rpc_names_the_difference),
#undef TEST
    };

    fixture_migrate();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
