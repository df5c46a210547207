/* StatsService: what users have reached, and how questions work. Whose statistics a caller
 * may read is checked before we are called. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/pb/wire/timestamp.h"
#include "platform/service/page.h"
#include "questline/evaluation/v1/server.h"
#include "services/evaluation/app/evaluation.h"
#include "services/evaluation/stats/correlation.h"

#include "stats_sql.h"

enum { CATEGORIES_MAX = 1000, RELIABLE_FROM = 30, BASIS_POINTS = 10000, KEY_SIZE = 64 };

/* A row of a result, for what shows it. */
struct row {
    const struct ql_pg_rows *rows;
    size_t index;
};

/* Runs a statement, in one round trip. */
static enum ql_code read_rows(struct ql_call *call, const struct ql_pg_statement *statement,
                              const char *const *parameters, size_t n_parameters,
                              struct ql_pg_rows *ret_rows, struct row **ret_list)
{
    struct evaluation *app = call->app;
    enum ql_code rc;

    rc = ql_pg_look(call, app->parts.pg, statement, parameters, n_parameters, ret_rows);
    if (rc != QL_OK)
        return rc;
    *ret_list = ql_arena_calloc(call->arena, ret_rows->n_rows, sizeof(**ret_list));
    if (*ret_list == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < ret_rows->n_rows; i++)
        (*ret_list)[i] = (struct row){ret_rows, i};
    return QL_OK;
}

static int32_t int32_at(const struct row *row, size_t column)
{
    return (int32_t)ql_pg_int64(row->rows, row->index, column);
}

static void *category_message(struct ql_call *call, const void *element)
{
    const struct row *row = element;
    CategoryStats *pb = ql_arena_alloc(call->arena, sizeof(*pb));

    if (pb == NULL)
        return NULL;
    CategoryStats_init(pb);
    pb->category = (char *)ql_pg_text(row->rows, row->index, 0);
    pb->attempts = int32_at(row, 1);
    pb->quizzes = int32_at(row, 2);
    pb->quizzes_passed = int32_at(row, 3);
    pb->millipoints = int32_at(row, 4);
    pb->average_basis_points = int32_at(row, 5);
    pb->best_basis_points = int32_at(row, 6);
    pb->mean_duration_ms = ql_pg_int64(row->rows, row->index, 7);
    return pb;
}

static void fill_all(const struct row *row, UserStats *stats)
{
    stats->attempts = int32_at(row, 1);
    stats->quizzes = int32_at(row, 2);
    stats->quizzes_passed = int32_at(row, 3);
    stats->millipoints = int32_at(row, 4);
    stats->average_basis_points = int32_at(row, 5);
    stats->best_basis_points = int32_at(row, 6);
    stats->mean_duration_ms = ql_pg_int64(row->rows, row->index, 7);
}

/* GetUserStats: what a user has reached in all quizzes, and by category. */
static enum ql_code stats_rpc_get_user(struct ql_call *call, const GetUserStatsRequest *in,
                                       GetUserStatsResponse *out)
{
    const char *const parameters[] = {in->user_id, ql_pg_from_int64(call, 1 + CATEGORIES_MAX)};
    struct ql_pg_rows rows;
    struct row *list;
    size_t n_shown;
    enum ql_code rc;

    if (!ql_uuid_is_valid(in->user_id))
        return ql_violate(call, "userId", "is no UUID");
    out->stats = ql_arena_alloc(call->arena, sizeof(*out->stats));
    if (out->stats == NULL)
        return ql_fail_memory(call);
    UserStats_init(out->stats);
    out->stats->user_id = in->user_id;
    rc = read_rows(call, &sql_stats_of_user, parameters, QL_ARRAY_LENGTH(parameters), &rows, &list);
    if (rc != QL_OK)
        return rc;
    fill_all(&list[0], out->stats);
    return ql_page_fill(
        call, NULL,
        &(const struct ql_page_rows){list + 1, rows.n_rows - 1, sizeof(*list), category_message},
        out->stats, "categories", &n_shown);
}

static void *result_message(struct ql_call *call, const void *element)
{
    const struct row *row = element;
    QuizResult *pb = ql_arena_alloc(call->arena, sizeof(*pb));

    if (pb == NULL)
        return NULL;
    QuizResult_init(pb);
    pb->quiz_id = (char *)ql_pg_text(row->rows, row->index, 0);
    pb->category = (char *)ql_pg_text(row->rows, row->index, 1);
    pb->attempts = int32_at(row, 2);
    pb->passed = ql_pg_bool(row->rows, row->index, 3);
    pb->best_basis_points = int32_at(row, 4);
    pb->average_basis_points = int32_at(row, 5);
    pb->millipoints = int32_at(row, 6);
    pb->reached_at = ql_timestamp_new(call, ql_pg_int64(row->rows, row->index, 7));
    pb->last_submitted_at = ql_timestamp_new(call, ql_pg_int64(row->rows, row->index, 8));
    return pb->reached_at == NULL || pb->last_submitted_at == NULL ? NULL : pb;
}

