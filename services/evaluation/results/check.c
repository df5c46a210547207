/* Comparing tables with what they are computed from. */
#include "services/evaluation/results/check.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "platform/base/clock.h"
#include "services/evaluation/app/evaluation.h"

#include "check_sql.h"

enum { COMMAND_TIMEOUT_MS = 24 * 3600 * 1000 };

static const struct ql_pg_statement *const statements[] = {&sql_check_results, &sql_check_boards,
                                                           &sql_check_weeks, &sql_check_quizzes};

static void map_difference(const struct ql_pg_rows *rows, size_t row, void *ret_element)
{
    struct check_difference *difference = ret_element;

    difference->table = ql_pg_text(rows, row, 1);
    difference->key = ql_pg_text(rows, row, 2);
    difference->stored = ql_pg_text(rows, row, 3);
    difference->computed = ql_pg_text(rows, row, 4);
}

static enum ql_code check_table(struct ql_call *call, struct ql_pg_tx *tx,
                                const struct ql_pg_statement *statement,
                                struct check_report *report)
{
    const char *const parameters[] = {ql_pg_from_int64(call, CHECK_LISTED_MAX)};
    struct check_difference *differences;
    struct ql_pg_rows rows;
    enum ql_code rc;

    rc = ql_pg_run(call, tx, statement, parameters, QL_ARRAY_LENGTH(parameters), &rows);
    if (rc != QL_OK || rows.n_rows == 0)
        return rc;
    differences = ql_pg_map(call, &rows, sizeof(*differences), map_difference);
    if (differences == NULL)
        return ql_fail_memory(call);
    memcpy(report->differences + report->n_listed, differences, rows.n_rows * sizeof(*differences));
    report->n_listed += rows.n_rows;
    report->n_differences += ql_pg_int64(&rows, 0, 0);
    return QL_OK;
}

enum ql_code check_run(struct ql_call *call, struct ql_pg_pool *pool,
                       struct check_report *ret_report)
{
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    enum ql_code rc;

    *ret_report = (struct check_report){
        .differences = ql_arena_calloc(call->arena, QL_ARRAY_LENGTH(statements) * CHECK_LISTED_MAX,
                                       sizeof(*ret_report->differences))};
    if (ret_report->differences == NULL)
        return ql_fail_memory(call);
    rc = ql_pg_begin(call, pool, &tx);
    if (rc != QL_OK)
        return rc;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(statements); i++) {
        rc = check_table(call, tx, statements[i], ret_report);
        if (rc != QL_OK)
            return rc;
    }
    return QL_OK;
}

enum ql_code check_command(struct ql_call *call, void *app)
{
    struct evaluation *evaluation = app;
    struct check_report report;
    enum ql_code rc;

    call->deadline_ms = ql_monotonic_ms() + COMMAND_TIMEOUT_MS;
    rc = check_run(call, evaluation->parts.pg, &report);
    if (rc != QL_OK)
        return rc;
    for (size_t i = 0; i < report.n_listed; i++)
        printf("%s %s\n  stored:   %s\n  computed: %s\n", report.differences[i].table,
               report.differences[i].key, report.differences[i].stored,
               report.differences[i].computed);
    printf("%" PRId64 " rows differ from what attempts come to\n", report.n_differences);
    if (report.n_differences == 0)
        return QL_OK;
    return ql_fail(call, QL_FAILED_PRECONDITION, "ROWS_DIFFER",
                   "%" PRId64 " rows differ from what attempts come to", report.n_differences);
}
