/* Claims about evaluating, on a real PostgreSQL and with the run role's rights. */
#include "services/processing/testing/processing_fixture.h"

#include <pthread.h>

#include "platform/base/clock.h"
#include "questline/catalog/v1/names.h"
#include "questline/processing/v1/names.h"
#include "questline/user/v1/names.h"
#include "services/processing/store/progress_store.h"

#define COUNT_TRANSACTIONS COUNT("(SELECT DISTINCT xmin::text FROM events) AS written")

static const struct progress *progress_of(struct fixture *f, const char *user_id)
{
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    struct progress_set *set = progress_set_new(f->arena, NULL);
    const char *quest_id = f->quest;

    assert_int_equal(ql_pg_begin(&f->call, f->app.parts.pg, &tx), QL_OK);
    assert_int_equal(progress_store_read(&f->call, tx, &user_id, &quest_id, 1, set), QL_OK);
    return progress_set_first(set);
}

static void assert_golden(struct fixture *f, const char *user_id)
{
    const struct progress *progress = progress_of(f, user_id);

    assert_string_equal(types_of_rows(f, user_id), GOLDEN_TRACE);
    assert_non_null(progress);
    assert_int_equal(progress->duplication, 2);
    assert_int_equal(progress->streak, 0);
    assert_true(progress->is_exhausted);
}

static void test_nine_sign_ins_in_one_batch_give_the_golden_trace(void **state)
{
    struct fixture *f = *state;
    struct ql_delivery batch[10];

    event_demo_quest(f, &batch[0]);
    events_nine_sign_ins(f, &batch[1], f->user);
    must_evaluate(f, batch, QL_ARRAY_LENGTH(batch));
    assert_golden(f, f->user);
    assert_int_equal(COUNT("outbox WHERE event_type = 'QuestCompleted'"), 2);
    assert_int_equal(COUNT_TRANSACTIONS, 1);
}

static void test_nine_sign_ins_one_by_one_give_the_same(void **state)
{
    struct fixture *f = *state;
    struct ql_delivery batch[10];

    event_demo_quest(f, &batch[0]);
    events_nine_sign_ins(f, &batch[1], f->user);
    for (size_t i = 0; i < QL_ARRAY_LENGTH(batch); i++)
        must_evaluate(f, &batch[i], 1);
    assert_golden(f, f->user);
    assert_int_equal(COUNT("outbox WHERE event_type = 'QuestCompleted'"), 2);
}

static void test_completion_row_has_the_contents_of_its_event(void **state)
{
    struct fixture *f = *state;
    struct ql_delivery batch[10];

    event_demo_quest(f, &batch[0]);
    events_nine_sign_ins(f, &batch[1], f->user);
    must_evaluate(f, batch, QL_ARRAY_LENGTH(batch));
    assert_int_equal(COUNT("events e JOIN outbox o ON o.event_id = e.id"
                           " JOIN events cause ON cause.id = (e.payload->>'causeEventId')::uuid"
                           " WHERE e.event_type = 'QuestCompleted'"
                           " AND e.user_id = cause.user_id"
                           " AND e.\"timestamp\" = cause.\"timestamp\""
                           " AND e.traceparent = cause.traceparent"
                           " AND e.seq = cause.seq + 1"
                           " AND e.payload->>'questRevision' = '1'"
                           " AND o.routing_key = 'quest.completed'"),
                     2);
    assert_int_equal(COUNT("events WHERE payload->>'ordinal' = '2'"), 1);
}

static void test_redelivered_batch_changes_nothing(void **state)
{
    struct fixture *f = *state;
    struct ql_delivery batch[10];
    struct processing other;

    event_demo_quest(f, &batch[0]);
    events_nine_sign_ins(f, &batch[1], f->user);
    must_evaluate(f, batch, QL_ARRAY_LENGTH(batch));
    must_evaluate(f, batch, QL_ARRAY_LENGTH(batch));
    app_open(&other); /* as after a crash: nothing in memory */
    assert_int_equal(evaluate_batch(&f->call, &other, batch, QL_ARRAY_LENGTH(batch)), QL_OK);
    assert_int_equal(definitions_count(other.definitions), 1);
    app_close(&other);
    assert_golden(f, f->user);
    assert_int_equal(COUNT("outbox"), 2);
    for (size_t i = 0; i < QL_ARRAY_LENGTH(batch); i++)
        assert_string_equal(batch[i].reject_reason, "");
}

