/* ProfileService: what everybody may see of users. */
#include "questline/user/v1/server.h"
#include "services/user/user_service.h"
#include "services/user/user_store.h"

/* BatchGetProfiles: the names of those who are there. */
static enum ql_code profile_rpc_batch_get(struct ql_call *call, const BatchGetProfilesRequest *in,
                                          BatchGetProfilesResponse *out)
{
    struct user_service *app = call->app;
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    struct user_name *names;
    Profile *profiles;
    size_t n_names;
    enum ql_code rc;

    rc = ql_pg_begin(call, app->parts.pg, &tx);
    if (rc != QL_OK)
        return rc;
    rc = user_store_list_names(call, tx, (const char *const *)in->user_ids, in->n_user_ids, &names,
                               &n_names);
    if (rc != QL_OK)
        return rc;
    profiles = ql_arena_calloc(call->arena, n_names + 1, sizeof(*profiles));
    out->profiles = ql_arena_calloc(call->arena, n_names + 1, sizeof(*out->profiles));
    if (profiles == NULL || out->profiles == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < n_names; i++) {
        Profile_init(&profiles[i]);
        profiles[i].user_id = (char *)names[i].user_id;
        profiles[i].user_name = (char *)names[i].user_name;
        out->profiles[i] = &profiles[i];
    }
    out->n_profiles = n_names;
    return QL_OK;
}

QL_RPC_SERVE(ProfileService_BatchGetProfiles, profile_rpc_batch_get)
