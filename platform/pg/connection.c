/* A connection: connecting, sending, waiting for the answer, preparing, and
 * reading off an answer that came too late for whoever asked. */
#include "platform/pg/connection.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/base/clock.h"
#include "platform/pg/pg_metrics.h"
#include "platform/pg/prepared.h"

enum { PARAMETERS_MAX = 1024 }; /* of one statement; PostgreSQL's own limit is 65535 */

struct qli_pg_connection {
    PGconn *libpq;
    PostgresPollingStatusType connecting; /* what PQconnectPoll waits for */
    bool is_probing; /* connected, and asked which process of the server this is */
    bool is_pooled;
    bool is_broken;
    bool is_late;      /* the answer to the last request was not read to its end */
    bool has_answered; /* at least one request */
    bool late_failed;  /* while reading off: a result of the request was a failure */
    struct qli_pg_error error;
    struct qli_pg_prepared prepared;
    const struct ql_pg_statement *preparing; /* sent, and not yet known to be prepared */
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

struct qli_pg_connection *qli_pg_connection_start(const char *url, const char *application_name,
                                                  struct qli_pg_error *ret_error)
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
    connection->connecting = PGRES_POLLING_WRITING;
    if (PQstatus(connection->libpq) != CONNECTION_BAD)
        return connection;
    error_set(ret_error, "08001", PQerrorMessage(connection->libpq));
    qli_pg_connection_close(connection);
    return NULL;
}

short qli_pg_connection_events(const struct qli_pg_connection *connection)
{
    if (connection->connecting == PGRES_POLLING_WRITING)
        return POLLOUT;
    if (connection->connecting == PGRES_POLLING_OK && PQflush(connection->libpq) == 1)
        return POLLIN | POLLOUT;
    return POLLIN;
}

