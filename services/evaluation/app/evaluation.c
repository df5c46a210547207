/* Starting and stopping what evaluation has beyond the standard parts. */
#include "services/evaluation/app/evaluation.h"

#include "migrations_sql.h"

/* Enough for the largest event and its texts in the form that they are compared in. */
static const size_t scratch_limit = (size_t)32 * 1024 * 1024;

enum ql_code evaluation_start(struct ql_call *call, void *app)
{
    struct evaluation *evaluation = app;

    evaluation->scratch = ql_arena_new(scratch_limit);
    if (evaluation->scratch == NULL)
        return ql_fail(call, QL_RESOURCE_EXHAUSTED, "START_FAILED",
                       "no memory for the first attempt");
    return boards_open(call, &evaluation->boards, evaluation->parts.pg, evaluation->parts.redis);
}

void evaluation_stop(void *app)
{
    struct evaluation *evaluation = app;

    boards_close(&evaluation->boards);
    ql_arena_freep(&evaluation->scratch);
}

const struct ql_pg_migration *evaluation_migrations(void)
{
    return sql_migrations;
}
