/* LeaderboardService, with a follower, a real Redis and a real PostgreSQL. */
#include "services/evaluation/leaderboard_fixture.h"

static int before_each(void **state)
{
    (void)state;
    renew_call();
    (void)test_sql(&database, "WITH s AS (DELETE FROM board_scores), t AS (DELETE FROM "
                              "week_standings), o AS (DELETE FROM outbox) "
                              "UPDATE board_epoch SET epoch = gen_random_uuid() RETURNING 1");
    (void)test_sql(&database, "WITH w AS (DELETE FROM weeks) SELECT 1");
    return 0;
}

static int after_each(void **state)
{
    (void)state;
    test_call_freep(&call);
    return 0;
}

static void test_order_is_points_then_time_and_equal_points_share_a_rank(void **state)
{
    GetLeaderboardRequest in = page_of(OVERALL, 0);

    (void)state;
    put(OVERALL, "all", 1, 2000);
    put(OVERALL, "all", 2, 3000);
    put(OVERALL, "all", 3, 2000);
    put(OVERALL, "all", 4, 0);
    assert_soon(&in, 4, 3000);
    assert_entry(page.entries[0], 2, 1, 1);
    assert_entry(page.entries[1], 1, 2, 2);
    assert_entry(page.entries[2], 3, 3, 2);
    assert_entry(page.entries[3], 4, 4, 4);
    assert_int_equal(page.entries[1]->reached_at->seconds, REACHED_MS + 1);
    assert_int_equal(page.period, PERIOD_ALL_TIME);
    assert_int_equal(page.state, WEEK_STATE_UNSPECIFIED);
    assert_string_equal(page.week, "");
}

static void test_pages_follow_by_token_and_begin_at_any_rank(void **state)
{
    GetLeaderboardRequest whole = page_of(OVERALL, 200), in = page_of(OVERALL, 10);
    char token[512] = "";
    int n_seen = 0;

    (void)state;
    for (int i = 1; i <= 25; i++)
        put(OVERALL, "all", i, 1000);
    assert_soon(&whole, 25, 1000);
    assert_string_equal(page.next_page_token, "");
    for (int n = 10; n_seen < 25; n = n_seen == 20 ? 5 : 10) {
        in.page_token = token;
        assert_int_equal(get_page(&in), QL_OK);
        assert_int_equal(page.n_entries, n);
        for (int i = 0; i < n; i++, n_seen++)
            assert_entry(page.entries[i], n_seen + 1, n_seen + 1, 1);
        assert_true((page.next_page_token[0] != '\0') == (n_seen < 25));
        if (n_seen == 10)
            snprintf(token, sizeof(token), "%s", page.next_page_token);
        else if (n_seen == 20)
            snprintf(token, sizeof(token), "%s", page.next_page_token);
    }
    in.page_token = (char *)"";
    in.start_rank = 11;
    assert_int_equal(get_page(&in), QL_OK);
    assert_entry(page.entries[0], 11, 11, 1);
    /* Its token goes on without the rank. */
    snprintf(token, sizeof(token), "%s", page.next_page_token);
    in.page_token = token;
    assert_int_equal(get_page(&in), QL_INVALID_ARGUMENT);
    assert_string_equal(call->status.violations[0].field, "startRank");
    in.start_rank = 0;
    assert_int_equal(get_page(&in), QL_OK);
    assert_entry(page.entries[0], 21, 21, 1);
    /* It is of this board alone. */
    in.board = (char *)"category.redis";
    assert_int_equal(get_page(&in), QL_INVALID_ARGUMENT);
    assert_string_equal(call->status.reason, "INVALID_PAGE_TOKEN");
}

static void test_week_must_be_one_and_goes_with_its_period(void **state)
{
    GetLeaderboardRequest in = page_of("quiz.0192f0c1-0000-7000-8000-000000000001", 0);

    (void)state;
    in.week = (char *)WEEK;
    assert_int_equal(get_page(&in), QL_INVALID_ARGUMENT);
    assert_string_equal(call->status.violations[0].field, "week");
    in.period = PERIOD_WEEK;
    in.week = (char *)"2025-W53";
    assert_int_equal(get_page(&in), QL_INVALID_ARGUMENT);
    assert_string_equal(call->status.violations[0].field, "week");
    in.week = (char *)"";
    assert_soon(&in, 0, 0);
    assert_int_equal(page.state, WEEK_STATE_OPEN);
    assert_int_equal(strlen(page.week), strlen(WEEK));
}

