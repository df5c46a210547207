/* Making weeks FINAL, in the transaction that counted their last attempt. */
#include "services/evaluation/boards/week_counted.h"

#include <string.h>

#include "platform/base/clock.h"
#include "platform/outbox/outbox.h"
#include "questline/evaluation/v1/names.h"
#include "services/evaluation/score/week.h"

#include "week_counted_sql.h"

enum { BOARDS_STEP = 200 };

/* WeekRanked of the first places of a board. */
static enum ql_code publish_first(struct ql_call *call, struct ql_pg_tx *tx, const char *week,
                                  const char *board)
{
    const char *const parameters[] = {week, board, ql_pg_from_int64(call, WEEK_RANKED_MAX)};
    struct ql_event *events;
    struct ql_pg_rows rows;
    enum ql_code rc;

    rc = ql_pg_run(call, tx, &sql_week_first_ranks, parameters, QL_ARRAY_LENGTH(parameters), &rows);
    if (rc != QL_OK || rows.n_rows == 0)
        return rc;
    events = ql_arena_calloc(call->arena, rows.n_rows, sizeof(*events));
    if (events == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < rows.n_rows; i++) {
        const char *user_id = ql_pg_text(&rows, i, 2);
        const char *const parts[] = {"week_ranked", board, week, user_id};
        char event_id[QL_UUID_SIZE];
        WeekRanked body;

        WeekRanked_init(&body);
        body.board = (char *)(uintptr_t)board;
        body.week = (char *)(uintptr_t)week;
        body.rank = (int32_t)ql_pg_int64(&rows, i, 0);
        body.shared_rank = (int32_t)ql_pg_int64(&rows, i, 1);
        body.millipoints = (int32_t)ql_pg_int64(&rows, i, 3);
        ql_uuid_derive(event_id, parts, QL_ARRAY_LENGTH(parts));
        rc = ql_event_make(call, EVENT_WEEK_RANKED, event_id, user_id, &body.base, &events[i]);
        if (rc != QL_OK)
            return rc;
    }
    return ql_outbox_add(call, tx, events, rows.n_rows);
}

/* The boards of a week that were listed so far, for LeaderboardClosed. */
struct closed_boards {
    BoardSummary **summaries;
    size_t n;
};

static enum ql_code add_summary(struct ql_call *call, struct closed_boards *closed,
                                const char *board, int64_t total)
{
    BoardSummary *summary = ql_arena_alloc(call->arena, sizeof(*summary));

    if (summary == NULL)
        return ql_fail_memory(call);
    BoardSummary_init(summary);
    summary->board = (char *)(uintptr_t)board;
    summary->total = (int32_t)total;
    closed->summaries[closed->n++] = summary;
    return QL_OK;
}

static bool is_of_one_quiz(const char *board)
{
    return strncmp(board, "quiz.", strlen("quiz.")) == 0;
}

/* The next boards by name. *behind becomes the name of the last, NULL when there are no more. */
static enum ql_code publish_boards(struct ql_call *call, struct ql_pg_tx *tx, const char *week,
                                   struct closed_boards *closed, const char **behind)
{
    const char *const parameters[] = {week, *behind, ql_pg_from_int64(call, BOARDS_STEP)};
    struct ql_pg_rows rows;
    enum ql_code rc;

    rc = ql_pg_run(call, tx, &sql_week_boards, parameters, QL_ARRAY_LENGTH(parameters), &rows);
    if (rc != QL_OK)
        return rc;
    *behind = NULL;
    for (size_t i = 0; i < rows.n_rows; i++) {
        const char *board = ql_pg_text(&rows, i, 0);

        if (closed->n < WEEK_CLOSED_BOARDS_MAX)
            rc = add_summary(call, closed, board, ql_pg_int64(&rows, i, 1));
        if (rc == QL_OK && !is_of_one_quiz(board)) {
            struct ql_arena_mark mark = ql_arena_mark(call->arena);

            rc = publish_first(call, tx, week, board);
            ql_arena_rewind(call->arena, &mark);
        }
        if (rc != QL_OK)
            return rc;
        *behind = i + 1 == BOARDS_STEP ? board : NULL;
    }
    return QL_OK;
}

static enum ql_code publish_closed(struct ql_call *call, struct ql_pg_tx *tx, const char *week)
{
    const char *const parts[] = {"leaderboard_closed", week};
    struct closed_boards closed = {.summaries = ql_arena_calloc(call->arena, WEEK_CLOSED_BOARDS_MAX,
                                                                sizeof(*closed.summaries))};
    char event_id[QL_UUID_SIZE];
    const char *behind = "";
    LeaderboardClosed body;
    struct ql_event event;
    enum ql_code rc;

    if (closed.summaries == NULL)
        return ql_fail_memory(call);
    while (behind != NULL) {
        rc = publish_boards(call, tx, week, &closed, &behind);
        if (rc != QL_OK)
            return rc;
    }
    LeaderboardClosed_init(&body);
    body.week = (char *)(uintptr_t)week;
    body.boards = closed.summaries;
    body.n_boards = closed.n;
    ql_uuid_derive(event_id, parts, QL_ARRAY_LENGTH(parts));
    rc = ql_event_make(call, EVENT_LEADERBOARD_CLOSED, event_id, "", &body.base, &event);
    if (rc != QL_OK)
        return rc;
    return ql_outbox_add(call, tx, &event, 1);
}

/* *ret_is_new: it was not FINAL before. */
static enum ql_code finish_week(struct ql_call *call, struct ql_pg_tx *tx, const char *week,
                                bool is_forced, bool *ret_is_new)
{
    const char *const parameters[] = {week, is_forced ? "true" : "false"};
    struct ql_pg_rows rows;
    enum ql_code rc;

    rc = ql_pg_run(call, tx, &sql_week_finish, parameters, QL_ARRAY_LENGTH(parameters), &rows);
    *ret_is_new = rc == QL_OK && rows.n_affected == 1;
    if (!*ret_is_new)
        return rc;
    rc = ql_pg_run(call, tx, &sql_week_write_standings, parameters, 1, NULL);
    if (rc == QL_OK)
        rc = ql_pg_run(call, tx, &sql_week_delete_scores, parameters, 1, NULL);
    if (rc != QL_OK)
        return rc;
    return publish_closed(call, tx, week);
}

enum ql_code week_counted(struct ql_call *call, struct ql_pg_tx *tx, const char *const *weeks,
                          size_t n_weeks)
{
    for (size_t i = 0; i < n_weeks; i++) {
        bool is_new;
        enum ql_code rc = finish_week(call, tx, weeks[i], false, &is_new);

        if (rc != QL_OK)
            return rc;
    }
    return QL_OK;
}

enum ql_code week_close(struct ql_call *call, struct ql_pg_tx *tx, const char *week)
{
    int64_t start_ms;
    bool is_new;
    enum ql_code rc;

    if (!week_start(week, &start_ms))
        return ql_violate(call, "week", "is no ISO week, such as 2026-W49");
    if (start_ms + WEEK_MS > ql_unix_ms())
        return ql_fail(call, QL_FAILED_PRECONDITION, "WEEK_NOT_OVER", "%s has not ended", week);
    rc = ql_pg_run(call, tx, &sql_week_ensure, &week, 1, NULL);
    if (rc != QL_OK)
        return rc;
    rc = finish_week(call, tx, week, true, &is_new);
    if (rc == QL_OK && !is_new)
        return ql_fail(call, QL_FAILED_PRECONDITION, "WEEK_IS_FINAL", "%s is FINAL", week);
    return rc;
}
