/* Wallets in PostgreSQL: money moves by ledger rows, one per cause. */
#ifndef QL_USER_WALLET_STORE_H
#define QL_USER_WALLET_STORE_H

#include "platform/pg/pg.h"

/* How much of item a user has; 0 for none. */
enum ql_code wallet_store_balance(struct ql_call *call, struct ql_pg_tx *tx, const char *user_id,
                                  const char *item, int64_t *ret_balance) QL_MUST_CHECK;

/* Adds a ledger row and what follows from it: the balance, and gold and diamond
 * of the user. cause is the claim paid; ALREADY_EXISTS when it was paid before.
 * The caller holds the lock of the user's row. */
enum ql_code wallet_store_credit(struct ql_call *call, struct ql_pg_tx *tx, const char *user_id,
                                 const char *item, int32_t amount, const char *cause) QL_MUST_CHECK;

#endif