int qli_pg_connection_socket(const struct qli_pg_connection *connection)
{
    return PQsocket(connection->libpq);
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

/* A server names the process that serves a connection twice: when it connects, and
 * when asked. A pooler cannot know the second when it says the first. */
static enum qli_pg_progress probe_step(struct qli_pg_connection *connection)
{
    PGconn *libpq = connection->libpq;
    enum qli_pg_progress progress = QLI_PG_FAILED;
    PGresult *result;

    if (PQconsumeInput(libpq) == 0 || PQflush(libpq) < 0) {
        error_set(&connection->error, "08001", PQerrorMessage(libpq));
        return QLI_PG_FAILED;
    }
    while (!PQisBusy(libpq)) {
        result = PQgetResult(libpq);
        if (result == NULL)
            return progress;
        if (PQresultStatus(result) == PGRES_TUPLES_OK) {
            connection->is_pooled =
                strtol(PQgetvalue(result, 0, 0), NULL, 10) != PQbackendPID(libpq);
            progress = QLI_PG_FINISHED;
        } else {
            error_from_result(connection, result);
        }
        PQclear(result);
    }
    return QLI_PG_WAITING;
}

enum qli_pg_progress qli_pg_connection_connect_step(struct qli_pg_connection *connection)
{
    if (connection->is_probing)
        return probe_step(connection);
    connection->connecting = PQconnectPoll(connection->libpq);
    if (connection->connecting == PGRES_POLLING_READING ||
        connection->connecting == PGRES_POLLING_WRITING)
        return QLI_PG_WAITING;
    connection->is_probing = connection->connecting == PGRES_POLLING_OK &&
                             PQsetnonblocking(connection->libpq, 1) == 0 &&
                             PQsendQuery(connection->libpq, "SELECT pg_backend_pid()") == 1;
    if (connection->is_probing)
        return QLI_PG_WAITING;
    error_set(&connection->error, "08001", PQerrorMessage(connection->libpq));
    return QLI_PG_FAILED;
}

struct qli_pg_connection *qli_pg_connection_open(const char *url, const char *application_name,
                                                 int64_t until_ms, struct qli_pg_error *ret_error)
{
    struct qli_pg_connection *connection =
        qli_pg_connection_start(url, application_name, ret_error);
    enum qli_pg_progress progress = QLI_PG_WAITING;

    while (connection != NULL && progress == QLI_PG_WAITING) {
        /* The socket is another one when the next address is tried. */
        if (wait_socket(PQsocket(connection->libpq), qli_pg_connection_events(connection),
                        until_ms) == TIMED_OUT) {
            error_set(&connection->error, "08001", "no answer to the connection attempt");
            progress = QLI_PG_FAILED;
        } else {
            progress = qli_pg_connection_connect_step(connection);
        }
    }
    if (connection == NULL || progress == QLI_PG_FINISHED)
        return connection;
    *ret_error = connection->error;
    qli_pg_connection_close(connection);
    return NULL;
}

void qli_pg_connection_close(struct qli_pg_connection *connection)
{
    if (connection == NULL)
        return;
    PQfinish(connection->libpq);
    ql_metric_add(&qli_pg_connections, NULL, -1);
    qli_pg_prepared_done(&connection->prepared);
    free(connection);
}

bool qli_pg_connection_is_broken(const struct qli_pg_connection *connection)
{
    return connection->is_broken;
}

bool qli_pg_connection_is_pooled(const struct qli_pg_connection *connection)
{
    return connection->is_pooled;
}

bool qli_pg_connection_is_late(const struct qli_pg_connection *connection)
{
    return connection->is_late;
}

bool qli_pg_connection_has_answered(const struct qli_pg_connection *connection)
{
    return connection->has_answered;
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

/* The answer may still come. Until it has been read off, nothing else can be asked. */
static void give_up(struct qli_pg_connection *connection)
{
    connection->is_late = true;
    if (connection->error.sqlstate[0] == '\0')
        error_set(&connection->error, "08006", "no answer in time");
}

/* Pushes out what is buffered; reads meanwhile, since a server that waits for us
 * to read does not read itself. */
static bool flush(struct qli_pg_connection *connection, int64_t until_ms)
{
    int pending;

    while ((pending = PQflush(connection->libpq)) == 1) {
        if (wait_socket(PQsocket(connection->libpq), POLLIN | POLLOUT, until_ms) == TIMED_OUT) {
            give_up(connection);
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
            give_up(connection);
            return NULL;
        }
        if (PQconsumeInput(connection->libpq) == 0) {
            lose(connection, PQerrorMessage(connection->libpq));
            return NULL;
        }
    }
    return PQgetResult(connection->libpq);
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
        error_set(&connection->error, "08006", "the connection is not usable");
    else if (ql_monotonic_ms() >= until_ms)
        error_set(&connection->error, "57014", "no time was left to send the request");
    else
        return true;
    return false;
}

PGresult *qli_pg_connection_exec(struct qli_pg_connection *connection, const char *sql,
                                 int64_t until_ms)
{
    if (!may_send(connection, until_ms))
        return NULL;
    return finish(connection, PQsendQuery(connection->libpq, sql), until_ms);
}

/* A prepared statement outlives the transaction it was made in, even one that is
 * rolled back, so it is remembered as soon as the server has confirmed it. */
static bool prepare(struct qli_pg_connection *connection, const struct ql_pg_statement *statement,
                    int64_t until_ms)
{
    int sent = PQsendPrepare(connection->libpq, statement->name, statement->text, 0, NULL);
    PGresult *result;

    connection->preparing = statement;
    result = finish(connection, sent, until_ms);
    if (connection->is_late)
        return false; /* whether it was prepared is found out when the answer is read off */
    connection->preparing = NULL;
    if (result == NULL)
        return false;
    PQclear(result);
    qli_pg_prepared_add(&connection->prepared, statement);
    return true;
}

PGresult *qli_pg_connection_run(struct qli_pg_connection *connection,
                                const struct ql_pg_statement *statement,
                                const char *const *parameters, size_t n_parameters,
                                int64_t until_ms)
{
    const struct ql_pg_statement *prepared = qli_pg_prepared_find(&connection->prepared, statement);
    PGconn *libpq = connection->libpq;
    int n = (int)n_parameters, sent;
    bool is_named = !connection->is_pooled;

    if (n_parameters > PARAMETERS_MAX) {
        error_set(&connection->error, "54023", "too many parameters");
        return NULL;
    }
    if (!may_send(connection, until_ms))
        return NULL;
    if (is_named && prepared == NULL) {
        is_named = qli_pg_prepared_reserve(&connection->prepared);
        if (is_named && !prepare(connection, statement, until_ms))
            return NULL;
    } else if (is_named && prepared != statement && strcmp(prepared->text, statement->text) != 0) {
        is_named = false; /* a name used twice must not run the wrong one */
    }
    if (is_named)
        sent = PQsendQueryPrepared(libpq, statement->name, n, parameters, NULL, NULL, 0);
    else
        sent = PQsendQueryParams(libpq, statement->text, n, NULL, parameters, NULL, NULL, 0);
    return finish(connection, sent, until_ms);
}

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

enum qli_pg_progress qli_pg_connection_read_off_step(struct qli_pg_connection *connection)
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
        connection->late_failed = connection->late_failed || !is_success(result);
        progress = is_copy(result) ? QLI_PG_FAILED : QLI_PG_WAITING;
        PQclear(result);
    }
    return progress;
}
