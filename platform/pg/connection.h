/* One libpq connection, its state and its last error. Module-internal.
 *
 * libpq's asynchronous calls and poll(2) do the waiting, and every wait ends at a given
 * moment. connecting.h makes a connection, request.h sends and waits for the answer. A
 * connection whose answer did not come in time is late: nothing more can be asked until
 * late_answer.h has read that answer. A broken one can only be closed. Of one thread at a
 * time. */
#ifndef QL_PG_CONNECTION_H
#define QL_PG_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libpq-fe.h>

#include "platform/pg/prepared.h"

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

struct qli_pg_connection {
    PGconn *libpq;
    PostgresPollingStatusType connecting; /* what PQconnectPoll waits for */
    bool is_probing; /* connected, and asked which process of the server this is */
    /* A pooler stands between: the next transaction may be another process's of the
     * server, which does not know what this one prepared. Statements run without a name. */
    bool is_pooled;
    bool is_broken;            /* nothing more can be asked of it */
    bool is_late;              /* the answer to the last request was not read to its end */
    bool has_answered;         /* at least one request */
    bool late_failed;          /* while a late answer is read: a result of it was a failure */
    struct qli_pg_error error; /* of the last request */
    struct qli_pg_prepared prepared;
    const struct ql_pg_statement *preparing; /* sent, and not yet known to be prepared */
};

void qli_pg_connection_close(struct qli_pg_connection *connection); /* NULL is fine */

/* What to poll(2) for while it connects or a late answer is read. */
short qli_pg_connection_events(const struct qli_pg_connection *connection);
/* Waits for its socket. False: until_ms (monotonic) came first. */
bool qli_pg_connection_wait(const struct qli_pg_connection *connection, short events,
                            int64_t until_ms);

/* True outside a transaction. */
bool qli_pg_connection_is_idle(const struct qli_pg_connection *connection);

void qli_pg_error_set(struct qli_pg_error *error, const char *sqlstate, const char *text);
/* The error of a result that is none of success. */
void qli_pg_error_read(struct qli_pg_error *error, const PGresult *result);

#endif
