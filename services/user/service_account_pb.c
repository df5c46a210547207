/* pb <-> domain for service accounts and their keys. */
#include "services/user/service_account_pb.h"

#include <string.h>

#include "platform/pb/wire/timestamp.h"

ServiceAccount *service_account_to_pb(struct ql_call *call, const struct service_account *account)
{
    ServiceAccount *pb = ql_arena_alloc(call->arena, sizeof(*pb));
    char *rest = ql_arena_strdup(call->arena, account->event_grant), *type;

    if (pb == NULL || rest == NULL)
        return NULL;
    ServiceAccount_init(pb);
    pb->service_account_id = ql_arena_strdup(call->arena, account->service_account_id);
    pb->display_name = (char *)account->display_name;
    pb->event_types = ql_arena_calloc(call->arena, SERVICE_ACCOUNT_TYPES_MAX, sizeof(char *));
    pb->disabled = account->is_disabled;
    pb->created_at = ql_timestamp_new(call, account->created_ms);
    if (pb->service_account_id == NULL || pb->event_types == NULL || pb->created_at == NULL)
        return NULL;
    while (pb->n_event_types < SERVICE_ACCOUNT_TYPES_MAX && (type = strsep(&rest, " ")) != NULL)
        pb->event_types[pb->n_event_types++] = type;
    return pb;
}

/* Into the arena, absent for 0; false when that is full. */
static bool set_time(struct ql_call *call, int64_t unix_ms, Google__Protobuf__Timestamp **ret_time)
{
    *ret_time = unix_ms == 0 ? NULL : ql_timestamp_new(call, unix_ms);
    return unix_ms == 0 || *ret_time != NULL;
}

ApiKey *api_key_to_pb(struct ql_call *call, const struct api_key *key)
{
    ApiKey *pb = ql_arena_alloc(call->arena, sizeof(*pb));

    if (pb == NULL)
        return NULL;
    ApiKey_init(pb);
    pb->key_id = ql_arena_strdup(call->arena, key->key_id);
    if (pb->key_id == NULL || !set_time(call, key->created_ms, &pb->created_at) ||
        !set_time(call, key->revoked_ms, &pb->revoked_at) ||
        !set_time(call, key->last_used_ms, &pb->last_used_at))
        return NULL;
    return pb;
}
