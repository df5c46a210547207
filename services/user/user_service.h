/* The user service's process: what its handlers share. */
#ifndef QL_USER_USER_SERVICE_H
#define QL_USER_USER_SERVICE_H

#include "platform/idempotency/idempotency.h"
#include "platform/service/service.h"
#include "services/user/reward_terms.h"
#include "services/user/quota.h"
#include "services/user/session.h"
#include "services/user/throttle.h"

/* config.c */
struct user_settings {
    struct session_rules sessions;
    struct throttle_rules throttle;
    struct quota_rules quotas;
    int64_t hold_name_ms; /* of a deleted account, before somebody else may have it */
};

extern const struct ql_setting user_settings[];

struct user_service {
    struct ql_service_parts parts; /* first: call->app serves both */
    struct user_settings settings;
    const char *admin_name;                  /* --make-admin's */
    struct reward_terms_cache *reward_terms; /* the consumer's thread alone uses it */
};

/* user_service.c: builds and releases what is beyond the standard parts. */
enum ql_code user_service_start(struct ql_call *call, void *app);
void user_service_stop(void *app);
const struct ql_pg_migration *user_service_migrations(void);

/* Delete what is old, a bounded number of rows of each kind; ended with NULL. */
extern ql_relay_chore *const user_service_chores[];

/* Whose Idempotency-Key it is and what its answer is sealed with: kind and name are
 * "user" and an id, or "name" and the name of an account to be. In the call's
 * arena. RESOURCE_EXHAUSTED. */
enum ql_code user_service_seal(struct ql_call *call, const char *kind, const char *name,
                               struct ql_idempotency_seal *ret_seal) QL_MUST_CHECK;

#endif