/* ListQuizResults: what a user has reached in each quiz. */
static enum ql_code stats_rpc_list_results(struct ql_call *call, const ListQuizResultsRequest *in,
                                           ListQuizResultsResponse *out)
{
    struct ql_page page;
    struct ql_pg_rows rows;
    struct row *list;
    size_t n_shown;
    enum ql_code rc;

    if (!ql_uuid_is_valid(in->user_id))
        ql_violate(call, "userId", "is no UUID");
    rc = ql_page_read(call, in, QL_PAGE_SIZE_DEFAULT, &page);
    if (rc != QL_OK)
        return rc;
    rc = read_rows(call, &sql_stats_list_quiz_results,
                   (const char *const[]){in->user_id, ql_page_after_uuid(&page),
                                         ql_pg_from_int64(call, page.n_rows + 1)},
                   3, &rows, &list);
    if (rc != QL_OK)
        return rc;
    rc = ql_page_fill(
        call, &page, &(const struct ql_page_rows){list, rows.n_rows, sizeof(*list), result_message},
        out, "results", &n_shown);
    if (rc != QL_OK || n_shown == rows.n_rows)
        return rc;
    return ql_page_token(call, &page, ql_pg_text(&rows, n_shown - 1, 0), &out->next_page_token);
}

static void *question_message(struct ql_call *call, const void *element)
{
    const struct row *row = element;
    QuestionStats *pb = ql_arena_alloc(call->arena, sizeof(*pb));
    int64_t cells[9];
    struct correlation_sums sums;

    if (pb == NULL)
        return NULL;
    for (size_t column = 1; column < QL_ARRAY_LENGTH(cells); column++)
        cells[column] = ql_pg_int64(row->rows, row->index, column);
    sums = (struct correlation_sums){cells[2], cells[4], cells[5], cells[6], cells[7], cells[8]};
    QuestionStats_init(pb);
    pb->question_id = (char *)ql_pg_text(row->rows, row->index, 0);
    pb->question_revision = cells[1];
    pb->attempts = (int32_t)sums.n;
    pb->facility_basis_points = (int32_t)(sums.sum_x * BASIS_POINTS / (sums.n * cells[3]));
    pb->reliable = sums.n >= RELIABLE_FROM;
    if (correlation_of(&sums, &pb->discrimination_basis_points))
        pb->discrimination_case =
            QUESTLINE__EVALUATION__V1__QUESTION_STATS__DISCRIMINATION_DISCRIMINATION_BASIS_POINTS;
    return pb;
}

/* Where a page of questions begins: its token holds "<question id> <revision>". */
static void read_key(const struct ql_page *page, char ret_question_id[QL_UUID_SIZE],
                     int64_t *ret_revision)
{
    const char *revision = strchr(page->after, ' ');

    snprintf(ret_question_id, QL_UUID_SIZE, "%.36s", ql_page_after_uuid(page));
    *ret_revision = revision == NULL ? 0 : strtoll(revision + 1, NULL, 10);
}

/* ListQuestionStats: how the questions of a quiz work. */
static enum ql_code stats_rpc_list_questions(struct ql_call *call,
                                             const ListQuestionStatsRequest *in,
                                             ListQuestionStatsResponse *out)
{
    char question_id[QL_UUID_SIZE], key[KEY_SIZE];
    struct ql_page page;
    struct ql_pg_rows rows;
    struct row *list;
    int64_t revision;
    size_t n_shown;
    enum ql_code rc;

    rc = ql_page_read(call, in, QL_PAGE_SIZE_DEFAULT, &page);
    if (rc != QL_OK)
        return rc;
    read_key(&page, question_id, &revision);
    rc = read_rows(call, &sql_stats_list_questions,
                   (const char *const[]){in->quiz_id, question_id, ql_pg_from_int64(call, revision),
                                         ql_pg_from_int64(call, page.n_rows + 1)},
                   4, &rows, &list);
    if (rc != QL_OK)
        return rc;
    rc = ql_page_fill(
        call, &page,
        &(const struct ql_page_rows){list, rows.n_rows, sizeof(*list), question_message}, out,
        "questions", &n_shown);
    if (rc != QL_OK || n_shown == rows.n_rows)
        return rc;
    snprintf(key, sizeof(key), "%s %s", ql_pg_text(&rows, n_shown - 1, 0),
             ql_pg_text(&rows, n_shown - 1, 1));
    return ql_page_token(call, &page, key, &out->next_page_token);
}

QL_RPC_SERVE(StatsService_GetUserStats, stats_rpc_get_user)
QL_RPC_SERVE(StatsService_ListQuizResults, stats_rpc_list_results)
QL_RPC_SERVE(StatsService_ListQuestionStats, stats_rpc_list_questions)
