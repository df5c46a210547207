/* The rows of the outbox, as the relay reads and deletes them. Module-internal. */
#ifndef QL_OUTBOX_RELAY_ROWS_H
#define QL_OUTBOX_RELAY_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platform/events/publisher.h"
#include "platform/pg/pg.h"

enum { QLI_RELAY_BATCH_ROWS = 500 };

/* The next rows, in the call's arena. */
struct qli_relay_rows {
    int64_t *ids;
    struct ql_message_out *messages;
    size_t n;
};

/* At most QLI_RELAY_BATCH_ROWS of them, with ids above after_id, in their order. */
enum ql_code qli_relay_rows_select(struct ql_call *call, struct ql_pg_tx *tx, int64_t after_id,
                                   struct qli_relay_rows *ret_rows) QL_MUST_CHECK;

/* Deletes those that the broker has. *ret_is_ours is false when the lease has another
 * holder; none is deleted then. */
enum ql_code qli_relay_rows_delete(struct ql_call *call, struct ql_pg_tx *tx, const char *holder,
                                   const int64_t *ids, size_t n, bool *ret_is_ours) QL_MUST_CHECK;

/* How many rows wait, up to a bound. */
enum ql_code qli_relay_rows_count(struct ql_call *call, struct ql_pg_tx *tx,
                                  int64_t *ret_count) QL_MUST_CHECK;

/* In one statement: whether rows wait behind after_id, and whether no other relay waited
 * for the lease in the last minute. False: the database does not answer. */
bool qli_relay_rows_look(struct ql_call *call, struct ql_pg_pool *pool, int64_t after_id,
                         bool *ret_wait, bool *ret_is_alone);

#endif
