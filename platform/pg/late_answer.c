/* Reading the results of a request that ended late, then of the ROLLBACK behind it. */
#include "platform/pg/late_answer.h"

#include "platform/pg/request.h"

/* The request is answered to its end; an open transaction is rolled back by a
 * further one. */
static enum qli_pg_progress late_request_ended(struct qli_pg_connection *connection)
{
    PGTransactionStatusType status = PQtransactionStatus(connection->libpq);

    if (connection->preparing != NULL && !connection->late_failed)
        qli_pg_prepared_add(&connection->prepared, connection->preparing);
    connection->preparing = NULL;
    connection->late_failed = false;
    connection->has_answered = true;
    if (status == PQTRANS_IDLE) {
        connection->is_late = false;
        return QLI_PG_FINISHED;
    }
    if (status != PQTRANS_INTRANS && status != PQTRANS_INERROR)
        return QLI_PG_FAILED;
    return PQsendQuery(connection->libpq, "ROLLBACK") == 1 ? QLI_PG_WAITING : QLI_PG_FAILED;
}

enum qli_pg_progress qli_pg_late_answer_step(struct qli_pg_connection *connection)
{
    enum qli_pg_progress progress = QLI_PG_WAITING;
    PGresult *result;

    if (connection->is_broken || PQconsumeInput(connection->libpq) == 0)
        return QLI_PG_FAILED;
    while (progress == QLI_PG_WAITING) {
        if (PQflush(connection->libpq) < 0)
            return QLI_PG_FAILED;
        if (PQisBusy(connection->libpq))
            return QLI_PG_WAITING;
        result = PQgetResult(connection->libpq);
        if (result == NULL) {
            progress = late_request_ended(connection);
            continue;
        }
        connection->late_failed = connection->late_failed || !qli_pg_result_is_success(result);
        progress = qli_pg_result_is_copy(result) ? QLI_PG_FAILED : QLI_PG_WAITING;
        PQclear(result);
    }
    return progress;
}
