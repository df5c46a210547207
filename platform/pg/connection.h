/* One libpq connection whose every wait ends at a given moment. Room-internal.
 *
 * libpq's asynchronous calls and poll(2) do the waiting. A connection whose answer
 * did not come in time is late: nothing more can be asked until that answer has
 * been read off (qli_pg_connection_read_off_step). A broken one is only fit to be
 * closed. Of one thread at a time. */
#ifndef QL_PG_CONNECTION_H
#define QL_PG_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libpq-fe.h>

#include "platform/base/call.h"
#include "platform/pg/statement.h"

struct qli_pg_connection;

enum {
    QLI_PG_ERROR_MAX = 256,
    QLI_PG_NAME_MAX = 64,
    QLI_PG_CONNECTIONS_MAX = 64, /* of a pool */
};

/* What the server, or the loss of it, said about the last request. */
struct qli_pg_error {
    char sqlstate[6]; /* "" after success */
    char constraint[QLI_PG_NAME_MAX];
    char text[QLI_PG_ERROR_MAX]; /* for the log, never for a client */
};

enum qli_pg_progress {
    QLI_PG_WAITING = 0, /* for the socket: see qli_pg_connection_events */
    QLI_PG_FINISHED,
    QLI_PG_FAILED, /* the connection can only be closed */
};

/* Begins to connect and does not wait, except for the system's resolution of a
 * host that is given by name. NULL and *ret_error when it fails at once. */
struct qli_pg_connection *qli_pg_connection_start(const char *url, const char *application_name,
                                                  struct qli_pg_error *ret_error);
/* Goes on with it when the socket is ready; the failure is in its error. */
enum qli_pg_progress qli_pg_connection_connect_step(struct qli_pg_connection *connection);

/* What to poll(2) for while it connects or is read off. */
int qli_pg_connection_socket(const struct qli_pg_connection *connection);
short qli_pg_connection_events(const struct qli_pg_connection *connection);

/* Connects until until_ms (monotonic); NULL and *ret_error when it fails. A host
 * given by name is resolved by the system, in the system's time. */
struct qli_pg_connection *qli_pg_connection_open(const char *url, const char *application_name,
                                                 int64_t until_ms, struct qli_pg_error *ret_error);
void qli_pg_connection_close(struct qli_pg_connection *connection); /* NULL is fine */

/* True when nothing more can be asked of it. */
bool qli_pg_connection_is_broken(const struct qli_pg_connection *connection);
/* True when a pooler stands between: the next transaction may be another process's of
 * the server, which does not know what this one prepared. Statements then run without
 * a name. */
bool qli_pg_connection_is_pooled(const struct qli_pg_connection *connection);
/* True when the answer to its last request was not waited for. */
bool qli_pg_connection_is_late(const struct qli_pg_connection *connection);
/* True when the server has answered a request on it: false tells a new one. */
bool qli_pg_connection_has_answered(const struct qli_pg_connection *connection);

/* Reads, without waiting, what has come of an answer that nobody waits for any
 * more, and rolls back what is left open. FINISHED: it is as good as new. */
enum qli_pg_progress qli_pg_connection_read_off_step(struct qli_pg_connection *connection);

/* True outside a transaction. */
bool qli_pg_connection_is_idle(const struct qli_pg_connection *connection);
/* The error of the last request. */
const struct qli_pg_error *qli_pg_connection_error(const struct qli_pg_connection *connection);

/* Runs SQL of ours, perhaps several statements, in one round trip. NULL when any
 * of them failed; else the last one's result, which the caller clears. Nothing is
 * sent after until_ms: the error is then 57014, and the connection as it was. */
PGresult *qli_pg_connection_exec(struct qli_pg_connection *connection, const char *sql,
                                 int64_t until_ms) QL_MUST_CHECK;

/* Runs a statement with parameters as texts; prepares it when this connection
 * first sees it. */
PGresult *qli_pg_connection_run(struct qli_pg_connection *connection,
                                const struct ql_pg_statement *statement,
                                const char *const *parameters, size_t n_parameters,
                                int64_t until_ms) QL_MUST_CHECK;

/* The call's failure for the error of the connection's last request; logs those
 * that only a fault of ours explains. */
enum ql_code qli_pg_fail(struct ql_call *call, const struct qli_pg_connection *connection,
                         const char *statement_name);
/* The failure when there is no connection to be had. */
enum ql_code qli_pg_fail_unavailable(struct ql_call *call);

/* When waiting for the server ends: a little before the call's deadline, so that
 * there is time left to answer. */
int64_t qli_pg_wait_until(const struct ql_call *call);

#endif
