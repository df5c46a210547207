/* Starting and stopping what the user service has beyond the standard parts. */
#include "services/user/user_service.h"

#include "migrations_sql.h"
#include "platform/auth/seal.h"
#include "platform/base/text.h"
#include "services/user/name_hold.h"
#include "services/user/session_store.h"
#include "services/user/throttle_store.h"

ql_relay_chore *const user_service_chores[] = {
    session_store_purge, throttle_store_purge, name_hold_purge, quota_purge, NULL,
};

enum ql_code user_service_start(struct ql_call *call, void *app)
{
    struct user_service *service = app;

    service->reward_terms = reward_terms_cache_new();
    if (service->reward_terms == NULL)
        return ql_fail_memory(call);
    return QL_OK;
}

enum ql_code user_service_seal(struct ql_call *call, const char *kind, const char *name,
                               struct ql_idempotency_seal *ret_seal)
{
    struct user_service *service = call->app;
    struct ql_digest_key *secret = ql_arena_alloc(call->arena, sizeof(*secret));
    char *owner = ql_arena_printf(call->arena, "%s:%s", kind, name);

    if (secret == NULL || owner == NULL)
        return ql_fail_memory(call);
    ql_text_lower(owner); /* names and ids in any case of letters */
    ql_signer_derive(service->parts.signer, "idempotency", secret);
    *ret_seal = (struct ql_idempotency_seal){.secret = secret, .owner = owner};
    return QL_OK;
}

void user_service_stop(void *app)
{
    struct user_service *service = app;

    reward_terms_cache_free(service->reward_terms);
    service->reward_terms = NULL;
}

const struct ql_pg_migration *user_service_migrations(void)
{
    return sql_migrations;
}
