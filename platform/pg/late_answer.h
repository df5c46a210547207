/* Reading an answer that nobody waits for any more. Module-internal. */
#ifndef QL_PG_LATE_ANSWER_H
#define QL_PG_LATE_ANSWER_H

#include "platform/pg/connection.h"

/* Reads, without waiting, what has come of it, and rolls back what is left open.
 * FINISHED: the connection is as good as new. */
enum qli_pg_progress qli_pg_late_answer_step(struct qli_pg_connection *connection);

#endif
