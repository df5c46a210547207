/* LeaderboardService/GetLeaderboard: pages of boards. */
#include <inttypes.h>
#include <string.h>

#include "platform/base/digest.h"
#include "platform/pb/schema/message.h"
#include "platform/pb/wire/varint.h"
#include "platform/service/page.h"
#include "questline/evaluation/v1/server.h"
#include "services/evaluation/boards/board_metrics.h"
#include "services/evaluation/app/evaluation.h"
#include "services/evaluation/leaderboard_pb.h"

enum { KEY_DIGITS = 40, TOKEN_TAG = 7 << 3 | 2 };

/* GetLeaderboard, read and checked. */
struct page_request {
    struct evaluation *app;
    struct board board;
    struct board_start start;
    struct ql_page page;
    char key[KEY_DIGITS + 1]; /* of the page, whoever asks */
};

/* Tokens are bound to the week that the first page was of, and to no startRank, which is in
 * position of one. */
static enum ql_code read_page_request(struct ql_call *call, const GetLeaderboardRequest *in,
                                      struct page_request *ret)
{
    GetLeaderboardRequest bound = *in;
    char digest[QL_SHA256_HEX_SIZE];
    const char *text;
    enum ql_code rc;

    ret->app = call->app;
    rc = leaderboard_read_board(call, in->board, in->period, in->week, &ret->board);
    if (in->start_rank > 0 && in->page_token[0] != '\0')
        rc = ql_violate(call, "startRank", "goes with no pageToken");
    bound.start_rank = 0;
    bound.period = leaderboard_is_of_week(&ret->board) ? PERIOD_WEEK : PERIOD_ALL_TIME;
    bound.week = (char *)(uintptr_t)leaderboard_week(&ret->board);
    if (ql_page_read(call, &bound, QL_PAGE_SIZE_DEFAULT, &ret->page) != QL_OK)
        return call->status.code;
    if (rc != QL_OK)
        return rc;
    ret->start = (struct board_start){.n_before = in->start_rank > 0 ? in->start_rank - 1 : 0};
    if (!ret->page.is_first && !board_start_parse(ret->page.after, &ret->start))
        return ql_violate(call, "pageToken", "is of another list");
    text =
        ql_arena_printf(call->arena, "%s %s %d %" PRId32 " %s", ret->board.name, ret->board.period,
                        ret->page.n_rows, ret->start.n_before, ret->page.after);
    if (text == NULL)
        return ql_fail_memory(call);
    ql_sha256_hex(digest, text, strlen(text));
    memcpy(ret->key, digest, KEY_DIGITS);
    ret->key[KEY_DIGITS] = '\0';
    return QL_OK;
}

/* What is shared of a page: where the next one begins ("" for none), then the answer's wire
 * bytes without the token, which is the caller's own. */
struct shared_page {
    char next[BOARD_POSITION_TEXT_SIZE];
    uint8_t answer[];
};

static enum ql_code pack_page(struct ql_call *call, const struct page_request *request,
                              const struct board_answer *answer,
                              struct ql_singleflight_result *ret_result)
{
    const struct board_window *window = &answer->window;
    struct shared_page *shared;
    GetLeaderboardResponse out;
    size_t length;
    enum ql_code rc;

    GetLeaderboardResponse_init(&out);
    out.board = (char *)(uintptr_t)request->board.name;
    out.period = leaderboard_is_of_week(&request->board) ? PERIOD_WEEK : PERIOD_ALL_TIME;
    out.week = (char *)(uintptr_t)leaderboard_week(&request->board);
    out.state = leaderboard_state(answer->state);
    out.total = window->total;
    rc = leaderboard_fill_entries(call, window, &out);
    if (rc != QL_OK)
        return rc;
    length = sizeof(*shared) + GetLeaderboardResponse_pack_size(&out);
    shared = ql_arena_calloc(call->arena, 1, length);
    if (shared == NULL)
        return ql_fail_memory(call);
    (void)GetLeaderboardResponse_pack(&out, shared->answer);
    if (window->n_entries > 0 && window->first + (int32_t)window->n_entries < window->total)
        board_start_print(&window->entries[window->n_entries - 1], answer->state, shared->next);
    *ret_result = (struct ql_singleflight_result){.bytes = shared, .length = length};
    return QL_OK;
}

/* A ql_singleflight_load of a struct page_request. */
static enum ql_code load_page(struct ql_call *call, void *argument,
                              struct ql_singleflight_result *ret_result)
{
    const struct page_request *request = argument;
    struct board_answer answer;
    enum ql_code rc = board_pages_read(call, &request->app->boards, &request->board,
                                       &request->start, request->page.n_rows, &answer);

    if (rc != QL_OK)
        return rc;
    return pack_page(call, request, &answer, ret_result);
}

/* The answer from a page that is in memory, or false. */
static bool get_leaderboard_fast(struct ql_call *call, const GetLeaderboardRequest *in,
                                 struct ql_rpc_bytes *ret_out)
{
    struct ql_singleflight_result result;
    const struct shared_page *shared;
    struct page_request request;
    char *token = (char *)"";
    size_t length;
    uint8_t *at;

    if (read_page_request(call, in, &request) != QL_OK ||
        !ql_singleflight_find(call, request.app->boards.pages, request.key, &result))
        return false;
    shared = result.bytes;
    if (shared->next[0] != '\0' &&
        ql_page_token(call, &request.page, shared->next, &token) != QL_OK)
        return false;
    length = result.length - sizeof(*shared);
    at = ql_arena_alloc(call->arena, length + QL_SEALED_TEXT_SIZE + 16);
    if (at == NULL)
        return false;
    ret_out->data = at;
    memcpy(at, shared->answer, length);
    at += length;
    if (token[0] != '\0') {
        *at++ = TOKEN_TAG;
        at += ql_varint_write(at, strlen(token));
        memcpy(at, token, strlen(token));
        at += strlen(token);
    }
    ret_out->length = (size_t)(at - (const uint8_t *)ret_out->data);
    ql_metric_add(&board_reads_total, "memory", 1);
    return true;
}

static enum ql_code get_leaderboard(struct ql_call *call, const GetLeaderboardRequest *in,
                                    GetLeaderboardResponse *out)
{
    struct ql_singleflight_result result;
    const struct shared_page *shared;
    GetLeaderboardResponse *answer;
    struct page_request request;
    bool is_shared;
    enum ql_code rc;

    rc = read_page_request(call, in, &request);
    if (rc != QL_OK)
        return rc;
    rc = ql_singleflight_run(call, request.app->boards.pages, request.key, load_page, &request,
                             &result, &is_shared);
    if (rc != QL_OK)
        return rc;
    if (is_shared)
        ql_metric_add(&board_reads_total, "shared", 1);
    shared = result.bytes;
    rc = ql_message_unpack(call, &GetLeaderboardResponse_descriptor, shared->answer,
                           result.length - sizeof(*shared), &answer);
    if (rc != QL_OK)
        return rc;
    *out = *answer;
    if (shared->next[0] == '\0')
        return QL_OK;
    return ql_page_token(call, &request.page, shared->next, &out->next_page_token);
}

QL_RPC_SERVE_FAST(LeaderboardService_GetLeaderboard, get_leaderboard_fast, get_leaderboard)
