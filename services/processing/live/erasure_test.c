/* Claims about deleted users: their progress goes with the deletion, what their events
 * said is erased in steps, and nobody can change anything else. On a real PostgreSQL,
 * with the run role's rights. */
#include "services/processing/live/erasure.h"

#include "platform/base/clock.h"
#include "questline/user/v1/names.h"
#include "services/processing/testing/rebuild_fixture.h"

enum { N_ROWS = 1200, N_LARGE = 5, BEFORE_ERASURE = 39 };

/* What the migration found of a user who was deleted before it. */
static int n_marks_found, n_progress_left;

/* Rows that say something, of a user. */
static void plant(struct fixture *f, const char *user_id, int n_rows, int payload_bytes)
{
    ql_pg_test_exec(ql_arena_printf(
        f->arena,
        "INSERT INTO events (id, user_id, event_type, \"timestamp\", payload, traceparent, contents)"
        " SELECT gen_random_uuid(), '%s', 'monster.killed', now(),"
        " json_build_object('a', repeat('x', %d)), 'trace', gen_random_uuid()"
        " FROM generate_series(1, %d)",
        user_id, payload_bytes, n_rows));
}

#define TELLS "(payload::text <> '{}' OR traceparent IS NOT NULL OR contents IS NOT NULL)"

static int count_unerased(struct fixture *f, const char *user_id)
{
    return count_rows(ql_arena_printf(
        f->arena, "events WHERE user_id = '%s' AND event_type <> 'UserDeleted' AND " TELLS,
        user_id));
}

static int64_t digest_of_the_rest(void)
{
    return ql_pg_test_int64("SELECT ('x' || substr(md5(string_agg(concat_ws(',', seq, id, user_id,"
                            " event_type, \"timestamp\", received_at, account_id), ';'"
                            " ORDER BY seq)), 1, 15))::bit(60)::bigint FROM events");
}

static void evaluate_deletion(struct fixture *f, const char *user_id)
{
    struct ql_delivery delivery;

    add_deletion(f, &delivery, user_id);
    must_evaluate(f, &delivery, 1);
    erasure_note(&f->app, &delivery, 1);
}

static bool step(struct fixture *f)
{
    bool has_more;

    erasure_step(&f->call, &f->app, &has_more);
    return has_more;
}

static void test_events_of_a_deleted_user_are_erased_in_steps(void **state)
{
    struct fixture *f = *state;
    char other[QL_UUID_SIZE];
    int64_t digest;

    ql_uuid_new(other);
    plant(f, f->user, N_ROWS, 1);
    plant(f, other, 3, 1);
    evaluate_deletion(f, f->user);
    digest = digest_of_the_rest();
    assert_true(step(f));
    assert_int_equal(count_unerased(f, f->user), N_ROWS - 500);
    app_close(&f->app); /* a process that ends in the middle */
    app_open(&f->app);
    assert_true(step(f));
    assert_int_equal(COUNT("event_erasures WHERE completed_at IS NULL"), 1);
    assert_true(step(f));
    assert_int_equal(count_unerased(f, f->user), 0);
    assert_int_equal(COUNT("event_erasures WHERE completed_at IS NOT NULL"), 1);
    assert_int_equal(COUNT("events WHERE " TELLS), 3); /* the other one's */
    assert_true(digest_of_the_rest() == digest);
    assert_false(step(f));
    assert_equal_to_rebuilt(f);
}

static void test_a_step_ends_behind_a_megabyte(void **state)
{
    struct fixture *f = *state;

    plant(f, f->user, N_LARGE, 400000);
    evaluate_deletion(f, f->user);
    assert_true(step(f));
    assert_int_equal(count_unerased(f, f->user), N_LARGE - 3);
    while (step(f))
        continue;
    assert_int_equal(count_unerased(f, f->user), 0);
}

static void test_a_step_that_was_undone_is_done_again(void **state)
{
    static const struct ql_pg_statement erase = {"erase",
                                                 "SELECT * FROM event_erase_step(500, 1000000)"};
    struct fixture *f = *state;
    struct ql_pg_tx *tx = NULL;

    plant(f, f->user, 3, 1);
    evaluate_deletion(f, f->user);
    assert_int_equal(ql_pg_begin(&f->call, f->app.parts.pg, &tx), QL_OK);
    assert_int_equal(ql_pg_run(&f->call, tx, &erase, NULL, 0, NULL), QL_OK);
    assert_false(step(f)); /* somebody else is at it */
    ql_pg_tx_endp(&tx);
    assert_int_equal(count_unerased(f, f->user), 3);
    f->app.erase_at_ms = 0;
    assert_true(step(f));
    assert_int_equal(count_unerased(f, f->user), 0);
}

static void test_progress_goes_with_the_deletion(void **state)
{
    struct fixture *f = *state;
    struct ql_delivery batch[3];
    Quest quest;

    quest_fill(&quest, f->quest, 1, 2, 9);
    evaluate_quest(f, &quest);
    must_sign_in_at(f, begin_ms);
    assert_int_equal(COUNT("user_quest_rewards"), 1);
    event_sign_in(f, &batch[0], EVENT_USER_SIGN_IN, f->user);
    add_deletion(f, &batch[1], f->user);
    event_sign_in(f, &batch[2], EVENT_USER_SIGN_IN, f->user);
    must_evaluate(f, batch, QL_ARRAY_LENGTH(batch));
    assert_int_equal(COUNT("events WHERE event_type = 'QuestCompleted'"), 1);
    assert_int_equal(COUNT("user_quest_rewards"), 0);
    assert_equal_to_rebuilt(f);
    while (step(f))
        continue;
    assert_int_equal(count_unerased(f, f->user), 0);
    assert_equal_to_rebuilt(f);
}

