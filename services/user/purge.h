/* Deleting rows whose time is over, in steps of a bounded number of rows. */
#ifndef QL_USER_PURGE_H
#define QL_USER_PURGE_H

#include "platform/pg/pg.h"

/* Runs the statement in a transaction of its own. Its only parameter is the number of rows to
 * delete at most; *ret_has_more: so many were deleted, and more may be left. */
enum ql_code purge_step(struct ql_call *call, struct ql_pg_pool *pool,
                        const struct ql_pg_statement *statement, bool *ret_has_more) QL_MUST_CHECK;

#endif
