/* A connection: connecting, sending, waiting for the answer, preparing. */
#include "platform/pg/connection.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/base/clock.h"
#include "platform/pg/pg_metrics.h"

enum {
    PREPARED_MAX = 512,    /* further statements run unprepared */
    PREPARED_FIRST = 32,   /* slots of a new connection */
    PARAMETERS_MAX = 1024, /* of one statement; PostgreSQL's own limit is 65535 */
};

struct qli_pg_connection {
    PGconn *libpq;
    bool is_broken;
    struct qli_pg_error error;
    const struct ql_pg_statement **prepared;
    size_t n_prepared, prepared_capacity;
};

enum wait { READY, TIMED_OUT };

static enum wait wait_socket(int fd, short events, int64_t until_ms)
{
    struct pollfd waited = {.fd = fd, .events = events};

    for (;;) {
        int64_t left = until_ms - ql_monotonic_ms();

        if (left <= 0)
            return TIMED_OUT;
        if (left > INT32_MAX)
            left = INT32_MAX;
        if (poll(&waited, 1, (int)left) > 0)
            return READY;
        /* EINTR or the time is up: the clock decides. */
    }
}

static void error_set(struct qli_pg_error *error, const char *sqlstate, const char *text)
{
    memset(error, 0, sizeof(*error));
    snprintf(error->sqlstate, sizeof(error->sqlstate), "%s", sqlstate);
    snprintf(error->text, sizeof(error->text), "%s", text);
    ql_metric_add(&qli_pg_errors, error->sqlstate, 1);
}

/* libpq would print notices to standard error, where only the log may write. */
static void drop_notice(void *argument, const PGresult *result)
{
    (void)argument;
    (void)result;
}

static PGconn *connect_start(const char *url, const char *application_name)
{
    /* What stands before dbname may be overridden by the URL, what follows may not. */
    const char *const keys[] = {"gssencmode",       "tcp_user_timeout", "dbname",
                                "application_name", "client_encoding",  NULL};
    const char *const values[] = {"disable", "30000", url, application_name, "UTF8", NULL};

    return PQconnectStartParams(keys, values, 1);
}

/* Returns true when connected. */
static bool connect_finish(PGconn *libpq, int64_t until_ms, struct qli_pg_error *ret_error)
{
    PostgresPollingStatusType step = PGRES_POLLING_WRITING;

    if (PQstatus(libpq) == CONNECTION_BAD)
        step = PGRES_POLLING_FAILED;
    while (step == PGRES_POLLING_READING || step == PGRES_POLLING_WRITING) {
        /* The socket is another one when the next address is tried. */
        short events = step == PGRES_POLLING_READING ? POLLIN : POLLOUT;

        if (wait_socket(PQsocket(libpq), events, until_ms) == TIMED_OUT) {
            error_set(ret_error, "08001", "no answer to the connection attempt");
            return false;
        }
        step = PQconnectPoll(libpq);
    }
    if (step == PGRES_POLLING_OK && PQsetnonblocking(libpq, 1) == 0)
        return true;
    error_set(ret_error, "08001", PQerrorMessage(libpq));
    return false;
}

struct qli_pg_connection *qli_pg_connection_open(const char *url, const char *application_name,
                                                 int64_t until_ms, struct qli_pg_error *ret_error)
{
    struct qli_pg_connection *connection = calloc(1, sizeof(*connection));

    qli_pg_metrics_register();
    if (connection != NULL)
        connection->libpq = connect_start(url, application_name);
    if (connection == NULL || connection->libpq == NULL) {
        error_set(ret_error, "53200", "out of memory");
        free(connection);
        return NULL;
    }
    ql_metric_add(&qli_pg_connections, NULL, 1);
    PQsetNoticeReceiver(connection->libpq, drop_notice, NULL);
    if (!connect_finish(connection->libpq, until_ms, ret_error)) {
        qli_pg_connection_close(connection);
        return NULL;
    }
    return connection;
}

void qli_pg_connection_close(struct qli_pg_connection *connection)
{
    if (connection == NULL)
        return;
    PQfinish(connection->libpq);
    ql_metric_add(&qli_pg_connections, NULL, -1);
    free(connection->prepared);
    free(connection);
}

bool qli_pg_connection_is_broken(const struct qli_pg_connection *connection)
{
    return connection->is_broken;
}

void qli_pg_connection_break(struct qli_pg_connection *connection)
{
    connection->is_broken = true;
}

bool qli_pg_connection_is_idle(const struct qli_pg_connection *connection)
{
    return PQtransactionStatus(connection->libpq) == PQTRANS_IDLE;
}

const struct qli_pg_error *qli_pg_connection_error(const struct qli_pg_connection *connection)
{
    return &connection->error;
}

/* What the server said before it went is worth more than that it went. */
static void lose(struct qli_pg_connection *connection, const char *text)
{
    connection->is_broken = true;
    if (connection->error.sqlstate[0] == '\0')
        error_set(&connection->error, "08006", text);
}

/* Pushes out what is buffered; reads meanwhile, since a server that waits for us
 * to read does not read itself. */
