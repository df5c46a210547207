/* Deleting rows whose time is over, in steps of a bounded number of rows. */
#ifndef QL_PG_PURGE_H
#define QL_PG_PURGE_H

#include "platform/pg/pool.h"
#include "platform/pg/statement.h"

/* Runs the statement in a transaction of its own. Its only parameter is the number of rows to
 * delete at most; *ret_has_more: so many were deleted, and more may be left. */
enum ql_code ql_pg_purge(struct ql_call *call, struct ql_pg_pool *pool,
                         const struct ql_pg_statement *statement, bool *ret_has_more) QL_MUST_CHECK;

#endif