static void test_page_that_was_read_is_served_from_memory(void **state)
{
    GetLeaderboardRequest in = page_of(OVERALL, 2);
    GetLeaderboardResponse *from_memory;
    struct ql_rpc_bytes bytes;
    int turns = 0;

    (void)state;
    for (int i = 1; i <= 3; i++)
        put(OVERALL, "all", i, 1000);
    assert_soon(&in, 3, 1000);
    /* A read is followed at once by the fast handler; a slow machine may need another. */
    while (!LeaderboardService_GetLeaderboard_method->fast(call, &in, &bytes)) {
        assert_int_equal(get_page(&in), QL_OK);
        assert_true(++turns < SOON_TURNS);
    }
    assert_int_equal(ql_message_unpack(call, &GetLeaderboardResponse_descriptor, bytes.data,
                                       bytes.length, &from_memory),
                     QL_OK);
    assert_int_equal(from_memory->n_entries, 2);
    assert_string_equal(from_memory->entries[1]->user_id, user(2));
    assert_int_equal(from_memory->total, 3);
    assert_string_not_equal(from_memory->next_page_token, "");
    /* What it refuses or does not have it leaves to the other handler. */
    in.week = (char *)WEEK;
    renew_call();
    assert_false(LeaderboardService_GetLeaderboard_method->fast(call, &in, &bytes));
}

static void test_window_around_a_rank_is_moved_inward(void **state)
{
    static const struct {
        int number, first, n;
    } windows[] = {{1, 1, 5}, {2, 1, 5}, {5, 3, 5}, {10, 6, 5}};
    GetLeaderboardRequest in = page_of(OVERALL, 0);

    (void)state;
    for (int i = 1; i <= 10; i++)
        put(OVERALL, "all", i, 1000);
    assert_soon(&in, 10, 1000);
    for (size_t i = 0; i < QL_ARRAY_LENGTH(windows); i++) {
        assert_int_equal(get_rank(OVERALL, windows[i].number, 2), QL_OK);
        assert_int_equal(rank.n_entries, windows[i].n);
        assert_int_equal(rank.entries[0]->rank, windows[i].first);
        assert_entry(rank.entry, windows[i].number, windows[i].number, 1);
        assert_int_equal(rank.total, 10);
    }
    assert_int_equal(get_rank(OVERALL, 3, 50), QL_OK);
    assert_int_equal(rank.n_entries, 10);
    assert_int_equal(get_rank(OVERALL, 3, 0), QL_OK);
    assert_int_equal(rank.n_entries, 0);
    assert_int_equal(get_rank(OVERALL, 99, 2), QL_NOT_FOUND);
    assert_string_equal(call->status.reason, "NOT_RANKED");
}

static void test_rank_of_me_is_the_callers(void **state)
{
    GetLeaderboardRequest in = page_of(OVERALL, 0);
    GetRankRequest mine;

    (void)state;
    put(OVERALL, "all", 7, 1000);
    assert_soon(&in, 1, 1000);
    GetRankRequest_init(&mine);
    GetRankResponse_init(&rank);
    mine.board = (char *)OVERALL;
    mine.user_id = (char *)"me";
    snprintf(call->identity.subject, sizeof(call->identity.subject), "%s", user(7));
    assert_int_equal(read_until_it_answers(LeaderboardService_GetRank_method, &mine, &rank), QL_OK);
    assert_entry(rank.entry, 7, 1, 1);
    mine.user_id = (char *)"somebody";
    assert_int_equal(test_rpc(call, LeaderboardService_GetRank_method, &mine, &rank),
                     QL_INVALID_ARGUMENT);
}

