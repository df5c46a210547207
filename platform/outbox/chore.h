/* Work of a process that its relay does beside publishing. */
#ifndef QL_OUTBOX_CHORE_H
#define QL_OUTBOX_CHORE_H

#include <stdbool.h>

#include "platform/pg/pg.h"

enum { QL_RELAY_CHORES_MAX = 15 }; /* of one relay */

/* Work beside publishing, in short bounded transactions of its own: deleting what
 * is old. *ret_has_more asks for the next look instead of in 10 s. */
typedef enum ql_code ql_relay_chore(struct ql_call *call, struct ql_pg_pool *pool,
                                    bool *ret_has_more);

#endif
