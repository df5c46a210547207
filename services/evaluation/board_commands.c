/* Commands of operators, each one transaction. */
#include "services/evaluation/board_commands.h"

#include "services/evaluation/boards/change_store.h"
#include "services/evaluation/boards/week_counted.h"
#include "services/evaluation/app/evaluation.h"
#include "services/evaluation/results/result_store.h"

enum ql_code board_commands_rebuild(struct ql_call *call, void *app)
{
    struct evaluation *evaluation = app;
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    enum ql_code rc;

    rc = ql_pg_begin(call, evaluation->parts.pg, &tx);
    if (rc != QL_OK)
        return rc;
    rc = change_store_new_epoch(call, tx);
    if (rc != QL_OK)
        return rc;
    return ql_pg_commit(call, &tx);
}

enum ql_code board_commands_close_week(struct ql_call *call, void *app)
{
    struct evaluation *evaluation = app;
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    enum ql_code rc;

    rc = ql_pg_begin(call, evaluation->parts.pg, &tx);
    if (rc != QL_OK)
        return rc;
    rc = result_store_lock(call, tx);
    if (rc != QL_OK)
        return rc;
    rc = week_close(call, tx, evaluation->closed_week);
    if (rc != QL_OK)
        return rc;
    return ql_pg_commit(call, &tx);
}
