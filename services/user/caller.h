/* On whose behalf somebody calls. */
#ifndef QL_USER_CALLER_H
#define QL_USER_CALLER_H

#include <stdbool.h>

#include "platform/base/call.h"

/* An administrator acts for somebody else. For themselves, in whatever case of
 * letters their id is written, they act as anybody does: they prove who they are,
 * and the audit trail is not for it. */
bool caller_acts_for_another(const struct ql_call *call, const char *user_id);

#endif
