/* Fields of requests and answers about boards. */
#include "services/evaluation/leaderboard_pb.h"

#include <string.h>

#include "platform/base/clock.h"
#include "platform/pb/wire/timestamp.h"
#include "platform/service/page.h"
#include "services/evaluation/score/week.h"

enum ql_code leaderboard_read_board(struct ql_call *call, const char *name,
                                    Questline__Evaluation__V1__Period period, const char *week,
                                    struct board *ret_board)
{
    char *current = ql_arena_alloc(call->arena, WEEK_SIZE);
    int64_t start_ms;

    if (current == NULL)
        return ql_fail_memory(call);
    *ret_board = (struct board){.name = name, .period = BOARD_ALL_TIME};
    if (period != PERIOD_WEEK)
        return week[0] == '\0' ? QL_OK : ql_violate(call, "week", "goes with period WEEK only");
    if (week[0] != '\0' && !week_start(week, &start_ms))
        return ql_violate(call, "week", "is no week of that year");
    week_of(ql_unix_ms(), current);
    ret_board->period = week[0] == '\0' ? current : week;
    return QL_OK;
}

bool leaderboard_is_of_week(const struct board *board)
{
    return strcmp(board->period, BOARD_ALL_TIME) != 0;
}

const char *leaderboard_week(const struct board *board)
{
    return leaderboard_is_of_week(board) ? board->period : "";
}

Questline__Evaluation__V1__WeekState leaderboard_state(enum board_week_state state)
{
    static const Questline__Evaluation__V1__WeekState states[] = {
        [BOARD_OF_ALL_TIME] = WEEK_STATE_UNSPECIFIED,
        [BOARD_WEEK_OPEN] = WEEK_STATE_OPEN,
        [BOARD_WEEK_CLOSING] = WEEK_STATE_CLOSING,
        [BOARD_WEEK_FINAL] = WEEK_STATE_FINAL};

    return states[state];
}

void *leaderboard_entry(struct ql_call *call, const void *row)
{
    const struct board_entry *entry = row;
    BoardEntry *message = ql_arena_alloc(call->arena, sizeof(*message));

    if (message == NULL)
        return NULL;
    BoardEntry_init(message);
    message->rank = entry->rank;
    message->shared_rank = entry->shared_rank;
    message->user_id = ql_arena_strdup(call->arena, entry->position.user_id);
    message->millipoints = entry->position.millipoints;
    message->reached_at = ql_timestamp_new(call, entry->position.reached_ms);
    return message->user_id == NULL || message->reached_at == NULL ? NULL : message;
}

enum ql_code leaderboard_fill_entries(struct ql_call *call, const struct board_window *window,
                                      void *out)
{
    const struct ql_page_rows rows = {.rows = window->entries,
                                      .n_rows = window->n_entries,
                                      .row_size = sizeof(*window->entries),
                                      .to_message = leaderboard_entry};
    size_t n_shown;

    return ql_page_fill(call, NULL, &rows, out, "entries", &n_shown);
}
