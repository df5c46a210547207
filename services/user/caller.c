/* Telling the owner of an account from an administrator. */
#include "services/user/caller.h"

#include <strings.h>

bool caller_acts_for_another(const struct ql_call *call, const char *user_id)
{
    return call->identity.role == QL_ROLE_ADMIN && strcasecmp(call->identity.subject, user_id) != 0;
}
