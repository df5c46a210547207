/* Accounts of game servers in PostgreSQL. Results live in the call's arena. */
#ifndef QL_USER_SERVICE_ACCOUNT_STORE_H
#define QL_USER_SERVICE_ACCOUNT_STORE_H

#include "platform/pg/pg.h"
#include "services/user/service_account.h"

/* Stores a new account, and sets when it was created. */
enum ql_code service_account_store_insert(struct ql_call *call, struct ql_pg_tx *tx,
                                          struct service_account *account) QL_MUST_CHECK;

/* One account, its row locked; the id need not be a UUID. NOT_FOUND
 * (SERVICE_ACCOUNT_NOT_FOUND). */
enum ql_code service_account_store_lock(struct ql_call *call, struct ql_pg_tx *tx,
                                        const char *service_account_id,
                                        struct service_account *ret_account) QL_MUST_CHECK;

/* Accounts behind the id `after`, by id, at most limit. */
enum ql_code service_account_store_list(struct ql_call *call, struct ql_pg_tx *tx,
                                        const char *after, int limit,
                                        struct service_account **ret_accounts,
                                        size_t *ret_n_accounts) QL_MUST_CHECK;

enum ql_code service_account_store_disable(struct ql_call *call, struct ql_pg_tx *tx,
                                           struct service_account *account) QL_MUST_CHECK;

/* Begins the next generation of the account's tokens. For token_revocation.h, which
 * announces it. NOT_FOUND. */
enum ql_code service_account_store_revoke_tokens(struct ql_call *call, struct ql_pg_tx *tx,
                                                 const char *service_account_id,
                                                 int64_t *ret_generation) QL_MUST_CHECK;

#endif
