/* Keys of service accounts in PostgreSQL. Results live in the call's arena. */
#ifndef QL_USER_API_KEY_STORE_H
#define QL_USER_API_KEY_STORE_H

#include "platform/pg/pg.h"
#include "services/user/service_account.h"

/* How many of an account's keys are good. */
enum ql_code api_key_store_count_good(struct ql_call *call, struct ql_pg_tx *tx,
                                      const char *service_account_id,
                                      int64_t *ret_n_good) QL_MUST_CHECK;

/* Stores a key by its hash, and sets when it was created. */
enum ql_code api_key_store_insert(struct ql_call *call, struct ql_pg_tx *tx,
                                  const char *service_account_id, const char *key_hash,
                                  struct api_key *key) QL_MUST_CHECK;

/* An account's keys: the good ones, then the others, each newest first, at most
 * limit. */
enum ql_code api_key_store_list(struct ql_call *call, struct ql_pg_tx *tx,
                                const char *service_account_id, int limit,
                                struct api_key **ret_keys, size_t *ret_n_keys) QL_MUST_CHECK;

/* Revokes a key, once: *ret_is_new: it was not before. key_id need not be a UUID.
 * NOT_FOUND (API_KEY_NOT_FOUND). */
enum ql_code api_key_store_revoke(struct ql_call *call, struct ql_pg_tx *tx,
                                  const char *service_account_id, const char *key_id,
                                  struct api_key *ret_key, bool *ret_is_new) QL_MUST_CHECK;

/* The account that a key opens, with id and event_grant, and notes the use;
 * NOT_FOUND (API_KEY_NOT_FOUND) for a key that is unknown or not good. */
enum ql_code api_key_store_use(struct ql_call *call, struct ql_pg_tx *tx, const char *key_hash,
                               struct service_account *ret_account) QL_MUST_CHECK;

#endif
