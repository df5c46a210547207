/* A connection's state: closing it, waiting for its socket, and its errors. */
#include "platform/pg/connection.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/base/clock.h"
#include "platform/pg/pg_metrics.h"

void qli_pg_connection_close(struct qli_pg_connection *connection)
{
    if (connection == NULL)
        return;
    PQfinish(connection->libpq);
    ql_metric_add(&qli_pg_connections, NULL, -1);
    qli_pg_prepared_done(&connection->prepared);
    free(connection);
}

short qli_pg_connection_events(const struct qli_pg_connection *connection)
{
    if (connection->connecting == PGRES_POLLING_WRITING)
        return POLLOUT;
    if (connection->connecting == PGRES_POLLING_OK && PQflush(connection->libpq) == 1)
        return POLLIN | POLLOUT;
    return POLLIN;
}

bool qli_pg_connection_wait(const struct qli_pg_connection *connection, short events,
                            int64_t until_ms)
{
    struct pollfd waited = {.fd = PQsocket(connection->libpq), .events = events};

    for (;;) {
        int64_t left = until_ms - ql_monotonic_ms();

        if (left <= 0)
            return false;
        if (left > INT32_MAX)
            left = INT32_MAX;
        if (poll(&waited, 1, (int)left) > 0)
            return true;
        /* EINTR or the time is up: the clock decides. */
    }
}

bool qli_pg_connection_is_idle(const struct qli_pg_connection *connection)
{
    return PQtransactionStatus(connection->libpq) == PQTRANS_IDLE;
}

void qli_pg_error_set(struct qli_pg_error *error, const char *sqlstate, const char *text)
{
    memset(error, 0, sizeof(*error));
    snprintf(error->sqlstate, sizeof(error->sqlstate), "%s", sqlstate);
    snprintf(error->text, sizeof(error->text), "%s", text);
    ql_metric_add(&qli_pg_errors, error->sqlstate, 1);
}

void qli_pg_error_read(struct qli_pg_error *error, const PGresult *result)
{
    const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *text = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    const char *constraint = PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME);

    if (text == NULL)
        text = PQresultErrorMessage(result);
    qli_pg_error_set(error, sqlstate != NULL ? sqlstate : "08006", text);
    if (constraint != NULL)
        snprintf(error->constraint, sizeof(error->constraint), "%s", constraint);
}
