/* LeaderboardService: ranks, the list of boards, and filling them anew. */
#include <string.h>

#include "platform/audit/audit.h"
#include "platform/base/clock.h"
#include "platform/service/page.h"
#include "questline/evaluation/v1/server.h"
#include "services/evaluation/boards/change_store.h"
#include "services/evaluation/boards/week_store.h"
#include "services/evaluation/app/evaluation.h"
#include "services/evaluation/leaderboard_pb.h"
#include "services/evaluation/score/week.h"

enum { WEEKS_LISTED = 104 };

/* The user whom a request names; "me" is the caller. */
static enum ql_code read_user(struct ql_call *call, const char *user_id, char ret[QL_UUID_SIZE])
{
    bool is_me = strcmp(user_id, "me") == 0;
    const char *id = is_me ? call->identity.subject : user_id;

    if (!ql_uuid_is_valid(id))
        return ql_violate(call, "userId", "is no user's id");
    ql_uuid_copy(ret, id);
    return QL_OK;
}

static enum ql_code get_rank(struct ql_call *call, const GetRankRequest *in, GetRankResponse *out)
{
    struct evaluation *app = call->app;
    char user_id[QL_UUID_SIZE];
    struct board_answer answer;
    struct board board;
    enum ql_code rc, user_rc;

    rc = leaderboard_read_board(call, in->board, in->period, in->week, &board);
    user_rc = read_user(call, in->user_id, user_id);
    if (rc != QL_OK || user_rc != QL_OK)
        return call->status.code;
    rc = board_pages_rank(call, &app->boards, &board, user_id, in->around, &answer);
    if (rc != QL_OK)
        return rc;
    out->board = in->board;
    out->period = leaderboard_is_of_week(&board) ? PERIOD_WEEK : PERIOD_ALL_TIME;
    out->week = (char *)(uintptr_t)leaderboard_week(&board);
    out->state = leaderboard_state(answer.state);
    out->total = answer.window.total;
    out->entry = leaderboard_entry(call, &answer.window.entries[answer.window.own]);
    if (out->entry == NULL)
        return ql_fail_memory(call);
    return in->around == 0 ? QL_OK : leaderboard_fill_entries(call, &answer.window, out);
}

static void *week_to_pb(struct ql_call *call, const void *row)
{
    const struct week_row *week = row;
    WeekSummary *message = ql_arena_alloc(call->arena, sizeof(*message));
    int64_t start_ms;

    if (message == NULL)
        return NULL;
    WeekSummary_init(message);
    message->week = (char *)(uintptr_t)week->week;
    if (strcmp(week->state, "FINAL") == 0)
        message->state = WEEK_STATE_FINAL;
    else if (week_start(week->week, &start_ms) && start_ms + WEEK_MS <= ql_unix_ms())
        message->state = WEEK_STATE_CLOSING;
    else
        message->state = WEEK_STATE_OPEN;
    return message;
}

/* The present week, which is there without an attempt too, and those before it. */
static enum ql_code fill_weeks(struct ql_call *call, ListLeaderboardsResponse *out)
{
    struct evaluation *app = call->app;
    struct week_row *stored, *weeks = ql_arena_calloc(call->arena, WEEKS_LISTED, sizeof(*weeks));
    char *current = ql_arena_alloc(call->arena, WEEK_SIZE);
    size_t n_stored, n = 0, n_shown;
    enum ql_code rc;

    if (weeks == NULL || current == NULL)
        return ql_fail_memory(call);
    week_of(ql_unix_ms(), current);
    rc = week_store_list(call, app->parts.pg, current, WEEKS_LISTED, &stored, &n_stored);
    if (rc != QL_OK)
        return rc;
    weeks[n++] = (struct week_row){.week = current, .state = "OPEN"};
    for (size_t i = 0; i < n_stored && n < WEEKS_LISTED; i++)
        if (strcmp(stored[i].week, current) != 0)
            weeks[n++] = stored[i];
    return ql_page_fill(
        call, NULL,
        &(const struct ql_page_rows){
            .rows = weeks, .n_rows = n, .row_size = sizeof(*weeks), .to_message = week_to_pb},
        out, "weeks", &n_shown);
}

/* Those boards that have entries. */
static enum ql_code fill_boards(struct ql_call *call, const char *const *names, size_t n_names,
                                ListLeaderboardsResponse *out)
{
    struct evaluation *app = call->app;
    int32_t *totals = ql_arena_calloc(call->arena, n_names, sizeof(*totals));
    enum ql_code rc;

    out->boards = ql_arena_calloc(call->arena, n_names, sizeof(*out->boards));
    if (totals == NULL || out->boards == NULL)
        return ql_fail_memory(call);
    rc = board_pages_totals(call, &app->boards, names, n_names, totals);
    if (rc != QL_OK)
        return rc;
    for (size_t i = 0; i < n_names; i++) {
        BoardSummary *board = ql_arena_alloc(call->arena, sizeof(*board));

        if (board == NULL)
            return ql_fail_memory(call);
        BoardSummary_init(board);
        board->board = (char *)(uintptr_t)names[i];
        board->total = totals[i];
        if (totals[i] > 0)
            out->boards[out->n_boards++] = board;
    }
    return QL_OK;
}

static enum ql_code list_leaderboards(struct ql_call *call, const ListLeaderboardsRequest *in,
                                      ListLeaderboardsResponse *out)
{
    struct evaluation *app = call->app;
    struct ql_page page;
    const char **names;
    size_t n_names, n_shown;
    enum ql_code rc;

    rc = ql_page_read(call, in, QL_PAGE_SIZE_DEFAULT, &page);
    if (rc == QL_OK)
        rc = week_store_board_names(call, app->parts.pg, page.is_first ? "" : page.after,
                                    page.n_rows + 1, &names, &n_names);
    if (rc != QL_OK)
        return rc;
    n_shown = n_names > (size_t)page.n_rows ? (size_t)page.n_rows : n_names;
    rc = fill_boards(call, names, n_shown, out);
    if (rc == QL_OK && page.is_first)
        rc = fill_weeks(call, out);
    if (rc != QL_OK || n_names == n_shown)
        return rc;
    return ql_page_token(call, &page, names[n_shown - 1], &out->next_page_token);
}

/* Another epoch: boards of the one before are not followed any more, whoever keeps them. */
static enum ql_code rebuild_leaderboards(struct ql_call *call, const RebuildLeaderboardsRequest *in,
                                         RebuildLeaderboardsResponse *out)
{
    struct evaluation *app = call->app;
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    enum ql_code rc;

    (void)in;
    (void)out;
    rc = ql_pg_begin(call, app->parts.pg, &tx);
    if (rc == QL_OK)
        rc = change_store_new_epoch(call, tx);
    if (rc == QL_OK)
        rc = ql_audit_record(call, tx, "leaderboards", "all", NULL);
    if (rc == QL_OK)
        rc = ql_service_commit(call, &tx);
    if (rc == QL_OK)
        boards_wake(&app->boards);
    return rc;
}

QL_RPC_SERVE(LeaderboardService_GetRank, get_rank)
QL_RPC_SERVE(LeaderboardService_ListLeaderboards, list_leaderboards)
QL_RPC_SERVE(LeaderboardService_RebuildLeaderboards, rebuild_leaderboards)
