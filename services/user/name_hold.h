/* Names of deleted accounts, which nobody can take for a while: whoever took one at
 * once would be taken for who had it. Kept as digests, and no longer than that. */
#ifndef QL_USER_NAME_HOLD_H
#define QL_USER_NAME_HOLD_H

#include "platform/pg/pg.h"

/* Holds a name from now on for so long; 0: not at all. In the transaction that takes
 * the name from its account. */
enum ql_code name_hold_begin(struct ql_call *call, struct ql_pg_tx *tx, const char *user_name,
                             int64_t for_ms) QL_MUST_CHECK;

/* ALREADY_EXISTS (USER_NAME_TAKEN) while the name is held, in any case of letters;
 * the same answer as for a name that somebody has. */
enum ql_code name_hold_check(struct ql_call *call, struct ql_pg_tx *tx,
                             const char *user_name) QL_MUST_CHECK;

/* Deletes holds that are over, at most 1000, in a transaction of its own: a
 * ql_relay_chore. */
enum ql_code name_hold_purge(struct ql_call *call, struct ql_pg_pool *pool,
                             bool *ret_has_more) QL_MUST_CHECK;

#endif
