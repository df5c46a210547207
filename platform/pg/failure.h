/* A call's failures for what a connection reports. Module-internal. */
#ifndef QL_PG_FAILURE_H
#define QL_PG_FAILURE_H

#include "platform/base/call.h"
#include "platform/pg/connection.h"

/* The call's failure for the error of the connection's last request; logs those
 * that only a fault of ours explains. */
enum ql_code qli_pg_fail(struct ql_call *call, const struct qli_pg_connection *connection,
                         const char *statement_name);
/* The failure when there is no connection to be had. */
enum ql_code qli_pg_fail_unavailable(struct ql_call *call);

/* When waiting for the server ends: a little before the call's deadline, so that
 * there is time left to answer. */
int64_t qli_pg_wait_until(const struct ql_call *call);

#endif
