/* Claims in PostgreSQL. Results live in the call's arena. */
#ifndef QL_USER_CLAIM_STORE_H
#define QL_USER_CLAIM_STORE_H

#include "platform/pg/pg.h"
#include "services/user/claim.h"
#include "services/user/user.h"

enum ql_code claim_store_exists(struct ql_call *call, struct ql_pg_tx *tx, const char *claim_id,
                                bool *ret_exists) QL_MUST_CHECK;

/* One claim; claim_id is a UUID. NOT_FOUND (CLAIM_NOT_FOUND). */
enum ql_code claim_store_get(struct ql_call *call, struct ql_pg_tx *tx, const char *claim_id,
                             struct claim *ret_claim) QL_MUST_CHECK;

/* A claim of user_id, whose row is locked from now on; the claim is as it was
 * before the lock. NOT_FOUND (CLAIM_NOT_FOUND), also for somebody else's. */
enum ql_code claim_store_lock_owner(struct ql_call *call, struct ql_pg_tx *tx, const char *claim_id,
                                    const char *user_id, struct claim *ret_claim,
                                    enum user_status *ret_owner_status) QL_MUST_CHECK;

/* A claim that waits becomes one that is paid, now; returns whether it waited still,
 * and if so how much of its item the wallet holds. The caller holds the lock of
 * the user's row and credits the wallet in the same transaction. */
enum ql_code claim_store_set_paid(struct ql_call *call, struct ql_pg_tx *tx, struct claim *claim,
                                  bool *ret_waited, int64_t *ret_balance) QL_MUST_CHECK;

/* Stores a claim unless there is one for the same user, quest and ordinal; returns
 * whether it did. The caller holds the lock of the user's row, so that one
 * user's claims are numbered in commit order. */
enum ql_code claim_store_insert(struct ql_call *call, struct ql_pg_tx *tx,
                                const struct claim *claim, bool *ret_is_new) QL_MUST_CHECK;

/* A user's claims behind the number `after`, oldest first, at most limit; only those
 * of a status unless it is NULL. */
enum ql_code claim_store_list(struct ql_call *call, struct ql_pg_tx *tx, const char *user_id,
                              const enum claim_status *status, int64_t after, int limit,
                              struct claim **ret_claims, size_t *ret_n_claims) QL_MUST_CHECK;

/* How many there are of them, at most limit. */
enum ql_code claim_store_count(struct ql_call *call, struct ql_pg_tx *tx, const char *user_id,
                               const enum claim_status *status, int limit,
                               int64_t *ret_count) QL_MUST_CHECK;

#endif
