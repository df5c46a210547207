/* A pool's background thread: it connects, and reads off answers that came too
 * late for whoever asked. Module-internal.
 *
 * Both take the server's time and not a caller's, so that a caller with a short
 * deadline costs the pool no connection. */
#ifndef QL_PG_JANITOR_H
#define QL_PG_JANITOR_H

#include "platform/pg/connection.h"

struct qli_pg_janitor;

struct qli_pg_janitor_options {
    const char *url, *application_name; /* outlive the janitor */
    /* Called on the janitor's thread. connected: a new connection, the callee's. */
    void (*connected)(void *argument, struct qli_pg_connection *connection);
    void (*connect_failed)(void *argument, const struct qli_pg_error *error);
    /* read_off: one that was handed over is as good as new, and the callee's. */
    void (*read_off)(void *argument, struct qli_pg_connection *connection);
    /* One that was handed over had to be closed; silent: no answer came. */
    void (*lost)(void *argument, bool was_silent);
    void *argument;
};

/* Starts the thread; NULL without memory, descriptor or thread. */
struct qli_pg_janitor *qli_pg_janitor_start(const struct qli_pg_janitor_options *options);
/* Ends it, closes what it has, and returns how many connections that were,
 * ordered ones included. No callback comes afterwards. NULL is fine. */
int qli_pg_janitor_stop(struct qli_pg_janitor *janitor);

/* Orders a connection. The caller holds one of the pool's QLI_PG_CONNECTIONS_MAX
 * places for it, as for those it hands over. Any thread; never waits. */
void qli_pg_janitor_connect(struct qli_pg_janitor *janitor);

/* Hands over a connection that is late or still in a transaction. */
void qli_pg_janitor_read_off(struct qli_pg_janitor *janitor, struct qli_pg_connection *connection);

#endif
