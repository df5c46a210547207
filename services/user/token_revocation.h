/* Ending access tokens before they expire: the next generation of an account's tokens,
 * or the end of a session, and its announcement, in the transaction of what is the
 * cause. Every process refuses them once it has read the announcement
 * (platform/auth/revocations.h). Afterwards call ql_relay_wake. */
#ifndef QL_USER_TOKEN_REVOCATION_H
#define QL_USER_TOKEN_REVOCATION_H

#include "platform/pg/pg.h"
#include "services/user/session.h"
#include "services/user/service_account.h"
#include "services/user/user.h"

/* All tokens of a user. The caller's transaction holds the lock of the user's row. */
enum ql_code token_revoke_user(struct ql_call *call, struct ql_pg_tx *tx,
                               const char *user_id) QL_MUST_CHECK;

/* All tokens of a game server's account, whichever key they were exchanged for. */
enum ql_code token_revoke_service_account(struct ql_call *call, struct ql_pg_tx *tx,
                                          const char *service_account_id) QL_MUST_CHECK;

/* The tokens of one session, which has ended. */
enum ql_code token_revoke_session(struct ql_call *call, struct ql_pg_tx *tx, const char *user_id,
                                  const char *session_id) QL_MUST_CHECK;

/* What a token of the user's session says, and one of a game server's account. */
void token_identity_of_user(const struct user *user, const char *session_id,
                            struct ql_identity *ret_identity);
void token_identity_of_service_account(const struct service_account *account,
                                       struct ql_identity *ret_identity);

#endif