static void test_who_leaves_makes_no_gap_and_comes_back(void **state)
{
    GetLeaderboardRequest in = page_of(OVERALL, 0);

    (void)state;
    for (int i = 1; i <= 4; i++)
        put(OVERALL, "all", i, 5000 - i);
    assert_soon(&in, 4, 4999);
    list_user(OVERALL, 2, false);
    assert_soon(&in, 3, 4999);
    for (int i = 0; i < 3; i++)
        assert_int_equal(page.entries[i]->rank, i + 1);
    assert_string_equal(page.entries[1]->user_id, user(3));
    list_user(OVERALL, 2, true);
    assert_soon(&in, 4, 4999);
    assert_entry(page.entries[1], 2, 2, 2);
}

/* Whatever is read meanwhile is right, or refused: so it is read until it is not refused. */
static void test_flushed_boards_are_refused_until_they_are_whole(void **state)
{
    GetLeaderboardRequest in = page_of(OVERALL, 200);
    struct ql_redis_reply reply;

    (void)state;
    for (int i = 1; i <= 200; i++)
        put(OVERALL, "all", i, 1000);
    assert_soon(&in, 200, 1000);
    assert_int_equal(ql_redis_run(call, app.parts.redis, &QL_REDIS_COMMAND("FLUSHALL"), &reply),
                     QL_OK);
    assert_int_equal(get_rank(OVERALL, 200, 0), QL_OK);
    assert_entry(rank.entry, 200, 200, 1);
}

static void test_rebuild_gives_the_database_another_epoch_and_is_audited(void **state)
{
    GetLeaderboardRequest in = page_of(OVERALL, 0);
    RebuildLeaderboardsRequest request;
    RebuildLeaderboardsResponse answer;

    (void)state;
    put(OVERALL, "all", 1, 1000);
    assert_soon(&in, 1, 1000);
    RebuildLeaderboardsRequest_init(&request);
    RebuildLeaderboardsResponse_init(&answer);
    (void)test_sql(&database, "CREATE TABLE IF NOT EXISTS epoch_before AS SELECT epoch FROM "
                              "board_epoch");
    call->method = "questline.evaluation.v1.LeaderboardService/RebuildLeaderboards";
    assert_int_equal(
        test_rpc(call, LeaderboardService_RebuildLeaderboards_method, &request, &answer), QL_OK);
    assert_int_equal(test_sql(&database, "SELECT count(*) FROM board_epoch JOIN epoch_before "
                                         "USING (epoch)"),
                     0);
    assert_int_equal(test_sql(&database, "SELECT count(*) FROM outbox WHERE routing_key LIKE "
                                         "'audit.%%'"),
                     1);
    (void)test_sql(&database, "DROP TABLE epoch_before");
    assert_soon(&in, 1, 1000);
}

/* Counts the last attempt of a week, in a transaction as that of results. */
static void count_week(int expected, int counted)
{
    const char *const weeks[] = {WEEK};
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;

    renew_call();
    (void)test_sql(&database,
                   "INSERT INTO weeks (week, expected, counted, state) VALUES "
                   "('%s', %d, %d, 'CLOSING') ON CONFLICT (week) DO UPDATE SET counted = "
                   "excluded.counted RETURNING counted",
                   WEEK, expected, counted);
    assert_int_equal(ql_pg_begin(call, app.parts.pg, &tx), QL_OK);
    assert_int_equal(week_counted(call, tx, weeks, 1), QL_OK);
    assert_int_equal(ql_pg_commit(call, &tx), QL_OK);
}

static int64_t count_events(const char *key)
{
    return test_sql(&database, "SELECT count(*) FROM outbox WHERE routing_key = '%s'", key);
}

static void assert_redis_soon_forgets_the_week(void)
{
    struct ql_redis_reply reply;
    int turns = 0;

    for (;;) {
        renew_call();
        assert_int_equal(
            ql_redis_run(call, app.parts.redis, &QL_REDIS_COMMAND("KEYS", "*" WEEK "*"), &reply),
            QL_OK);
        if (reply.n_elements == 0)
            return;
        wait_a_turn(&turns);
    }
}

