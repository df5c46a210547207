/* Who the caller is in relation to the user a call is about. */
#ifndef QL_USER_CALLER_H
#define QL_USER_CALLER_H

#include <stdbool.h>

#include "platform/pg/pg.h"

/* The caller is the user, in whatever case of letters the id is written. The audit
 * trail is for what others do. */
bool caller_is(const struct ql_call *call, const char *user_id);

/* An administrator acts for somebody else. For themselves they act as anybody does:
 * they prove who they are. */
bool caller_acts_for_another(const struct ql_call *call, const char *user_id);

/* Refuses who has a token of an administrator and is none any more:
 * PERMISSION_DENIED (ROLE_NOT_ALLOWED). A token outlives the role, and a ban, by
 * minutes; what would let its owner stay longer (undoing that, another account's
 * password, an API key) is not done for it. To be asked behind the locks of the
 * action. Other callers pass. */
enum ql_code caller_check_admin(struct ql_call *call, struct ql_pg_tx *tx) QL_MUST_CHECK;

#endif
