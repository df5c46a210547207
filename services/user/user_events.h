/* What the user service announces about accounts and sign-ins. The user's row is
 * locked by the caller's transaction. */
#ifndef QL_USER_USER_EVENTS_H
#define QL_USER_USER_EVENTS_H

#include "platform/pg/pg.h"
#include "services/user/user.h"

/* UserRegistered, with the time zone. */
enum ql_code user_publish_registered(struct ql_call *call, struct ql_pg_tx *tx,
                                     const struct user *user) QL_MUST_CHECK;

/* UserDeleted. */
enum ql_code user_publish_deleted(struct ql_call *call, struct ql_pg_tx *tx,
                                  const struct user *user) QL_MUST_CHECK;

/* UserBanned, and UserUnbanned when the ban has ended. */
enum ql_code user_publish_banned(struct ql_call *call, struct ql_pg_tx *tx,
                                 const struct user *user) QL_MUST_CHECK;
enum ql_code user_publish_unbanned(struct ql_call *call, struct ql_pg_tx *tx,
                                   const struct user *user) QL_MUST_CHECK;

/* UserChanged: the user's days begin elsewhere from starts_ms on, since 1970, and by
 * the zone before until then. */
enum ql_code user_publish_changed(struct ql_call *call, struct ql_pg_tx *tx,
                                  const struct user *user, const char *zone_before,
                                  int64_t starts_ms) QL_MUST_CHECK;

/* NewUserSignIn or UserSignIn, by the status the user had before. *ret_event_id
 * lives in the call's arena. */
enum ql_code user_publish_signed_in(struct ql_call *call, struct ql_pg_tx *tx,
                                    const struct user *user, const char *session_id,
                                    const char **ret_event_id) QL_MUST_CHECK;

#endif