static bool flush(struct qli_pg_connection *connection, int64_t until_ms)
{
    int pending;

    while ((pending = PQflush(connection->libpq)) == 1) {
        if (wait_socket(PQsocket(connection->libpq), POLLIN | POLLOUT, until_ms) == TIMED_OUT) {
            lose(connection, "no answer in time");
            return false;
        }
        if (PQconsumeInput(connection->libpq) == 0)
            break;
    }
    if (pending == 0)
        return true;
    lose(connection, PQerrorMessage(connection->libpq));
    return false;
}

/* The next result of the request, NULL at its end or when the connection broke. */
static PGresult *next_result(struct qli_pg_connection *connection, int64_t until_ms)
{
    while (PQisBusy(connection->libpq)) {
        if (wait_socket(PQsocket(connection->libpq), POLLIN, until_ms) == TIMED_OUT) {
            lose(connection, "no answer in time");
            return NULL;
        }
        if (PQconsumeInput(connection->libpq) == 0) {
            lose(connection, PQerrorMessage(connection->libpq));
            return NULL;
        }
    }
    return PQgetResult(connection->libpq);
}

static void error_from_result(struct qli_pg_connection *connection, const PGresult *result)
{
    const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *text = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    const char *constraint = PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME);

    if (text == NULL)
        text = PQresultErrorMessage(result);
    error_set(&connection->error, sqlstate != NULL ? sqlstate : "08006", text);
    if (constraint != NULL)
        snprintf(connection->error.constraint, sizeof(connection->error.constraint), "%s",
                 constraint);
}

static bool is_success(const PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);

    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY;
}

/* True for what COPY leaves behind: a conversation this room does not speak. */
static bool is_copy(const PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);

    return status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH;
}

/* Waits for all results of the request just sent; the first error wins. */
static PGresult *finish(struct qli_pg_connection *connection, int sent, int64_t until_ms)
{
    PGresult *last = NULL, *result;

    connection->error = (struct qli_pg_error){0};
    if (sent == 0)
        lose(connection, PQerrorMessage(connection->libpq));
    else if (flush(connection, until_ms)) {
        while ((result = next_result(connection, until_ms)) != NULL) {
            PQclear(last);
            last = result;
            if (is_success(result) || connection->error.sqlstate[0] != '\0')
                continue;
            error_from_result(connection, result);
            if (is_copy(result)) {
                connection->is_broken = true;
                break;
            }
        }
    }
    if (PQstatus(connection->libpq) == CONNECTION_BAD)
        connection->is_broken = true;
    if (last == NULL && connection->error.sqlstate[0] == '\0')
        lose(connection, "no result");
    if (connection->error.sqlstate[0] == '\0')
        return last;
    PQclear(last);
    return NULL;
}

PGresult *qli_pg_connection_exec(struct qli_pg_connection *connection, const char *sql,
                                 int64_t until_ms)
{
    return finish(connection, PQsendQuery(connection->libpq, sql), until_ms);
}

static const struct ql_pg_statement *find_prepared(const struct qli_pg_connection *connection,
                                                   const struct ql_pg_statement *statement)
{
    for (size_t i = 0; i < connection->n_prepared; i++)
        if (connection->prepared[i] == statement ||
            strcmp(connection->prepared[i]->name, statement->name) == 0)
            return connection->prepared[i];
    return NULL;
}

static bool reserve_prepared(struct qli_pg_connection *connection)
{
    size_t capacity = connection->prepared_capacity * 2;
    const struct ql_pg_statement **grown;

    if (connection->n_prepared < connection->prepared_capacity)
        return true;
    if (capacity == 0)
        capacity = PREPARED_FIRST;
    if (capacity > PREPARED_MAX)
        return false;
    grown = realloc(connection->prepared, capacity * sizeof(*grown));
    if (grown == NULL)
        return false;
    connection->prepared = grown;
    connection->prepared_capacity = capacity;
    return true;
}

/* A prepared statement outlives the transaction it was made in, even one that is
 * rolled back, so it is remembered as soon as the server has confirmed it. */
static bool prepare(struct qli_pg_connection *connection, const struct ql_pg_statement *statement,
                    int64_t until_ms)
{
    int sent = PQsendPrepare(connection->libpq, statement->name, statement->text, 0, NULL);
    PGresult *result = finish(connection, sent, until_ms);

    if (result == NULL)
        return false;
    PQclear(result);
    connection->prepared[connection->n_prepared++] = statement;
    return true;
}

PGresult *qli_pg_connection_run(struct qli_pg_connection *connection,
                                const struct ql_pg_statement *statement,
                                const char *const *parameters, size_t n_parameters,
                                int64_t until_ms)
{
    const struct ql_pg_statement *prepared = find_prepared(connection, statement);
    PGconn *libpq = connection->libpq;
    int n = (int)n_parameters, sent;
    bool is_named = true;

    if (n_parameters > PARAMETERS_MAX) {
        error_set(&connection->error, "54023", "too many parameters");
        return NULL;
    }
    if (prepared == NULL) {
        is_named = reserve_prepared(connection);
        if (is_named && !prepare(connection, statement, until_ms))
            return NULL;
    } else if (prepared != statement && strcmp(prepared->text, statement->text) != 0) {
        is_named = false; /* a name used twice must not run the wrong one */
    }
    if (is_named)
        sent = PQsendQueryPrepared(libpq, statement->name, n, parameters, NULL, NULL, 0);
    else
        sent = PQsendQueryParams(libpq, statement->text, n, NULL, parameters, NULL, NULL, 0);
    return finish(connection, sent, until_ms);
}
