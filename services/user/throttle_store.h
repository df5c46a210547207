/* Failed sign-ins in PostgreSQL, so that all replicas count the same. Rows are
 * bounded by what makes them: three for a failure, each of which cost the hash of
 * a password, gone when their window is over. */
#ifndef QL_USER_THROTTLE_STORE_H
#define QL_USER_THROTTLE_STORE_H

#include "platform/pg/pg.h"
#include "services/user/throttle.h"

/* RESOURCE_EXHAUSTED (TOO_MANY_SIGN_INS), with the time to wait, when too many
 * sign-ins failed. Asked before the password is looked at. */
enum ql_code throttle_store_check(struct ql_call *call, struct ql_pg_tx *tx,
                                  const struct throttle_rules *rules, const char *user_name,
                                  struct throttle *throttle) QL_MUST_CHECK;

/* Counts a failure, in a transaction of its own; against `more` as well unless that is
 * NULL, so that both are counted or neither. */
enum ql_code throttle_store_add(struct ql_call *call, struct ql_pg_pool *pool,
                                const struct throttle_rules *rules, const struct throttle *throttle,
                                const struct throttle *more) QL_MUST_CHECK;

/* After a success: failures of the account at the address are forgotten, if there
 * were any. Not those of the address: who has one account could guess another's. */
enum ql_code throttle_store_forget(struct ql_call *call, struct ql_pg_tx *tx,
                                   const struct throttle *throttle) QL_MUST_CHECK;

/* Deletes windows that are over, at most 1000, in a transaction of its own: a
 * ql_relay_chore. */
enum ql_code throttle_store_purge(struct ql_call *call, struct ql_pg_pool *pool,
                                  bool *ret_has_more) QL_MUST_CHECK;

#endif
