/* Leasing connections from a pool. Room-internal. */
#ifndef QL_PG_POOL_H
#define QL_PG_POOL_H

#include "platform/pg/connection.h"
#include "platform/pg/pg.h"

enum { QLI_PG_CONNECTIONS_MAX = 64 };

/* Leases a connection on which `sql`, which opens the work and has no effect of
 * its own, has already run: a connection that died unseen in the pool is found
 * out by it and replaced. */
enum ql_code qli_pg_pool_lease(struct ql_call *call, struct ql_pg_pool *pool, const char *sql,
                               int64_t until_ms,
                               struct qli_pg_connection **ret_connection) QL_MUST_CHECK;

/* Gives it back; closes it when it is broken or still in a transaction. */
void qli_pg_pool_give_back(struct ql_pg_pool *pool, struct qli_pg_connection *connection);

bool qli_pg_pool_is_read_only(const struct ql_pg_pool *pool);

#endif
