/* Transactions. */
#ifndef QL_PG_TX_H
#define QL_PG_TX_H

#include "platform/pg/pool.h"
#include "platform/pg/rows.h"
#include "platform/pg/statement.h"

struct ql_pg_tx;

/* Begins a READ COMMITTED transaction on a leased connection, with the server's
 * statement_timeout set below what remains of the call. On success the caller
 * owns *ret_tx until ql_pg_commit or ql_pg_tx_endp. UNAVAILABLE when no
 * connection is free, or none can be made, before the deadline;
 * DEADLINE_EXCEEDED when less than QL_PG_LEASE_MIN_MS is left. Any thread. */
enum ql_code ql_pg_begin(struct ql_call *call, struct ql_pg_pool *pool,
                         struct ql_pg_tx **ret_tx) QL_MUST_CHECK;

/* Commits and gives the connection back; *tx becomes NULL whatever happens. When
 * the answer to COMMIT is lost or late the result is UNAVAILABLE and it is not
 * known whether it took place. DEADLINE_EXCEEDED: it was not sent. After QL_OK the
 * call has effects. */
enum ql_code ql_pg_commit(struct ql_call *call, struct ql_pg_tx **tx) QL_MUST_CHECK;

/* Rolls back if open. For QL_CLEANUP; NULL is fine. */
void ql_pg_tx_endp(struct ql_pg_tx **tx);

/* Runs a named statement, prepared once per connection unless a pooler stands between.
 * parameters are texts, NULL for SQL NULL; ret_rows may be NULL. Codes by SQLSTATE:
 * 23505 ALREADY_EXISTS, 23503 and 23514 FAILED_PRECONDITION, 40001 and 40P01 ABORTED
 * and a conflict, after which the handler is run again (platform/base/rerun.h), 57014
 * DEADLINE_EXCEEDED, class 22 INVALID_ARGUMENT, classes 08, 53 and 57P UNAVAILABLE, else
 * INTERNAL. After a failure the transaction can only be ended. */
enum ql_code ql_pg_run(struct ql_call *call, struct ql_pg_tx *tx,
                       const struct ql_pg_statement *statement, const char *const *parameters,
                       size_t n_parameters, struct ql_pg_rows *ret_rows) QL_MUST_CHECK;

/* Runs one statement that changes nothing by itself, in one round trip. A connection
 * that died unseen in the pool is UNAVAILABLE; else as ql_pg_begin and ql_pg_run. */
enum ql_code ql_pg_look(struct ql_call *call, struct ql_pg_pool *pool,
                        const struct ql_pg_statement *statement, const char *const *parameters,
                        size_t n_parameters, struct ql_pg_rows *ret_rows) QL_MUST_CHECK;

/* The constraint that the last failed statement violated, "" for none: for stores that
 * give a violation a reason of their own. Valid until the transaction ends. */
const char *ql_pg_violated_constraint(const struct ql_pg_tx *tx);
/* Its SQLSTATE; "" after success. */
const char *ql_pg_sqlstate(const struct ql_pg_tx *tx);
/* True behind a pooler: the server's process that serves the transaction outlives ours. */
bool ql_pg_is_pooled(const struct ql_pg_tx *tx);

#endif
