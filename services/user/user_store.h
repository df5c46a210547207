/* Accounts in PostgreSQL. Results live in the call's arena. */
#ifndef QL_USER_USER_STORE_H
#define QL_USER_USER_STORE_H

#include "platform/pg/pg.h"
#include "services/user/user.h"

/* Stores a new account; its row is locked until the transaction ends.
 * ALREADY_EXISTS (USER_NAME_TAKEN) when its name is, in any case of letters, or was
 * a deleted account's a while ago. */
enum ql_code user_store_insert(struct ql_call *call, struct ql_pg_tx *tx,
                               const struct user *user) QL_MUST_CHECK;

/* The same answer without an account to store: ALREADY_EXISTS (USER_NAME_TAKEN). */
enum ql_code user_store_check_name(struct ql_call *call, struct ql_pg_tx *tx,
                                   const char *user_name) QL_MUST_CHECK;

/* One account, a deleted one too; user_id need not be a UUID. By its name a
 * deleted account is never found, whatever stands there. NOT_FOUND
 * (USER_NOT_FOUND). */
enum ql_code user_store_get(struct ql_call *call, struct ql_pg_tx *tx, const char *user_id,
                            struct user *ret_user) QL_MUST_CHECK;
enum ql_code user_store_get_by_name(struct ql_call *call, struct ql_pg_tx *tx,
                                    const char *user_name, struct user *ret_user) QL_MUST_CHECK;

/* The same as user_store_get, and locks the row: whoever announces something
 * about a user does this first. */
enum ql_code user_store_lock(struct ql_call *call, struct ql_pg_tx *tx, const char *user_id,
                             struct user *ret_user) QL_MUST_CHECK;

/* Locks the accounts among user_ids, all of them UUIDs, in the order of the ids;
 * ret_found says for each whether it exists. */
enum ql_code user_store_lock_many(struct ql_call *call, struct ql_pg_tx *tx,
                                  const char *const *user_ids, size_t n_user_ids,
                                  bool *ret_found) QL_MUST_CHECK;

/* Locks the administrators who may sign in, but for this one, and returns whether
 * there are any. Whoever may take an administrator away does this before it locks
 * the account itself, so that two who are taken away at once do not count on each
 * other. Two that hold what the other waits for are a conflict (platform/base/rerun.h). */
enum ql_code user_store_lock_other_admins(struct ql_call *call, struct ql_pg_tx *tx,
                                          const char *user_id, bool *ret_has_other) QL_MUST_CHECK;

enum ql_code user_store_set_status(struct ql_call *call, struct ql_pg_tx *tx, const char *user_id,
                                   enum user_status status) QL_MUST_CHECK;

/* Bans an account, and back: it is again what it was, NEW or ACTIVE. */
enum ql_code user_store_ban(struct ql_call *call, struct ql_pg_tx *tx,
                            const char *user_id) QL_MUST_CHECK;
enum ql_code user_store_unban(struct ql_call *call, struct ql_pg_tx *tx, const char *user_id,
                              enum user_status *ret_status) QL_MUST_CHECK;

enum ql_code user_store_set_role(struct ql_call *call, struct ql_pg_tx *tx, const char *user_id,
                                 enum ql_role role) QL_MUST_CHECK;
enum ql_code user_store_set_password(struct ql_call *call, struct ql_pg_tx *tx, const char *user_id,
                                     const char *hashed_password) QL_MUST_CHECK;
/* Begins the next generation of the account's access tokens. For token_revocation.h,
 * which announces it. */
enum ql_code user_store_revoke_tokens(struct ql_call *call, struct ql_pg_tx *tx,
                                      const char *user_id, int64_t *ret_generation) QL_MUST_CHECK;
/* The zone before stays in force until its next midnight, *ret_starts_ms since 1970. */
enum ql_code user_store_set_time_zone(struct ql_call *call, struct ql_pg_tx *tx,
                                      const char *user_id, const char *time_zone,
                                      const char **ret_before,
                                      int64_t *ret_starts_ms) QL_MUST_CHECK;

/* Accounts behind the id `after`, by id, at most limit; only the one of that
 * name unless user_name is "". */
enum ql_code user_store_list(struct ql_call *call, struct ql_pg_tx *tx, const char *after,
                             int limit, const char *user_name, struct user **ret_users,
                             size_t *ret_n_users) QL_MUST_CHECK;

/* A user's name. */
struct user_name {
    const char *user_id;
    const char *user_name;
};

/* The names of those among user_ids, all of them UUIDs, whose accounts are there, by id. */
enum ql_code user_store_list_names(struct ql_call *call, struct ql_pg_tx *tx,
                                   const char *const *user_ids, size_t n_user_ids,
                                   struct user_name **ret_names, size_t *ret_n_names) QL_MUST_CHECK;

#endif
