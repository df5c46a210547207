/* An account. Pure rules; no I/O. */
#ifndef QL_USER_USER_H
#define QL_USER_USER_H

#include <stdbool.h>
#include <stdint.h>

#include "platform/base/call.h"
#include "services/user/quiz_stats.h"

enum {
    USER_NAME_SIZE = 65, /* bytes of the longest name that the contract allows, and the NUL */
};

enum user_status {
    USER_IS_NEW,     /* has never signed in */
    USER_IS_ACTIVE,  /* has signed in */
    USER_IS_BANNED,  /* may not sign in */
    USER_IS_DELETED, /* keeps its id; name and password are gone */
};

/* Texts live in the call's arena. */
struct user {
    char user_id[QL_UUID_SIZE];
    const char *user_name;
    int32_t gold;    /* mirrors the wallet */
    int32_t diamond; /* mirrors the wallet */
    enum user_status status;
    const char *hashed_password;
    enum ql_role role;        /* QL_ROLE_USER or QL_ROLE_ADMIN */
    const char *time_zone;    /* an IANA name: where the user's days begin */
    int64_t token_generation; /* of the access tokens that are good */
    struct quiz_stats quiz_stats;
};

/* Whether somebody can have the name: by the rules of CreateUser. */
bool user_name_is_valid(const char *user_name);

/* Checks a new password that keeps the rules of the contract; names field. */
enum ql_code user_password_check(struct ql_call *call, const char *field,
                                 const char *password) QL_MUST_CHECK;

/* Becomes a new account with a fresh id: NEW, with an empty wallet, its days those
 * of UTC. */
void user_begin(struct user *user, const char *user_name, enum ql_role role);

/* What a sign-in of such a user is announced as. */
const char *user_sign_in_event(enum user_status status);

/* "NEW", "ACTIVE", "BANNED", "DELETED", and back; an unknown name is BANNED, so that
 * nobody is let in by a status that this program does not know. */
const char *user_status_name(enum user_status status);
enum user_status user_status_from_name(const char *name);

#endif
