/* Sending a request and waiting for its answer. Module-internal. */
#ifndef QL_PG_REQUEST_H
#define QL_PG_REQUEST_H

#include "platform/base/attributes.h"
#include "platform/pg/connection.h"

/* Runs SQL of ours, perhaps several statements, in one round trip. NULL when any
 * of them failed; else the last one's result, which the caller clears. Nothing is
 * sent after until_ms: the error is then 57014, and the connection as it was. */
PGresult *qli_pg_request_exec(struct qli_pg_connection *connection, const char *sql,
                              int64_t until_ms) QL_MUST_CHECK;

/* Runs a statement with parameters as texts; prepares it when this connection
 * first sees it. */
PGresult *qli_pg_request_run(struct qli_pg_connection *connection,
                             const struct ql_pg_statement *statement, const char *const *parameters,
                             size_t n_parameters, int64_t until_ms) QL_MUST_CHECK;

bool qli_pg_result_is_success(const PGresult *result);
/* True for what COPY leaves behind: a conversation that this module does not speak. */
bool qli_pg_result_is_copy(const PGresult *result);

#endif