static void test_event_twice_in_one_batch_counts_once(void **state)
{
    struct fixture *f = *state;
    struct ql_delivery batch[3];

    event_demo_quest(f, &batch[0]);
    event_sign_in(f, &batch[1], EVENT_USER_SIGN_IN, f->user);
    batch[2] = batch[1];
    must_evaluate(f, batch, QL_ARRAY_LENGTH(batch));
    assert_int_equal(progress_of(f, f->user)->streak, 1);
    assert_string_equal(types_of_rows(f, f->user), EVENT_USER_SIGN_IN);
}

struct contender {
    struct processing app;
    struct ql_arena *arena;
    struct ql_delivery *batch;
    size_t n;
    pthread_barrier_t *start;
    enum ql_code rc;
};

static void *contend(void *argument)
{
    struct contender *contender = argument;
    struct ql_call call;

    ql_call_init(&call, contender->arena, "test", 30000);
    pthread_barrier_wait(contender->start);
    contender->rc = evaluate_batch(&call, &contender->app, contender->batch, contender->n);
    return NULL;
}

static void test_two_consumers_with_one_batch_count_it_once(void **state)
{
    struct fixture *f = *state;
    struct ql_delivery batches[2][10];
    struct contender contenders[2];
    pthread_t threads[2];
    pthread_barrier_t start;

    event_demo_quest(f, &batches[0][0]);
    events_nine_sign_ins(f, &batches[0][1], f->user);
    memcpy(batches[1], batches[0], sizeof(batches[1]));
    pthread_barrier_init(&start, NULL, 2);
    for (int i = 0; i < 2; i++) {
        app_open(&contenders[i].app);
        contenders[i].arena = ql_arena_new(1024 * 1024);
        contenders[i].batch = batches[i];
        contenders[i].n = 10;
        contenders[i].start = &start;
        assert_int_equal(pthread_create(&threads[i], NULL, contend, &contenders[i]), 0);
    }
    for (int i = 0; i < 2; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(contenders[i].rc, QL_OK);
        app_close(&contenders[i].app);
        ql_arena_free(contenders[i].arena);
    }
    pthread_barrier_destroy(&start);
    assert_golden(f, f->user);
    assert_int_equal(COUNT("outbox"), 2);
}

/* A consumer that lost its place but still has a transaction open: what it
 * appends stands before our events, so it must be seen before they are evaluated. */
static void test_evaluation_waits_for_whoever_appends(void **state)
{
    struct fixture *f = *state;
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    struct ql_delivery quest, sign_in;
    struct contender contender = {.batch = &sign_in, .n = 1};
    struct event_row row = {.event_type = EVENT_QUEST_CHANGED, .user_id = "", .traceparent = ""};
    int64_t deadline_ms = ql_monotonic_ms() + 10000, seq;
    pthread_barrier_t start;
    pthread_t thread;
    char *payload;

    event_demo_quest(f, &quest);
    event_sign_in(f, &sign_in, EVENT_USER_SIGN_IN, f->user);
    assert_int_equal(ql_event_body_json(&f->call, &quest.event, &payload), QL_OK);
    row.event_id = quest.event.event_id;
    row.payload = payload;
    assert_int_equal(ql_pg_begin(&f->call, f->app.parts.pg, &tx), QL_OK);
    assert_int_equal(event_store_lock(&f->call, tx), QL_OK);
    assert_int_equal(event_store_append(&f->call, tx, &row, 1, &seq), QL_OK);
    app_open(&contender.app);
    contender.arena = ql_arena_new(1024 * 1024);
    pthread_barrier_init(&start, NULL, 1);
    contender.start = &start;
    assert_int_equal(pthread_create(&thread, NULL, contend, &contender), 0);
    while (
        COUNT("pg_locks WHERE locktype = 'advisory' AND NOT granted"
              " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())") ==
        0)
        assert_true(ql_monotonic_ms() < deadline_ms);
    assert_int_equal(ql_pg_commit(&f->call, &tx), QL_OK);
    pthread_join(thread, NULL);
    assert_int_equal(contender.rc, QL_OK);
    app_close(&contender.app);
    ql_arena_free(contender.arena);
    pthread_barrier_destroy(&start);
    assert_int_equal(progress_of(f, f->user)->streak, 1);
}

