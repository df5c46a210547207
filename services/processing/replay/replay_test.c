/* Claims about the memory of a replay: however often it is written and read back, the
 * replay comes to the same. */
#include "services/processing/replay/replay.h"

#include "questline/user/v1/names.h"
#include "services/processing/testing/processing_fixture.h"

enum { USERS = 5, EVENTS = 60, A_PAGE = 7 };

static int n_added;

static enum ql_code add(struct ql_call *call, struct ql_pg_tx *tx,
                        const struct replay_completion *completions, size_t n, int64_t *ret_cursor)
{
    (void)call;
    (void)tx;
    (void)completions;
    n_added += (int)n;
    *ret_cursor = n_added;
    return QL_OK;
}

static const struct completion_log counting_log = {.add = add};

static void append_history(void)
{
    ql_pg_test_exec(
        "INSERT INTO events (id, user_id, event_type, \"timestamp\", payload)"
        " SELECT md5('e' || n)::uuid, md5('u' || n % 5)::uuid,"
        "  CASE WHEN n IN (1, 2, 13, 24, 30) THEN 'UserRegistered'"
        "   WHEN n % 11 = 0 THEN 'UserChanged' WHEN n = 50 THEN 'UserDeleted'"
        "   ELSE 'UserSignIn' END,"
        "  'epoch'::timestamptz + interval '1767225600 s' + n * interval '5 h',"
        "  CASE WHEN n % 11 = 0 THEN '{\"timeZone\":\"Asia/Tokyo\"}' ELSE '{}' END::jsonb"
        " FROM generate_series(1, 60) AS n");
}

/* Replays all rows in pages with so much memory; a digest of the progress written. */
static int64_t replay_all(struct fixture *f, size_t full_bytes, int *ret_n_completions)
{
    QL_CLEANUP(definitions_freep) struct definitions *definitions = definitions_new();
    QL_CLEANUP(replay_cache_done) struct replay_cache cache = {0};
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    static const char *const type = EVENT_USER_SIGN_IN;
    struct definition quest = {.revision = 1,
                               .streak = 2,
                               .duplication = 3,
                               .event_types = &type,
                               .n_event_types = 1,
                               .rule = STREAK_DAILY_IN_A_ROW};
    struct replay replay = {
        .definitions = definitions, .zones = f->app.zones, .log = &counting_log, .cache = &cache};
    struct event_page page = {0};
    int64_t after_seq = 0;

    snprintf(quest.quest_id, sizeof(quest.quest_id), "%s", f->quest);
    assert_true(definitions_put(definitions, &quest));
    assert_true(replay_cache_init(&cache, true));
    cache.full_bytes = full_bytes;
    n_added = 0;
    assert_int_equal(ql_pg_begin(&f->call, f->app.parts.pg, &tx), QL_OK);
    do {
        assert_int_equal(
            history_store_list_events(&f->call, tx, NULL, 0, after_seq, INT64_MAX, A_PAGE, &page),
            QL_OK);
        if (page.n == 0)
            break;
        after_seq = page.seqs[page.n - 1];
        assert_int_equal(replay_events(&f->call, tx, &replay, &page, page.seqs[0]), QL_OK);
    } while (page.n > 0);
    assert_int_equal(replay_cache_flush(&f->call, tx, &cache), QL_OK);
    assert_int_equal(ql_pg_commit(&f->call, &tx), QL_OK);
    assert_int_equal(replay.n_completions, n_added);
    *ret_n_completions = n_added;
    return ql_pg_test_int64("SELECT ('x' || substr(md5(string_agg(p::text, ';' ORDER BY id)), 1,"
                            " 15))::bit(60)::bigint FROM user_quest_rewards AS p");
}

static void test_replay_comes_to_the_same_with_any_memory(void **state)
{
    struct fixture *f = *state;
    int64_t whole, piecemeal;
    int n_whole, n_piecemeal;

    append_history();
    whole = replay_all(f, 1 << 20, &n_whole);
    ql_pg_test_exec("TRUNCATE user_quest_rewards");
    piecemeal = replay_all(f, 1, &n_piecemeal);
    assert_true(whole == piecemeal);
    assert_int_equal(n_whole, n_piecemeal);
    assert_in_range(n_whole, USERS, EVENTS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_replay_comes_to_the_same_with_any_memory, fixture_open,
                                        fixture_close),
    };

    fixture_migrate();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
