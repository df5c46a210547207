/* Totals of quizzes in PostgreSQL: bind, run. */
#include "services/user/quiz_stats.h"

#include "quiz_stats_sql.h"

/* The columns of reports, each as an array of the statement. */
enum { SEQUENCE, ATTEMPTS, QUIZZES, QUIZZES_PASSED, MILLIPOINTS, AVERAGE_BASIS_POINTS, N_NUMBERS };

static int64_t number_of(const struct quiz_stats *stats, int column)
{
    const int64_t numbers[N_NUMBERS] = {
        [SEQUENCE] = stats->sequence,       [ATTEMPTS] = stats->attempts,
        [QUIZZES] = stats->quizzes,         [QUIZZES_PASSED] = stats->quizzes_passed,
        [MILLIPOINTS] = stats->millipoints, [AVERAGE_BASIS_POINTS] = stats->average_basis_points,
    };

    return numbers[column];
}

static const char *column_array(struct ql_call *call, const struct quiz_stats_report *reports,
                                size_t n_reports, int column)
{
    int64_t *numbers = ql_arena_calloc(call->arena, n_reports, sizeof(*numbers));

    if (numbers == NULL)
        return NULL;
    for (size_t i = 0; i < n_reports; i++)
        numbers[i] = number_of(&reports[i].stats, column);
    return ql_pg_from_int64_array(call, numbers, n_reports);
}

/* Locks the accounts that are there and binds their ids. */
static enum ql_code lock_users(struct ql_call *call, struct ql_pg_tx *tx, const char *user_ids,
                               const char **ret_present)
{
    struct ql_pg_rows rows;
    const char **present;
    enum ql_code rc;

    rc = ql_pg_run(call, tx, &sql_quiz_stats_lock_users, &user_ids, 1, &rows);
    if (rc != QL_OK)
        return rc;
    present = ql_arena_calloc(call->arena, rows.n_rows + 1, sizeof(*present));
    if (present == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < rows.n_rows; i++)
        present[i] = ql_pg_text(&rows, i, 0);
    *ret_present = ql_pg_from_array(call, present, rows.n_rows);
    return QL_OK;
}

enum ql_code quiz_stats_put(struct ql_call *call, struct ql_pg_tx *tx,
                            const struct quiz_stats_report *reports, size_t n_reports)
{
    const char **user_ids = ql_arena_calloc(call->arena, n_reports + 1, sizeof(*user_ids));
    const char *parameters[N_NUMBERS + 2];
    enum ql_code rc;

    if (user_ids == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < n_reports; i++)
        user_ids[i] = reports[i].user_id;
    parameters[0] = ql_pg_from_array(call, user_ids, n_reports);
    for (int column = 0; column < N_NUMBERS; column++)
        parameters[1 + column] = column_array(call, reports, n_reports, column);
    rc = lock_users(call, tx, parameters[0], &parameters[N_NUMBERS + 1]);
    if (rc != QL_OK)
        return rc;
    return ql_pg_run(call, tx, &sql_quiz_stats_put, parameters, QL_ARRAY_LENGTH(parameters), NULL);
}

enum ql_code quiz_stats_delete(struct ql_call *call, struct ql_pg_tx *tx, const char *user_id)
{
    return ql_pg_run(call, tx, &sql_quiz_stats_delete, &user_id, 1, NULL);
}