static void test_what_comes_later_is_stored_empty(void **state)
{
    struct fixture *f = *state;
    struct ql_delivery delivery;
    char other[QL_UUID_SIZE];

    ql_uuid_new(other);
    evaluate_deletion(f, f->user);
    assert_true(step(f));
    event_sign_in(f, &delivery, EVENT_USER_SIGN_IN, f->user);
    delivery.event.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    must_evaluate(f, &delivery, 1);
    must_evaluate(f, &delivery, 1); /* and is known then */
    assert_int_equal(COUNT("events WHERE event_type = 'UserSignIn'"), 1);
    assert_int_equal(count_unerased(f, f->user), 0);
    event_sign_in(f, &delivery, EVENT_USER_SIGN_IN, other);
    must_evaluate(f, &delivery, 1);
    assert_int_equal(count_unerased(f, other), 1);
}

#define ERASE "UPDATE events SET payload = '{}', traceparent = NULL, contents = NULL WHERE user_id "

static void test_nobody_erases_anything_else(void **state)
{
    struct fixture *f = *state;
    char deleted[QL_UUID_SIZE];
    const char *erase_living, *erase_deleted;

    ql_uuid_new(deleted);
    plant(f, f->user, 1, 1);
    plant(f, deleted, 1, 1);
    evaluate_deletion(f, deleted);
    erase_living = ql_arena_printf(f->arena, ERASE "= '%s'", f->user);
    erase_deleted = ql_arena_printf(f->arena, ERASE "= '%s'", deleted);
    for (int i = 0; i < 2; i++) {
        const char *erase = i == 0 ? erase_living : erase_deleted;

        assert_string_equal(fixture_refusal(f, "", erase), "42501");
        assert_string_equal(fixture_refusal(f, "_owner", erase), "P0001");
        assert_string_equal(fixture_refusal(f, NULL, erase), "P0001"); /* a superuser */
    }
    /* The role itself, which nobody signs in as. */
    assert_string_equal(fixture_refusal(f, "_erase", erase_deleted), "");
    assert_string_equal(fixture_refusal(f, "_erase", erase_living), "P0001");
    assert_string_equal(fixture_refusal(f, "_erase", "UPDATE events SET payload = '{\"a\": 1}'"),
                        "P0001");
    assert_string_equal(fixture_refusal(f, "_erase", "UPDATE events SET event_type = 'x'"),
                        "42501");
    assert_string_equal(fixture_refusal(f, "_erase", "SELECT payload FROM events"), "42501");
    assert_string_equal(fixture_refusal(f, "_erase", "DELETE FROM events"), "42501");
    assert_string_equal(fixture_refusal(f, "_erase", "SELECT FROM user_quest_rewards"), "42501");
}

/* The run role can ask for it, and the events decide. */
static void test_a_mark_alone_erases_nothing(void **state)
{
    struct fixture *f = *state;

    plant(f, f->user, 1, 1);
    ql_pg_test_exec(
        ql_arena_printf(f->arena, "INSERT INTO event_erasures (user_id) VALUES ('%s')", f->user));
    assert_false(step(f));
    assert_int_equal(count_unerased(f, f->user), 1);
    assert_string_equal(fixture_refusal(f, "", "UPDATE event_erasures SET after_seq = 0"), "42501");
}

static void test_who_was_deleted_before_is_erased_too(void **state)
{
    (void)state;
    assert_int_equal(n_marks_found, 1);
    assert_int_equal(n_progress_left, 1); /* of the other user */
}

/* A database of an earlier release: a user who was deleted, and another one. */
static void migrate_from_before(void)
{
    fixture_migrate_to(BEFORE_ERASURE);
    ql_pg_test_exec(
        "INSERT INTO events (id, user_id, event_type, \"timestamp\", payload)"
        " VALUES ('0192d3a4-0000-7000-8000-000000000001', '0192d3a4-0000-7000-8000-00000000000a',"
        " 'UserDeleted', now(), '{}');"
        "INSERT INTO user_quest_rewards (id, user_id, quest_id, status, streak, duplication,"
        " created_at, updated_at) SELECT gen_random_uuid(), u::uuid, gen_random_uuid(),"
        " 'IN_PROGRESS', 1, 0, now(), now() FROM (VALUES ('0192d3a4-0000-7000-8000-00000000000a'),"
        " ('0192d3a4-0000-7000-8000-00000000000b')) AS users (u)");
    fixture_migrate();
    n_marks_found = COUNT("event_erasures WHERE completed_at IS NULL"
                          " AND user_id = '0192d3a4-0000-7000-8000-00000000000a'");
    n_progress_left = COUNT("user_quest_rewards");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_who_was_deleted_before_is_erased_too),
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)
        TEST(test_events_of_a_deleted_user_are_erased_in_steps),
        TEST(test_a_step_ends_behind_a_megabyte),
        TEST(test_a_step_that_was_undone_is_done_again),
        TEST(test_progress_goes_with_the_deletion),
        TEST(test_what_comes_later_is_stored_empty),
        TEST(test_nobody_erases_anything_else),
        TEST(test_a_mark_alone_erases_nothing),
#undef TEST
    };

    migrate_from_before();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