static void test_week_is_final_once_all_its_attempts_are_counted(void **state)
{
    GetLeaderboardRequest in = page_of(OVERALL, 2);
    char token[512];

    (void)state;
    in.period = PERIOD_WEEK;
    in.week = (char *)WEEK;
    for (int i = 1; i <= 3; i++)
        put(OVERALL, WEEK, i, i == 3 ? 500 : 1000);
    put("quiz.0192f0c1-0000-7000-8000-000000000001", WEEK, 1, 1000);
    put("category.redis", WEEK, 1, 1000);
    put("category.redis", WEEK, 4, 9000);
    list_user("category.redis", 4, false);
    assert_soon(&in, 3, 1000);
    assert_int_equal(page.state, WEEK_STATE_CLOSING);
    snprintf(token, sizeof(token), "%s", page.next_page_token);

    count_week(6, 5);
    assert_int_equal(test_sql(&database, "SELECT count(*) FROM week_standings"), 0);
    count_week(6, 6);
    assert_int_equal(test_sql(&database, "SELECT count(*) FROM week_standings"), 5);
    assert_int_equal(test_sql(&database, "SELECT count(*) FROM board_scores"), 0);
    assert_int_equal(count_events("leaderboard.closed"), 1);
    assert_int_equal(count_events("leaderboard.ranked"), 4);
    count_week(6, 6);
    assert_int_equal(count_events("leaderboard.closed"), 1);
    assert_redis_soon_forgets_the_week();

    /* The page of before may be in memory for a moment. */
    for (int turns = 0; page.state != WEEK_STATE_FINAL; wait_a_turn(&turns))
        assert_soon(&in, 3, 1000);
    assert_entry(page.entries[1], 2, 2, 1);
    /* A token of before goes on, and so does one of now, also behind who was deleted. */
    in.page_token = token;
    assert_int_equal(get_page(&in), QL_OK);
    assert_int_equal(page.n_entries, 1);
    assert_entry(page.entries[0], 3, 3, 3);
    (void)test_sql(&database,
                   "UPDATE week_standings SET user_id = NULL WHERE user_id = '%s' "
                   "RETURNING rank",
                   user(2));
    in.page_size = 1;
    in.start_rank = 2;
    in.page_token = (char *)"";
    assert_int_equal(get_page(&in), QL_OK);
    assert_string_equal(page.entries[0]->user_id, "");
    snprintf(token, sizeof(token), "%s", page.next_page_token);
    in.start_rank = 0;
    in.page_token = token;
    assert_int_equal(get_page(&in), QL_OK);
    assert_entry(page.entries[0], 3, 3, 3);
    assert_string_equal(page.next_page_token, "");
}

static void test_rank_in_a_final_week_is_of_its_standings(void **state)
{
    GetRankRequest in;

    (void)state;
    for (int i = 1; i <= 10; i++)
        put(OVERALL, WEEK, i, 1000);
    count_week(10, 10);
    GetRankRequest_init(&in);
    GetRankResponse_init(&rank);
    in.board = (char *)OVERALL;
    in.period = PERIOD_WEEK;
    in.week = (char *)WEEK;
    in.user_id = (char *)(uintptr_t)user(2);
    in.around = 2;
    assert_int_equal(read_until_it_answers(LeaderboardService_GetRank_method, &in, &rank), QL_OK);
    assert_int_equal(rank.state, WEEK_STATE_FINAL);
    assert_entry(rank.entry, 2, 2, 1);
    assert_int_equal(rank.n_entries, 5);
    assert_int_equal(rank.entries[0]->rank, 1);
    in.user_id = (char *)(uintptr_t)user(77);
    assert_int_equal(read_until_it_answers(LeaderboardService_GetRank_method, &in, &rank),
                     QL_NOT_FOUND);
    assert_string_equal(call->status.reason, "NOT_RANKED");
}

static void test_week_is_closed_by_an_operator_once_it_is_over(void **state)
{
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;

    (void)state;
    put(OVERALL, WEEK, 1, 1000);
    assert_int_equal(ql_pg_begin(call, app.parts.pg, &tx), QL_OK);
    assert_int_equal(week_close(call, tx, "2026-W54"), QL_INVALID_ARGUMENT);
    ql_call_clear_status(call);
    assert_int_equal(week_close(call, tx, "9000-W01"), QL_FAILED_PRECONDITION);
    assert_string_equal(call->status.reason, "WEEK_NOT_OVER");
    ql_call_clear_status(call);
    assert_int_equal(week_close(call, tx, WEEK), QL_OK);
    assert_int_equal(week_close(call, tx, WEEK), QL_FAILED_PRECONDITION);
    assert_string_equal(call->status.reason, "WEEK_IS_FINAL");
    ql_call_clear_status(call);
    assert_int_equal(ql_pg_commit(call, &tx), QL_OK);
    assert_int_equal(test_sql(&database, "SELECT rank FROM week_standings"), 1);
}

