/* Sums of quizzes and of questions, and totals of users. */
#include "services/evaluation/results/sums_store.h"

#include <string.h>

#include "sums_sql.h"

enum { FIRST_ORDINAL = 1, QUIZ_COLUMNS = 4, QUESTION_COLUMNS = 6 };

static void read_figures(const struct ql_pg_rows *rows, size_t row, struct quiz_sums *quizzes,
                         size_t n_quizzes)
{
    for (size_t i = 0; i < n_quizzes; i++) {
        if (strcmp(quizzes[i].quiz_id, ql_pg_text(rows, row, 0)) != 0)
            continue;
        quizzes[i].players = (int32_t)ql_pg_int64(rows, row, 1);
        quizzes[i].attempts = (int32_t)ql_pg_int64(rows, row, 2);
        quizzes[i].passed_attempts = (int32_t)ql_pg_int64(rows, row, 3);
        quizzes[i].average_basis_points = (int32_t)ql_pg_int64(rows, row, 4);
    }
}

enum ql_code sums_store_add_quizzes(struct ql_call *call, struct ql_pg_tx *tx,
                                    struct quiz_sums *quizzes, size_t n_quizzes)
{
    const char **ids = ql_arena_calloc(call->arena, n_quizzes, sizeof(*ids));
    int64_t *cells = ql_arena_calloc(call->arena, QUIZ_COLUMNS * n_quizzes, sizeof(*cells));
    const char *parameters[1 + QUIZ_COLUMNS];
    struct ql_pg_rows rows;
    enum ql_code rc;

    if (ids == NULL || cells == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < n_quizzes; i++) {
        ids[i] = quizzes[i].quiz_id;
        cells[i] = quizzes[i].n_players;
        cells[n_quizzes + i] = quizzes[i].n_attempts;
        cells[2 * n_quizzes + i] = quizzes[i].n_passed;
        cells[3 * n_quizzes + i] = quizzes[i].sum_basis_points;
    }
    parameters[0] = ql_pg_from_array(call, ids, n_quizzes);
    for (size_t column = 0; column < QUIZ_COLUMNS; column++)
        parameters[1 + column] =
            ql_pg_from_int64_array(call, cells + column * n_quizzes, n_quizzes);
    rc = ql_pg_run(call, tx, &sql_sums_add_quizzes, parameters, QL_ARRAY_LENGTH(parameters), &rows);
    if (rc != QL_OK)
        return rc;
    for (size_t row = 0; row < rows.n_rows; row++)
        read_figures(&rows, row, quizzes, n_quizzes);
    return QL_OK;
}

static size_t count_questions(const struct attempt_list *attempts)
{
    size_t n = 0;

    for (size_t i = 0; i < attempts->n; i++)
        if (attempts->attempts[i]->ordinal == FIRST_ORDINAL)
            n += attempts->attempts[i]->score.n_items;
    return n;
}

/* The share that was reached of the attempt without one of its questions. */
static int32_t share_of_rest(const struct score *score, size_t left_out)
{
    int64_t millipoints = 0, max_millipoints = 0;

    for (size_t i = 0; i < score->n_items; i++) {
        if (i == left_out)
            continue;
        millipoints += score->items[i].millipoints;
        max_millipoints += score->items[i].max_millipoints;
    }
    return score_basis_points(millipoints, max_millipoints);
}

/* The columns of a question, n cells apart. */
static void fill_question(struct ql_call *call, const struct attempt *attempt, size_t index,
                          const char **cells, size_t n)
{
    const struct score_item *item = &attempt->score.items[index];

    cells[0] = attempt->quiz_id;
    cells[n] = attempt->questions[index].question_id;
    cells[2 * n] = ql_pg_from_int64(call, attempt->questions[index].revision);
    cells[3 * n] = ql_pg_from_int64(call, item->max_millipoints);
    cells[4 * n] = ql_pg_from_int64(call, item->millipoints);
    cells[5 * n] = ql_pg_from_int64(call, share_of_rest(&attempt->score, index));
}

enum ql_code sums_store_add_questions(struct ql_call *call, struct ql_pg_tx *tx,
                                      const struct attempt_list *attempts)
{
    size_t n = count_questions(attempts), row = 0;
    const char **cells = ql_arena_calloc(call->arena, QUESTION_COLUMNS * n, sizeof(*cells));
    const char *parameters[QUESTION_COLUMNS];

    if (n == 0)
        return QL_OK;
    if (cells == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < attempts->n; i++) {
        const struct attempt *attempt = attempts->attempts[i];

        if (attempt->ordinal != FIRST_ORDINAL)
            continue;
        for (size_t index = 0; index < attempt->score.n_items; index++)
            fill_question(call, attempt, index, cells + row++, n);
    }
    for (size_t column = 0; column < QUESTION_COLUMNS; column++)
        parameters[column] = ql_pg_from_array(call, cells + column * n, n);
    return ql_pg_run(call, tx, &sql_sums_add_questions, parameters, QUESTION_COLUMNS, NULL);
}

static void map_totals(const struct ql_pg_rows *rows, size_t row, void *ret_element)
{
    struct user_totals *totals = ret_element;

    totals->user_id = ql_pg_text(rows, row, 0);
    totals->sequence = ql_pg_int64(rows, row, 1);
    totals->attempts = (int32_t)ql_pg_int64(rows, row, 2);
    totals->quizzes = (int32_t)ql_pg_int64(rows, row, 3);
    totals->quizzes_passed = (int32_t)ql_pg_int64(rows, row, 4);
    totals->millipoints = (int32_t)ql_pg_int64(rows, row, 5);
    totals->average_basis_points = (int32_t)ql_pg_int64(rows, row, 6);
}

enum ql_code sums_store_list_totals(struct ql_call *call, struct ql_pg_tx *tx,
                                    const struct attempt_list *attempts,
                                    struct user_totals **ret_totals, size_t *ret_n_totals)
{
    const char **ids = ql_arena_calloc(call->arena, attempts->n, sizeof(*ids));
    struct ql_pg_rows rows;
    enum ql_code rc;

    if (ids == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < attempts->n; i++)
        ids[i] = attempts->attempts[i]->user_id;
    rc = ql_pg_run(call, tx, &sql_sums_list_totals,
                   (const char *const[]){ql_pg_from_array(call, ids, attempts->n)}, 1, &rows);
    if (rc != QL_OK)
        return rc;
    *ret_totals = ql_pg_map(call, &rows, sizeof(**ret_totals), map_totals);
    *ret_n_totals = rows.n_rows;
    return *ret_totals == NULL ? ql_fail_memory(call) : QL_OK;
}
