/* A pool of connections, and leasing one. */
#ifndef QL_PG_POOL_H
#define QL_PG_POOL_H

#include <stdbool.h>
#include <stdint.h>

#include "platform/base/call.h"

struct ql_pg_pool;
struct qli_pg_connection;

/* A call with less time for the database (what remains less a quarter, 100 ms at most)
 * does not ask it. */
enum { QL_PG_LEASE_MIN_MS = 20 };

struct ql_pg_pool_options {
    const char *url;              /* libpq URL of the run role */
    const char *application_name; /* shown in pg_stat_activity */
    int max_connections;          /* 1..64 */
    bool read_only;               /* transactions are READ ONLY */
};

/* A pool with a thread; connects lazily, so that a process starts without its database.
 * NULL without memory. The caller frees it after every transaction has ended. */
struct ql_pg_pool *ql_pg_pool_new(const struct ql_pg_pool_options *options);
void ql_pg_pool_free(struct ql_pg_pool *pool); /* NULL is fine */

/* One round trip to the database, within the call's deadline. For readiness. */
enum ql_code ql_pg_ping(struct ql_call *call, struct ql_pg_pool *pool) QL_MUST_CHECK;

/* For this module alone. */

/* Leases a connection on which `sql`, which opens the work and has no effect of
 * its own, has already run (NULL: nothing is run): a connection that died unseen in the
 * pool is found out by it and replaced. DEADLINE_EXCEEDED when less than
 * QL_PG_LEASE_MIN_MS is left until until_ms; the pool is then not touched. */
enum ql_code qli_pg_pool_lease(struct ql_call *call, struct ql_pg_pool *pool, const char *sql,
                               int64_t until_ms,
                               struct qli_pg_connection **ret_connection) QL_MUST_CHECK;

/* Gives it back: it is idle again, or its late answer is read and its transaction rolled
 * back in the background, or it is closed when it is broken. */
void qli_pg_pool_give_back(struct ql_pg_pool *pool, struct qli_pg_connection *connection);

bool qli_pg_pool_is_read_only(const struct ql_pg_pool *pool);

#endif
