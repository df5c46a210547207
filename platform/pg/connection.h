/* One libpq connection whose every wait ends at a given moment. Room-internal.
 *
 * libpq's asynchronous calls and poll(2) do the waiting. What does not answer in
 * time is not known to be well afterwards: such a connection is broken and only
 * fit to be closed. */
#ifndef QL_PG_CONNECTION_H
#define QL_PG_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libpq-fe.h>

#include "platform/base/call.h"
#include "platform/pg/statement.h"

struct qli_pg_connection;

enum { QLI_PG_ERROR_MAX = 256, QLI_PG_NAME_MAX = 64 };

/* What the server, or the loss of it, said about the last request. */
struct qli_pg_error {
    char sqlstate[6]; /* "" after success */
    char constraint[QLI_PG_NAME_MAX];
    char text[QLI_PG_ERROR_MAX]; /* for the log, never for a client */
};

/* Connects until until_ms (monotonic); NULL and *ret_error when it fails. A host
 * given by name is resolved by the system, in the system's time. */
struct qli_pg_connection *qli_pg_connection_open(const char *url, const char *application_name,
                                                 int64_t until_ms, struct qli_pg_error *ret_error);
void qli_pg_connection_close(struct qli_pg_connection *connection); /* NULL is fine */

/* True when nothing more can be asked of it. */
bool qli_pg_connection_is_broken(const struct qli_pg_connection *connection);
/* Condemns it: its answers can no longer be trusted. */
void qli_pg_connection_break(struct qli_pg_connection *connection);
/* True outside a transaction. */
bool qli_pg_connection_is_idle(const struct qli_pg_connection *connection);
/* The error of the last request. */
const struct qli_pg_error *qli_pg_connection_error(const struct qli_pg_connection *connection);

/* Runs SQL of ours, perhaps several statements, in one round trip. NULL when any
 * of them failed; else the last one's result, which the caller clears. */
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
