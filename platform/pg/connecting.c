/* Connecting by libpq's steps, and finding out whether a pooler stands between. */
#include "platform/pg/connecting.h"

#include <stdlib.h>

#include "platform/pg/pg_metrics.h"

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

struct qli_pg_connection *qli_pg_connecting_start(const char *url, const char *application_name,
                                                  struct qli_pg_error *ret_error)
{
    struct qli_pg_connection *connection = calloc(1, sizeof(*connection));

    qli_pg_metrics_register();
    if (connection != NULL)
        connection->libpq = connect_start(url, application_name);
    if (connection == NULL || connection->libpq == NULL) {
        qli_pg_error_set(ret_error, "53200", "out of memory");
        free(connection);
        return NULL;
    }
    ql_metric_add(&qli_pg_connections, NULL, 1);
    PQsetNoticeReceiver(connection->libpq, drop_notice, NULL);
    connection->connecting = PGRES_POLLING_WRITING;
    if (PQstatus(connection->libpq) != CONNECTION_BAD)
        return connection;
    qli_pg_error_set(ret_error, "08001", PQerrorMessage(connection->libpq));
    qli_pg_connection_close(connection);
    return NULL;
}

/* A server names the process that serves a connection twice: when it connects, and
 * when asked. A pooler cannot know the second when it says the first. */
static enum qli_pg_progress probe_step(struct qli_pg_connection *connection)
{
    PGconn *libpq = connection->libpq;
    enum qli_pg_progress progress = QLI_PG_FAILED;
    PGresult *result;

    if (PQconsumeInput(libpq) == 0 || PQflush(libpq) < 0) {
        qli_pg_error_set(&connection->error, "08001", PQerrorMessage(libpq));
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
            qli_pg_error_read(&connection->error, result);
        }
        PQclear(result);
    }
    return QLI_PG_WAITING;
}

enum qli_pg_progress qli_pg_connecting_step(struct qli_pg_connection *connection)
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
    qli_pg_error_set(&connection->error, "08001", PQerrorMessage(connection->libpq));
    return QLI_PG_FAILED;
}

struct qli_pg_connection *qli_pg_connect(const char *url, const char *application_name,
                                         int64_t until_ms, struct qli_pg_error *ret_error)
{
    struct qli_pg_connection *connection =
        qli_pg_connecting_start(url, application_name, ret_error);
    enum qli_pg_progress progress = QLI_PG_WAITING;

    while (connection != NULL && progress == QLI_PG_WAITING) {
        /* The socket is another one when the next address is tried. */
        if (qli_pg_connection_wait(connection, qli_pg_connection_events(connection), until_ms)) {
            progress = qli_pg_connecting_step(connection);
            continue;
        }
        qli_pg_error_set(&connection->error, "08001", "no answer to the connection attempt");
        progress = QLI_PG_FAILED;
    }
    if (connection == NULL || progress == QLI_PG_FINISHED)
        return connection;
    *ret_error = connection->error;
    qli_pg_connection_close(connection);
    return NULL;
}
