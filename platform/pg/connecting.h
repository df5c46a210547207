/* Making a connection. Module-internal. */
#ifndef QL_PG_CONNECTING_H
#define QL_PG_CONNECTING_H

#include "platform/base/attributes.h"
#include "platform/pg/connection.h"

/* Begins to connect and does not wait, except for the system's resolution of a
 * host that is given by name. NULL and *ret_error when it fails at once. */
struct qli_pg_connection *qli_pg_connecting_start(const char *url, const char *application_name,
                                                  struct qli_pg_error *ret_error);
/* Goes on with it when the socket is ready; the failure is in its error. */
enum qli_pg_progress qli_pg_connecting_step(struct qli_pg_connection *connection);

/* Connects until until_ms (monotonic); NULL and *ret_error when it fails. A host
 * given by name is resolved by the system, in the system's time. */
struct qli_pg_connection *qli_pg_connect(const char *url, const char *application_name,
                                         int64_t until_ms, struct qli_pg_error *ret_error);

#endif
