/* The check of an account's current password, which changes of the password and deletions ask
 * for besides the token: a token alone may have been copied. */
#ifndef QL_USER_PASSWORD_CHECK_H
#define QL_USER_PASSWORD_CHECK_H

#include "services/user/user.h"
#include "services/user/user_service.h"

/* Checks the password of an account that may sign in, which takes as long as a
 * sign-in: to be called without a transaction, on the heavy worker pool. ret_user is
 * the account as it was checked. Behind the lock of the account the caller calls
 * password_check_still_holds, as the password may have changed meanwhile.
 *
 * NOT_FOUND (USER_NOT_FOUND); FAILED_PRECONDITION (USER_DELETED), with the status in
 * ret_user; PERMISSION_DENIED (USER_BANNED, WRONG_PASSWORD); RESOURCE_EXHAUSTED
 * (TOO_MANY_SIGN_INS) when such proofs were wrong too often. A wrong one counts as a
 * failed sign-in too; strangers' failed sign-ins are not counted here. */
enum ql_code password_check(struct ql_call *call, struct user_service *app, const char *user_id,
                            const char *password, struct user *ret_user) QL_MUST_CHECK;

/* PERMISSION_DENIED (WRONG_PASSWORD) unless the account has the password that was
 * checked. */
enum ql_code password_check_still_holds(struct ql_call *call, const struct user *checked,
                                        const struct user *locked) QL_MUST_CHECK;

#endif
