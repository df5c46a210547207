/* From libpq's results to rows in the call's arena. Room-internal. */
#ifndef QL_PG_CELLS_H
#define QL_PG_CELLS_H

#include <libpq-fe.h>

#include "platform/pg/pg.h"

/* What a parameter builder returns without memory; compared by address. */
extern const char qli_pg_no_memory[];

enum ql_code qli_pg_rows_copy(struct ql_call *call, const PGresult *result,
                              struct ql_pg_rows *ret_rows) QL_MUST_CHECK;

#endif
