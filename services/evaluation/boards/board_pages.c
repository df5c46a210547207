/* Choosing where a read is answered from. */
#include "services/evaluation/boards/board_pages.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/base/clock.h"
#include "services/evaluation/boards/board_metrics.h"
#include "services/evaluation/boards/week_store.h"
#include "services/evaluation/score/week.h"

bool board_start_parse(const char *text, struct board_start *ret_start)
{
    char *end;
    long rank;

    *ret_start = (struct board_start){0};
    if (text[0] != '#') {
        ret_start->is_behind_position = board_position_parse(text, &ret_start->position);
        return ret_start->is_behind_position;
    }
    rank = strtol(text + 1, &end, 10);
    ret_start->n_before = (int32_t)rank;
    return *end == '\0' && rank > 0 && rank <= INT32_MAX;
}

void board_start_print(const struct board_entry *last, enum board_week_state state,
                       char ret_text[BOARD_POSITION_TEXT_SIZE])
{
    if (state == BOARD_WEEK_FINAL)
        snprintf(ret_text, BOARD_POSITION_TEXT_SIZE, "#%d", (int)last->rank);
    else
        board_position_print(&last->position, ret_text);
}

/* One read of a board, of a page or of a rank. */
struct board_reading {
    struct boards *boards;
    const struct board *board;
    const struct board_start *start; /* of a page; NULL: of a rank */
    int limit;
    const char *user_id;
    int around;
};

static enum ql_code refuse_without_look(struct ql_call *call)
{
    enum ql_code rc = ql_fail(call, QL_UNAVAILABLE, "BOARD_BEHIND",
                              "the database has not been seen for more than a second");

    ql_retry_after(call, FRESHNESS_GRACE_MS);
    return rc;
}

static enum ql_code find_guard(struct ql_call *call, const struct boards *boards,
                               struct board_guard *ret_guard)
{
    return freshness_guard(&boards->freshness, ql_monotonic_ms(), ret_guard)
               ? QL_OK
               : refuse_without_look(call);
}

static enum ql_code read_redis(struct ql_call *call, const struct board_reading *reading,
                               struct board_window *ret_window)
{
    const struct board_start *start = reading->start;
    struct board_guard guard;
    enum ql_code rc = find_guard(call, reading->boards, &guard);

    if (rc == QL_OK && start != NULL)
        rc = board_read_page(call, reading->boards->redis, &guard, reading->board,
                             start->is_behind_position ? &start->position : NULL, start->n_before,
                             reading->limit, ret_window);
    else if (rc == QL_OK)
        rc = board_read_around(call, reading->boards->redis, &guard, reading->board,
                               reading->user_id, reading->around, ret_window);
    if (rc == QL_OK)
        freshness_note_shown(&reading->boards->freshness, ret_window->applied);
    return rc;
}

static enum ql_code read_standings(struct ql_call *call, const struct board_reading *reading,
                                   struct board_window *ret_window)
{
    const struct board_start *start = reading->start;
    struct ql_pg_pool *pg = reading->boards->pg;
    int32_t n_before = start == NULL ? 0 : start->n_before;
    enum ql_code rc = QL_OK;

    if (start == NULL)
        return week_store_around(call, pg, reading->board, reading->user_id, reading->around,
                                 ret_window);
    if (start->is_behind_position)
        rc = week_store_rank_of_position(call, pg, reading->board, &start->position, &n_before);
    if (rc != QL_OK)
        return rc;
    return week_store_page(call, pg, reading->board, n_before, reading->limit, ret_window);
}

/* A week that ended may be FINAL, and then its boards may have left Redis before they were
 * read there: the state is looked at behind the read. */
static enum ql_code read_past_week(struct ql_call *call, const struct board_reading *reading,
                                   struct board_answer *ret_answer, const char **ret_from)
{
    bool is_final;
    enum ql_code redis_rc, rc;

    redis_rc = read_redis(call, reading, &ret_answer->window);
    if (redis_rc == QL_OK || redis_rc == QL_NOT_FOUND || redis_rc == QL_UNAVAILABLE) {
        struct ql_status status = call->status;

        ql_call_clear_status(call);
        rc = week_store_is_final(call, reading->boards->pg, reading->board->period, &is_final);
        if (rc != QL_OK)
            return rc;
        if (is_final) {
            ret_answer->state = BOARD_WEEK_FINAL;
            *ret_from = "postgres";
            return read_standings(call, reading, &ret_answer->window);
        }
        call->status = status;
    }
    ret_answer->state = BOARD_WEEK_CLOSING;
    return redis_rc;
}

static bool is_past(const struct board *board)
{
    int64_t start_ms;

    return strcmp(board->period, BOARD_ALL_TIME) != 0 && week_start(board->period, &start_ms) &&
           start_ms + WEEK_MS <= ql_unix_ms();
}

static void count_read(enum ql_code rc, const struct ql_call *call, const char *from)
{
    if (rc == QL_OK || rc == QL_NOT_FOUND)
        ql_metric_add(&board_reads_total, from, 1);
    else if (rc == QL_UNAVAILABLE)
        ql_metric_add(&board_refused_total, call->status.reason, 1);
}

static enum ql_code read_board(struct ql_call *call, const struct board_reading *reading,
                               struct board_answer *ret_answer)
{
    const char *from = "redis";
    enum ql_code rc;

    *ret_answer = (struct board_answer){0};
    if (is_past(reading->board)) {
        rc = read_past_week(call, reading, ret_answer, &from);
    } else {
        ret_answer->state = strcmp(reading->board->period, BOARD_ALL_TIME) == 0 ? BOARD_OF_ALL_TIME
                                                                                : BOARD_WEEK_OPEN;
        rc = read_redis(call, reading, &ret_answer->window);
    }
    count_read(rc, call, from);
    return rc;
}

enum ql_code board_pages_read(struct ql_call *call, struct boards *boards,
                              const struct board *board, const struct board_start *start, int limit,
                              struct board_answer *ret_answer)
{
    const struct board_reading reading = {
        .boards = boards, .board = board, .start = start, .limit = limit};

    return read_board(call, &reading, ret_answer);
}

enum ql_code board_pages_rank(struct ql_call *call, struct boards *boards,
                              const struct board *board, const char *user_id, int around,
                              struct board_answer *ret_answer)
{
    const struct board_reading reading = {
        .boards = boards, .board = board, .user_id = user_id, .around = around};

    return read_board(call, &reading, ret_answer);
}

enum ql_code board_pages_totals(struct ql_call *call, struct boards *boards,
                                const char *const *names, size_t n_names, int32_t *ret_totals)
{
    struct board_guard guard;
    enum ql_code rc = find_guard(call, boards, &guard);

    if (rc == QL_OK)
        rc = board_read_totals(call, boards->redis, &guard, names, n_names, ret_totals);
    count_read(rc, call, "redis");
    return rc;
}
