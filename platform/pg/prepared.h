/* The statements that one connection's server has prepared. Module-internal. */
#ifndef QL_PG_PREPARED_H
#define QL_PG_PREPARED_H

#include <stdbool.h>
#include <stddef.h>

#include "platform/base/attributes.h"
#include "platform/pg/statement.h"

/* Zero is the empty set. Not thread-safe. */
struct qli_pg_prepared {
    const struct ql_pg_statement **statements;
    size_t n_statements, capacity;
};

/* The statement that was prepared under that name, perhaps another one; NULL for none. */
const struct ql_pg_statement *qli_pg_prepared_find(const struct qli_pg_prepared *prepared,
                                                   const struct ql_pg_statement *statement);

/* Makes space for one more. False when the set is full or memory is out: the
 * statement is then run without a name. */
bool qli_pg_prepared_reserve(struct qli_pg_prepared *prepared) QL_MUST_CHECK;

/* Adds one for which space was reserved. */
void qli_pg_prepared_add(struct qli_pg_prepared *prepared, const struct ql_pg_statement *statement);

void qli_pg_prepared_done(struct qli_pg_prepared *prepared);

#endif
