/* The rules of an account. */
#include "services/user/user.h"

#include <string.h>

#include "platform/pb/validate/validator.h"
#include "questline/user/v1/names.h"
#include "services/user/user_password.h"

static const char *const status_names[] = {
    [USER_IS_NEW] = "NEW",
    [USER_IS_ACTIVE] = "ACTIVE",
    [USER_IS_BANNED] = "BANNED",
    [USER_IS_DELETED] = "DELETED",
};

bool user_name_is_valid(const char *user_name)
{
    return ql_field_takes_text(&CreateUserRequest_descriptor, "user_name", user_name);
}

enum ql_code user_password_check(struct ql_call *call, const char *field, const char *password)
{
    if (user_password_is_valid(password))
        return QL_OK;
    return ql_violate(call, field, "must have %d to %d characters", USER_PASSWORD_MIN,
                      USER_PASSWORD_MAX);
}

void user_begin(struct user *user, const char *user_name, enum ql_role role)
{
    memset(user, 0, sizeof(*user));
    ql_uuid_new(user->user_id);
    user->user_name = user_name;
    user->status = USER_IS_NEW;
    user->role = role;
    user->time_zone = "UTC";
}

const char *user_sign_in_event(enum user_status status)
{
    return status == USER_IS_NEW ? EVENT_NEW_USER_SIGN_IN : EVENT_USER_SIGN_IN;
}

const char *user_status_name(enum user_status status)
{
    return status_names[status];
}

enum user_status user_status_from_name(const char *name)
{
    for (size_t i = 0; i < QL_ARRAY_LENGTH(status_names); i++)
        if (strcmp(status_names[i], name) == 0)
            return (enum user_status)i;
    return USER_IS_BANNED;
}
