/* Sending, waiting for every result, and preparing statements on the way. */
#include "platform/pg/request.h"

#include <poll.h>
#include <string.h>

#include "platform/base/clock.h"

enum { PARAMETERS_MAX = 1024 }; /* of one statement; PostgreSQL's own limit is 65535 */

/* What the server said before it went is worth more than that it went. */
static void set_lost(struct qli_pg_connection *connection, const char *text)
{
    connection->is_broken = true;
    if (connection->error.sqlstate[0] == '\0')
        qli_pg_error_set(&connection->error, "08006", text);
}

/* The answer may still come. Until it has been read off, nothing else can be asked. */
static void set_late(struct qli_pg_connection *connection)
{
    connection->is_late = true;
    if (connection->error.sqlstate[0] == '\0')
        qli_pg_error_set(&connection->error, "08006", "no answer in time");
}

/* Pushes out what is buffered; reads meanwhile, since a server that waits for us
 * to read does not read itself. */
static bool flush_request(struct qli_pg_connection *connection, int64_t until_ms)
{
    int pending;

    while ((pending = PQflush(connection->libpq)) == 1) {
        if (!qli_pg_connection_wait(connection, POLLIN | POLLOUT, until_ms)) {
            set_late(connection);
            return false;
        }
        if (PQconsumeInput(connection->libpq) == 0)
            break;
    }
    if (pending == 0)
        return true;
    set_lost(connection, PQerrorMessage(connection->libpq));
    return false;
}

/* The next result of the request, NULL at its end or when the connection broke. */
static PGresult *next_result(struct qli_pg_connection *connection, int64_t until_ms)
{
    while (PQisBusy(connection->libpq)) {
        if (!qli_pg_connection_wait(connection, POLLIN, until_ms)) {
            set_late(connection);
            return NULL;
        }
        if (PQconsumeInput(connection->libpq) == 0) {
            set_lost(connection, PQerrorMessage(connection->libpq));
            return NULL;
        }
    }
    return PQgetResult(connection->libpq);
}

bool qli_pg_result_is_success(const PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);

    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY;
}

bool qli_pg_result_is_copy(const PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);

    return status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH;
}

/* Waits for all results of the request just sent; the first error wins. */
static PGresult *wait_for_results(struct qli_pg_connection *connection, int sent, int64_t until_ms)
{
    PGresult *last = NULL, *result;

    connection->error = (struct qli_pg_error){0};
    if (sent == 0)
        set_lost(connection, PQerrorMessage(connection->libpq));
    else if (flush_request(connection, until_ms)) {
        while ((result = next_result(connection, until_ms)) != NULL) {
            PQclear(last);
            last = result;
            if (qli_pg_result_is_success(result) || connection->error.sqlstate[0] != '\0')
                continue;
            qli_pg_error_read(&connection->error, result);
            if (qli_pg_result_is_copy(result)) {
                connection->is_broken = true;
                break;
            }
        }
    }
    if (PQstatus(connection->libpq) == CONNECTION_BAD)
        connection->is_broken = true;
    if (last == NULL && connection->error.sqlstate[0] == '\0')
        set_lost(connection, "no result");
    connection->has_answered = connection->has_answered || !connection->is_late;
    if (connection->error.sqlstate[0] == '\0')
        return last;
    PQclear(last);
    return NULL;
}

/* What cannot be answered in time is not sent: it would only cost the connection.
 * The code is the one of a statement that took too long. */
static bool may_send(struct qli_pg_connection *connection, int64_t until_ms)
{
    if (connection->is_late || connection->is_broken)
        qli_pg_error_set(&connection->error, "08006", "the connection is not usable");
    else if (ql_monotonic_ms() >= until_ms)
        qli_pg_error_set(&connection->error, "57014", "no time was left to send the request");
    else
        return true;
    return false;
}

PGresult *qli_pg_request_exec(struct qli_pg_connection *connection, const char *sql,
                              int64_t until_ms)
{
    if (!may_send(connection, until_ms))
        return NULL;
    return wait_for_results(connection, PQsendQuery(connection->libpq, sql), until_ms);
}

/* A prepared statement outlives the transaction it was made in, even one that is
 * rolled back, so it is remembered as soon as the server has confirmed it. */
static bool prepare_statement(struct qli_pg_connection *connection,
                              const struct ql_pg_statement *statement, int64_t until_ms)
{
    int sent = PQsendPrepare(connection->libpq, statement->name, statement->text, 0, NULL);
    PGresult *result;

    connection->preparing = statement;
    result = wait_for_results(connection, sent, until_ms);
    if (connection->is_late)
        return false; /* whether it was prepared is found out when the answer is read off */
    connection->preparing = NULL;
    if (result == NULL)
        return false;
    PQclear(result);
    qli_pg_prepared_add(&connection->prepared, statement);
    return true;
}

PGresult *qli_pg_request_run(struct qli_pg_connection *connection,
                             const struct ql_pg_statement *statement, const char *const *parameters,
                             size_t n_parameters, int64_t until_ms)
{
    const struct ql_pg_statement *prepared = qli_pg_prepared_find(&connection->prepared, statement);
    PGconn *libpq = connection->libpq;
    int n = (int)n_parameters, sent;
    bool is_named = !connection->is_pooled;

    if (n_parameters > PARAMETERS_MAX) {
        qli_pg_error_set(&connection->error, "54023", "too many parameters");
        return NULL;
    }
    if (!may_send(connection, until_ms))
        return NULL;
    if (is_named && prepared == NULL) {
        is_named = qli_pg_prepared_reserve(&connection->prepared);
        if (is_named && !prepare_statement(connection, statement, until_ms))
            return NULL;
    } else if (is_named && prepared != statement && strcmp(prepared->text, statement->text) != 0) {
        is_named = false; /* a name used twice must not run the wrong one */
    }
    if (is_named)
        sent = PQsendQueryPrepared(libpq, statement->name, n, parameters, NULL, NULL, 0);
    else
        sent = PQsendQueryParams(libpq, statement->text, n, NULL, parameters, NULL, NULL, 0);
    return wait_for_results(connection, sent, until_ms);
}