static void test_rejected_events_leave_the_rest(void **state)
{
    struct fixture *f = *state;
    struct ql_delivery batch[5];
    Quest quest;

    event_demo_quest(f, &batch[0]);
    event_sign_in(f, &batch[1], EVENT_USER_SIGN_IN, f->user);
    batch[1].event.body_type = "questline.user.v1.NobodyKnows"; /* cannot be rendered */
    event_sign_in(f, &batch[2], EVENT_NEW_USER_SIGN_IN, f->user);
    quest_fill(&quest, f->quest, 2, 0, 2); /* a streak of nothing */
    event_quest_changed(f, &batch[3], &quest);
    event_sign_in(f, &batch[4], EVENT_USER_SIGN_IN, f->user);
    must_evaluate(f, batch, QL_ARRAY_LENGTH(batch));
    assert_string_equal(batch[0].reject_reason, "");
    assert_string_not_equal(batch[1].reject_reason, "");
    assert_string_equal(batch[3].reject_reason, "INVALID_QUEST");
    assert_string_equal(types_of_rows(f, ""), "QuestChanged NewUserSignIn UserSignIn");
    assert_int_equal(progress_of(f, f->user)->streak, 2);
    assert_int_equal(f->call.status.code, QL_OK);
}

static void make_completion(struct fixture *f, struct ql_delivery *ret, const char *event_id)
{
    QuestCompleted body;

    QuestCompleted_init(&body);
    body.quest_id = f->quest;
    body.quest_revision = 1;
    body.ordinal = 1;
    body.cause_event_id = f->quest;
    memset(ret, 0, sizeof(*ret));
    assert_int_equal(
        ql_event_make(&f->call, EVENT_QUEST_COMPLETED, event_id, f->user, &body.base, &ret->event),
        QL_OK);
}

static void test_own_completion_that_returns_is_ignored_and_a_forged_one_refused(void **state)
{
    struct fixture *f = *state;
    const char *const parts[] = {"completion", f->user, f->quest, "1"};
    struct ql_delivery batch[4], returned[2];
    char event_id[QL_UUID_SIZE];

    event_demo_quest(f, &batch[0]);
    for (int i = 1; i < 4; i++)
        event_sign_in(f, &batch[i], EVENT_USER_SIGN_IN, f->user);
    must_evaluate(f, batch, QL_ARRAY_LENGTH(batch));
    ql_uuid_derive(event_id, parts, QL_ARRAY_LENGTH(parts));
    make_completion(f, &returned[0], event_id);
    make_completion(f, &returned[1], NULL);
    must_evaluate(f, returned, QL_ARRAY_LENGTH(returned));
    assert_string_equal(returned[0].reject_reason, "");
    assert_string_equal(returned[1].reject_reason, "FORGED_COMPLETION");
    assert_string_equal(types_of_rows(f, f->user),
                        "UserSignIn UserSignIn UserSignIn QuestCompleted");
}

static void test_events_count_by_the_quest_that_stands_before_them(void **state)
{
    struct fixture *f = *state;
    struct ql_delivery batch[6];
    Quest quest;

    event_sign_in(f, &batch[0], EVENT_NEW_USER_SIGN_IN,
                  f->user); /* before the quest: counts for nothing */
    quest_fill(&quest, f->quest, 1, 3, 9);
    event_quest_changed(f, &batch[1], &quest);
    event_sign_in(f, &batch[2], EVENT_USER_SIGN_IN, f->user);
    quest_fill(&quest, f->quest, 3, 2, 9); /* revision 2 was never seen */
    event_quest_changed(f, &batch[3], &quest);
    event_sign_in(f, &batch[4], EVENT_USER_SIGN_IN, f->user);
    quest_fill(&quest, f->quest, 2, 1, 9); /* too late */
    event_quest_changed(f, &batch[5], &quest);
    must_evaluate(f, batch, QL_ARRAY_LENGTH(batch));
    assert_string_equal(types_of_rows(f, ""), "NewUserSignIn QuestChanged UserSignIn QuestChanged "
                                              "UserSignIn QuestCompleted QuestChanged");
    assert_int_equal(COUNT("events WHERE payload->>'questRevision' = '3'"), 1);
    assert_int_equal(definitions_find(f->app.definitions, f->quest)->revision, 3);
}

