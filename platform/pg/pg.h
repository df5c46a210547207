/* PostgreSQL: a pool of connections, transactions, named statements.
 *
 * A call leases at most one connection, for one transaction, and makes no RPC
 * while it holds it. Every wait ends at the call's deadline: a server that does
 * not answer costs UNAVAILABLE (DATABASE_UNAVAILABLE).
 *
 * Callers with short deadlines cost no connection: one with too little time leases
 * none, a thread of the pool reads off what comes after its caller left, for a second
 * at most, and makes the connections, in its own time.
 *
 * A pooler in between (PgBouncer in transaction mode) is found out when a connection
 * is made; statements then run unprepared. */
#ifndef QL_PG_PG_H
#define QL_PG_PG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platform/base/call.h"
#include "platform/pg/statement.h"

struct ql_pg_pool;
struct ql_pg_tx;

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

/* Rows of a result; lives in the call's arena. */
struct ql_pg_rows {
    size_t n_rows;
    size_t n_columns;
    int64_t n_affected; /* rows an INSERT, UPDATE or DELETE touched */
    const char **cells; /* n_rows * n_columns texts, NULL for SQL NULL */
};

/* Runs a named statement, prepared once per connection unless a pooler stands between.
 * parameters are texts, NULL for SQL NULL; ret_rows may be NULL. Codes by SQLSTATE:
 * 23505 ALREADY_EXISTS, 23503 and 23514 FAILED_PRECONDITION, 40001 and 40P01 ABORTED
 * and a conflict, after which the handler is run again (platform/base/rerun.h), 57014 DEADLINE_EXCEEDED, class 22 INVALID_ARGUMENT, classes 08, 53 and 57P
 * UNAVAILABLE, else INTERNAL. After a failure the transaction can only be ended. */
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

/* Cells. A NULL cell reads as "", 0, false. */
const char *ql_pg_text(const struct ql_pg_rows *rows, size_t row, size_t column);
int64_t ql_pg_int64(const struct ql_pg_rows *rows, size_t row, size_t column);
bool ql_pg_bool(const struct ql_pg_rows *rows, size_t row, size_t column);
bool ql_pg_is_null(const struct ql_pg_rows *rows, size_t row, size_t column);

/* Parameters in the call's arena. When it is full they return a marker that
 * makes ql_pg_run fail with RESOURCE_EXHAUSTED, so that callers need no check. */
const char *ql_pg_from_int64(struct ql_call *call, int64_t number);
/* "2026-01-02T03:04:05.678Z" for a timestamptz. Statements select times as
 * milliseconds: (extract(epoch from t) * 1000)::bigint. */
const char *ql_pg_from_unix_ms(struct ql_call *call, int64_t unix_ms);
/* A PostgreSQL array literal of texts (NULL elements allowed), for unnest($1::uuid[]). */
const char *ql_pg_from_array(struct ql_call *call, const char *const *texts, size_t n_texts);
const char *ql_pg_from_int64_array(struct ql_call *call, const int64_t *numbers, size_t n_numbers);
/* "\\x..." for a bytea. */
const char *ql_pg_from_bytes(struct ql_call *call, const void *bytes, size_t length);
/* The bytes of a bytea cell, in the call's arena. */
enum ql_code ql_pg_bytes(struct ql_call *call, const struct ql_pg_rows *rows, size_t row,
                         size_t column, uint8_t **ret_bytes, size_t *ret_length) QL_MUST_CHECK;

#endif