static void test_list_has_boards_with_entries_and_weeks_with_their_state(void **state)
{
    GetLeaderboardRequest wait = page_of("category.redis", 0);
    ListLeaderboardsRequest in;
    ListLeaderboardsResponse out;
    char token[512];

    (void)state;
    put(OVERALL, "all", 1, 1000);
    put(OVERALL, "all", 2, 1000);
    put("category.gone", "all", 1, 1000);
    put("category.redis", "all", 1, 1000);
    list_user("category.gone", 1, false);
    count_week(0, 0);
    assert_soon(&wait, 1, 1000);
    ListLeaderboardsRequest_init(&in);
    ListLeaderboardsResponse_init(&out);
    in.page_size = 2;
    renew_call();
    assert_int_equal(read_until_it_answers(LeaderboardService_ListLeaderboards_method, &in, &out),
                     QL_OK);
    assert_int_equal(out.n_boards, 1);
    assert_string_equal(out.boards[0]->board, "category.redis");
    assert_int_equal(out.n_weeks, 2);
    assert_int_equal(out.weeks[0]->state, WEEK_STATE_OPEN);
    assert_string_equal(out.weeks[1]->week, WEEK);
    assert_int_equal(out.weeks[1]->state, WEEK_STATE_FINAL);
    snprintf(token, sizeof(token), "%s", out.next_page_token);
    in.page_token = token;
    renew_call();
    ListLeaderboardsResponse_init(&out);
    assert_int_equal(read_until_it_answers(LeaderboardService_ListLeaderboards_method, &in, &out),
                     QL_OK);
    assert_int_equal(out.n_boards, 1);
    assert_string_equal(out.boards[0]->board, OVERALL);
    assert_int_equal(out.boards[0]->total, 2);
    assert_int_equal(out.n_weeks, 0);
    assert_string_equal(out.next_page_token, "");
}

static int start(void **state)
{
    (void)state;
    if (!redis_server_is_installed())
        return TEST_SKIPPED;
    test_database_new(&database, evaluation_migrations());
    redis_server_start(&server);
    app.parts.name = "evaluation";
    app.parts.pg = ql_pg_pool_new(&(const struct ql_pg_pool_options){
        .url = database.run_url, .application_name = "leaderboard_rpc_test", .max_connections = 4});
    app.parts.redis = ql_redis_new(&(const struct ql_redis_options){.url = server.url});
    call = test_call_new(&app);
    assert_non_null(app.parts.pg);
    assert_non_null(app.parts.redis);
    assert_int_equal(boards_open(call, &app.boards, app.parts.pg, app.parts.redis), QL_OK);
    test_call_freep(&call);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    boards_close(&app.boards);
    ql_redis_free(app.parts.redis);
    ql_pg_pool_free(app.parts.pg);
    redis_server_end(&server);
    return 0;
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, before_each, after_each)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_order_is_points_then_time_and_equal_points_share_a_rank),
        CASE(test_pages_follow_by_token_and_begin_at_any_rank),
        CASE(test_week_must_be_one_and_goes_with_its_period),
        CASE(test_page_that_was_read_is_served_from_memory),
        CASE(test_window_around_a_rank_is_moved_inward),
        CASE(test_rank_of_me_is_the_callers),
        CASE(test_who_leaves_makes_no_gap_and_comes_back),
        CASE(test_flushed_boards_are_refused_until_they_are_whole),
        CASE(test_rebuild_gives_the_database_another_epoch_and_is_audited),
        CASE(test_week_is_final_once_all_its_attempts_are_counted),
        CASE(test_rank_in_a_final_week_is_of_its_standings),
        CASE(test_week_is_closed_by_an_operator_once_it_is_over),
        CASE(test_list_has_boards_with_entries_and_weeks_with_their_state),
    };

    return cmocka_run_group_tests(tests, start, stop);
}