static void test_quests_on_completions_are_fed_in_the_same_batch(void **state)
{
    struct fixture *f = *state;
    char *types[] = {(char *)EVENT_QUEST_COMPLETED};
    char meta[QL_UUID_SIZE];
    struct ql_delivery batch[11];
    Quest quest;

    ql_uuid_new(meta);
    event_demo_quest(f, &batch[0]);
    quest_fill(&quest, meta, 1, 2, 1); /* complete two quests */
    quest.event_types = types;
    quest.n_event_types = 1;
    event_quest_changed(f, &batch[1], &quest);
    events_nine_sign_ins(f, &batch[2], f->user);
    must_evaluate(f, batch, QL_ARRAY_LENGTH(batch));
    assert_string_equal(types_of_rows(f, f->user),
                        "NewUserSignIn UserSignIn UserSignIn QuestCompleted "
                        "UserSignIn UserSignIn UserSignIn QuestCompleted QuestCompleted "
                        "UserSignIn UserSignIn UserSignIn");
    assert_int_equal(COUNT("events cause JOIN events e ON e.seq = cause.seq + 1"
                           " AND (e.payload->>'causeEventId')::uuid = cause.id"
                           " WHERE cause.event_type = 'QuestCompleted'"),
                     1);
}

static void test_every_type_is_stored(void **state)
{
    struct fixture *f = *state;
    Google__Protobuf__Struct events = GOOGLE__PROTOBUF__STRUCT__INIT;
    struct ql_delivery batch[2];

    event_sign_in(f, &batch[0], EVENT_USER_SIGN_IN, "");
    memset(&batch[1], 0, sizeof(batch[1]));
    batch[1].event = batch[0].event;
    batch[1].event.event_id = f->quest;
    batch[1].event.type = "monster.killed";
    batch[1].event.user_id = f->user;
    batch[1].event.body_type = events.base.descriptor->name;
    batch[1].event.body = "\x0a\x0d\x0a\x04kind\x12\x05\x1a\x03orc";
    batch[1].event.body_length = 15;
    must_evaluate(f, batch, QL_ARRAY_LENGTH(batch));
    assert_string_equal(batch[1].reject_text, "");
    assert_string_equal(types_of_rows(f, ""), "UserSignIn monster.killed");
    assert_int_equal(COUNT("events WHERE user_id IS NULL AND event_type = 'UserSignIn'"), 1);
    assert_int_equal(COUNT("events WHERE payload::jsonb = '{\"kind\": \"orc\"}'"), 1);
    assert_int_equal(COUNT("user_quest_rewards"), 0);
}

static void test_failed_batch_leaves_the_definitions_as_they_were(void **state)
{
    struct fixture *f = *state;
    struct ql_delivery batch[4];
    Quest quest;

    event_demo_quest(f, &batch[0]);
    must_evaluate(f, batch, 1);
    quest_fill(&quest, f->quest, 2, 1, 9);
    event_quest_changed(f, &batch[1], &quest);
    event_sign_in(f, &batch[2], EVENT_USER_SIGN_IN, f->user);
    /* Nothing can be announced: the last statement of the transaction fails. */
    ql_pg_test_exec("ALTER TABLE outbox ADD CONSTRAINT full_up CHECK (false) NOT VALID");
    assert_int_not_equal(evaluate_batch(&f->call, &f->app, &batch[1], 2), QL_OK);
    ql_pg_test_exec("ALTER TABLE outbox DROP CONSTRAINT full_up");
    assert_int_equal(definitions_find(f->app.definitions, f->quest)->revision, 1);
    assert_string_equal(types_of_rows(f, ""), EVENT_QUEST_CHANGED);
    ql_call_clear_status(&f->call);
    must_evaluate(f, &batch[1], 2);
    assert_int_equal(definitions_find(f->app.definitions, f->quest)->revision, 2);
    assert_string_equal(types_of_rows(f, ""),
                        "QuestChanged QuestChanged UserSignIn QuestCompleted");
}

