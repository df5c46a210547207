/* What tests of boards begin with: a service with a real Redis and a real PostgreSQL, rows of
 * boards, and reads. */
#ifndef QL_EVALUATION_LEADERBOARD_FIXTURE_H
#define QL_EVALUATION_LEADERBOARD_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "platform/base/clock.h"
#include "platform/pb/schema/message.h"
#include "platform/redis/testing/server.h"
#include "questline/evaluation/v1/server.h"
#include "services/evaluation/boards/week_counted.h"
#include "services/evaluation/app/evaluation.h"
#include "services/testing/call.h"
#include "services/testing/database.h"

enum { SOON_TURNS = 2000, TURN_MS = 10, REACHED_MS = 1764547200 };

#define OVERALL "overall"
#define WEEK    "2026-W40"

static struct redis_server server;
static struct test_database database;
static struct evaluation app;
static struct ql_call *call;
static GetLeaderboardResponse page;
static GetRankResponse rank;

static inline void renew_call(void)
{
    test_call_freep(&call);
    call = test_call_new(&app);
    call->identity.role = QL_ROLE_ADMIN;
    snprintf(call->identity.subject, sizeof(call->identity.subject), "%s",
             "0192f0c1-0000-7000-8000-00000000abcd");
    call->method = "questline.evaluation.v1.LeaderboardService/GetLeaderboard";
}

static inline const char *user(int number)
{
    return ql_arena_printf(call->arena, "0192f0c1-0000-7000-8000-%012d", number);
}

/* Puts a user on a board: the later the number, the later it was reached. */
static inline void put(const char *board, const char *period, int number, int points)
{
    assert_true(test_sql(&database,
                         "INSERT INTO board_scores VALUES ('%s', '%s', '%s', %d, "
                         "to_timestamp(%d), true, nextval('board_change_seq')) "
                         "ON CONFLICT (board, period, user_id) DO UPDATE SET "
                         "millipoints = excluded.millipoints, is_listed = true, "
                         "change_seq = excluded.change_seq RETURNING change_seq",
                         board, period, user(number), points, REACHED_MS + number) > 0);
}

static inline void list_user(const char *board, int number, bool is_listed)
{
    assert_true(test_sql(&database,
                         "UPDATE board_scores SET is_listed = %s, change_seq = "
                         "nextval('board_change_seq') WHERE board = '%s' AND user_id = '%s' "
                         "RETURNING change_seq",
                         is_listed ? "true" : "false", board, user(number)) > 0);
}

static inline void wait_a_turn(int *turns)
{
    static const _Atomic bool never = false;

    assert_true(++*turns < SOON_TURNS);
    (void)ql_sleep_ms(TURN_MS, &never);
}

/* Runs a read until it is not refused: on a slow machine looks at the database may be late. */
static inline enum ql_code read_until_it_answers(const struct ql_rpc_method *method, const void *in,
                                                 void *out)
{
    enum ql_code rc;
    int turns = 0;

    while ((rc = test_rpc(call, method, in, out)) == QL_UNAVAILABLE) {
        assert_int_equal(call->status.retry_delay_ms, 1000);
        ql_call_clear_status(call);
        wait_a_turn(&turns);
    }
    return rc;
}

static inline enum ql_code get_page(const GetLeaderboardRequest *in)
{
    renew_call();
    GetLeaderboardResponse_init(&page);
    return read_until_it_answers(LeaderboardService_GetLeaderboard_method, in, &page);
}

static inline GetLeaderboardRequest page_of(const char *board, int size)
{
    GetLeaderboardRequest in;

    GetLeaderboardRequest_init(&in);
    in.board = (char *)(uintptr_t)board;
    in.page_size = size;
    return in;
}

static inline enum ql_code get_rank(const char *board, int number, int around)
{
    GetRankRequest in;

    renew_call();
    GetRankRequest_init(&in);
    GetRankResponse_init(&rank);
    in.board = (char *)(uintptr_t)board;
    in.user_id = (char *)(uintptr_t)user(number);
    in.around = around;
    return read_until_it_answers(LeaderboardService_GetRank_method, &in, &rank);
}

/* The page as it will be soon: with so many entries, the first of which has these points. A
 * read before that is right, or refused. */
static inline void assert_soon(const GetLeaderboardRequest *in, int total, int first_points)
{
    int turns = 0;

    boards_wake(&app.boards);
    for (;;) {
        enum ql_code rc = get_page(in);

        if (rc == QL_OK && page.total == total &&
            (total == 0 || page.entries[0]->millipoints == first_points))
            return;
        assert_true(rc == QL_OK || rc == QL_UNAVAILABLE);
        wait_a_turn(&turns);
    }
}

static inline void assert_entry(const BoardEntry *entry, int number, int expected_rank, int shared)
{
    assert_string_equal(entry->user_id, user(number));
    assert_int_equal(entry->rank, expected_rank);
    assert_int_equal(entry->shared_rank, shared);
}

#endif
