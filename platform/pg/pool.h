/* Leasing connections from a pool. Room-internal. */
#ifndef QL_PG_POOL_H
#define QL_PG_POOL_H

#include "platform/pg/connection.h"
#include "platform/pg/pg.h"

/* Leases a connection on which `sql`, which opens the work and has no effect of
 * its own, has already run (NULL: nothing is run): a connection that died unseen in the pool is found
 * out by it and replaced. DEADLINE_EXCEEDED when less than QL_PG_LEASE_MIN_MS is
 * left until until_ms; the pool is then not touched. */
enum ql_code qli_pg_pool_lease(struct ql_call *call, struct ql_pg_pool *pool, const char *sql,
                               int64_t until_ms,
                               struct qli_pg_connection **ret_connection) QL_MUST_CHECK;

/* Gives it back: it is idle again, or is read off and rolled back in the
 * background, or is closed when it is broken. */
void qli_pg_pool_give_back(struct ql_pg_pool *pool, struct qli_pg_connection *connection);

bool qli_pg_pool_is_read_only(const struct ql_pg_pool *pool);

#endif