static void test_definitions_of_another_consumer_are_seen(void **state)
{
    struct fixture *f = *state;
    struct ql_delivery batch[3];
    struct processing other;

    must_evaluate(f, batch, 0);
    app_open(&other);
    event_demo_quest(f, &batch[0]);
    assert_int_equal(evaluate_batch(&f->call, &other, batch, 1), QL_OK);
    app_close(&other);
    event_sign_in(f, &batch[1], EVENT_USER_SIGN_IN, f->user);
    must_evaluate(f, &batch[1], 1);
    assert_int_equal(progress_of(f, f->user)->streak, 1);
}

static void test_batch_too_large_for_its_memory_is_evaluated_in_parts(void **state)
{
    struct fixture *f = *state;
    struct ql_delivery batch[10];

    event_demo_quest(f, &batch[0]);
    events_nine_sign_ins(f, &batch[1], f->user);
    ql_arena_free(f->app.scratch);
    f->app.scratch = ql_arena_new(12 * 1024);
    must_evaluate(f, batch, QL_ARRAY_LENGTH(batch));
    assert_golden(f, f->user);
    assert_in_range(COUNT_TRANSACTIONS, 2, 10);
}

static void test_two_hundred_events_of_many_users_are_exact(void **state)
{
    struct fixture *f = *state;
    struct ql_delivery batch[200];
    char users[20][QL_UUID_SIZE];

    event_demo_quest(f, &batch[0]);
    must_evaluate(f, batch, 1);
    for (int i = 0; i < 20; i++)
        ql_uuid_new(users[i]);
    for (int i = 0; i < 200; i++)
        event_sign_in(f, &batch[i], i < 20 ? EVENT_NEW_USER_SIGN_IN : EVENT_USER_SIGN_IN,
                      users[i % 20]);
    must_evaluate(f, batch, QL_ARRAY_LENGTH(batch));
    for (int i = 0; i < 20; i++)
        assert_string_equal(types_of_rows(f, users[i]), GOLDEN_TRACE " UserSignIn");
    assert_int_equal(COUNT("user_quest_rewards WHERE status = 'EXHAUSTED' AND duplication = 2"),
                     20);
    assert_int_equal(COUNT("outbox"), 40);
}

/* Rows of few kB that are large in memory: the most items that conditions may have. */
static void test_process_starts_on_many_quests_of_many_conditions(void **state)
{
    enum { WIDE = 2000 };
    struct fixture *f = *state;

    ql_pg_test_exec(
        "INSERT INTO events (id, event_type, \"timestamp\", payload)"
        " SELECT gen_random_uuid(), 'QuestChanged', now(), jsonb_build_object('quest',"
        " jsonb_build_object('questId', gen_random_uuid(), 'revision', '1', 'streak', 1,"
        " 'duplication', 1, 'eventTypes', jsonb_build_array('x.y'), 'conditions',"
        " (SELECT jsonb_agg(jsonb_build_object('field', 'a', 'operator', 'ONE_OF', 'value',"
        " (SELECT jsonb_agg(i) FROM generate_series(100, 163) AS i)))"
        " FROM generate_series(1, 7)))) FROM generate_series(1, 2000)");
    must_evaluate(f, NULL, 0);
    assert_int_equal(definitions_count(f->app.definitions), WIDE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)
        TEST(test_nine_sign_ins_in_one_batch_give_the_golden_trace),
        TEST(test_nine_sign_ins_one_by_one_give_the_same),
        TEST(test_completion_row_has_the_contents_of_its_event),
        TEST(test_redelivered_batch_changes_nothing),
        TEST(test_event_twice_in_one_batch_counts_once),
        TEST(test_two_consumers_with_one_batch_count_it_once),
        TEST(test_evaluation_waits_for_whoever_appends),
        TEST(test_rejected_events_leave_the_rest),
        TEST(test_own_completion_that_returns_is_ignored_and_a_forged_one_refused),
        TEST(test_events_count_by_the_quest_that_stands_before_them),
        TEST(test_quests_on_completions_are_fed_in_the_same_batch),
        TEST(test_every_type_is_stored),
        TEST(test_failed_batch_leaves_the_definitions_as_they_were),
        TEST(test_definitions_of_another_consumer_are_seen),
        TEST(test_batch_too_large_for_its_memory_is_evaluated_in_parts),
        TEST(test_two_hundred_events_of_many_users_are_exact),
        TEST(test_process_starts_on_many_quests_of_many_conditions),
#undef TEST
    };

    fixture_migrate();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
