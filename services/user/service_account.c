/* The rules of accounts of game servers. */
#include "services/user/service_account.h"

#include <stdio.h>
#include <string.h>

#include "platform/base/text.h"
#include "platform/events/grant.h"

static enum ql_code check_types(struct ql_call *call, char *const *types, size_t n_types)
{
    size_t bytes = 0;
    enum ql_code rc = QL_OK;

    if (n_types < 1 || n_types > SERVICE_ACCOUNT_TYPES_MAX)
        return ql_violate(call, "serviceAccount.eventTypes", "must have 1 to %d entries",
                          SERVICE_ACCOUNT_TYPES_MAX);
    for (size_t i = 0; i < n_types; i++) {
        char field[48];

        bytes += strlen(types[i]) + 1;
        if (ql_event_grant_entry_is_valid(types[i]))
            continue;
        snprintf(field, sizeof(field), "serviceAccount.eventTypes[%zu]", i);
        rc = ql_violate(call, field,
                        "must be a type such as monster.killed, or monster.*; the reserved types "
                        "are not for game servers");
    }
    if (rc != QL_OK)
        return rc;
    if (bytes - 1 > SERVICE_ACCOUNT_GRANT_MAX)
        rc = ql_violate(call, "serviceAccount.eventTypes", "must have at most %d characters",
                        SERVICE_ACCOUNT_GRANT_MAX);
    return rc;
}

enum ql_code service_account_begin(struct ql_call *call, const char *display_name,
                                   char *const *event_types, size_t n_event_types,
                                   struct service_account *ret_account)
{
    char grant[SERVICE_ACCOUNT_GRANT_MAX + 1] = "";
    size_t length = 0;
    enum ql_code rc = QL_OK;

    if (!ql_text_is_name(display_name, SERVICE_ACCOUNT_NAME_MAX))
        rc = ql_violate(call, "serviceAccount.displayName",
                        "must have 1 to %d characters, none a control character, not only blanks",
                        SERVICE_ACCOUNT_NAME_MAX);
    if (check_types(call, event_types, n_event_types) != QL_OK || rc != QL_OK)
        return QL_INVALID_ARGUMENT;
    for (size_t i = 0; i < n_event_types; i++)
        length += (size_t)snprintf(grant + length, sizeof(grant) - length, "%s%s",
                                   i == 0 ? "" : " ", event_types[i]);
    memset(ret_account, 0, sizeof(*ret_account));
    ql_uuid_new(ret_account->service_account_id);
    ret_account->display_name = display_name;
    ret_account->event_grant = ql_arena_strdup(call->arena, grant);
    return ret_account->event_grant == NULL ? ql_fail_memory(call) : QL_OK;
}

void api_key_new(char ret_key[API_KEY_SIZE])
{
    memcpy(ret_key, "qlk_", 4);
    ql_random_hex(ret_key + 4, 32);
}

void api_key_hash(const char *key, char ret_hash[QL_SHA256_HEX_SIZE])
{
    ql_sha256_hex(ret_hash, key, strlen(key));
}
