/* Wallets in PostgreSQL: money moves by ledger rows, one per cause. */
#ifndef QL_USER_WALLET_STORE_H
#define QL_USER_WALLET_STORE_H

#include "platform/pg/pg.h"

/* Texts live in the call's arena. */
struct wallet_balance {
    const char *item;
    int32_t balance;
};

struct wallet_entry {
    const char *entry_id;
    const char *item;
    int32_t amount;
    const char *claim_id; /* its cause */
    int64_t seq;          /* grows in the order in which entries were made */
    int64_t created_ms;
};

/* A user's balances by item, at most limit. */
enum ql_code wallet_store_list_balances(struct ql_call *call, struct ql_pg_tx *tx,
                                        const char *user_id, int limit,
                                        struct wallet_balance **ret_balances,
                                        size_t *ret_n_balances) QL_MUST_CHECK;

/* A user's entries behind the number `after`, oldest first, at most limit. */
enum ql_code wallet_store_list_entries(struct ql_call *call, struct ql_pg_tx *tx,
                                       const char *user_id, int64_t after, int limit,
                                       struct wallet_entry **ret_entries,
                                       size_t *ret_n_entries) QL_MUST_CHECK;

/* How much of item a user has; 0 for none. */
enum ql_code wallet_store_balance(struct ql_call *call, struct ql_pg_tx *tx, const char *user_id,
                                  const char *item, int64_t *ret_balance) QL_MUST_CHECK;

/* Adds a ledger row and what follows from it: the balance, and gold and diamond
 * of the user. cause is the claim paid; ALREADY_EXISTS when it was paid before.
 * The caller holds the lock of the user's row. */
enum ql_code wallet_store_credit(struct ql_call *call, struct ql_pg_tx *tx, const char *user_id,
                                 const char *item, int32_t amount, const char *cause) QL_MUST_CHECK;

#endif
