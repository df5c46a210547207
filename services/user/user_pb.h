/* Accounts on the wire. */
#ifndef QL_USER_USER_PB_H
#define QL_USER_USER_PB_H

#include "questline/user/v1/names.h"
#include "services/user/user.h"

/* In the call's arena, without the hash; NULL when that is full. */
User *user_to_pb(struct ql_call *call, const struct user *user);

#endif
