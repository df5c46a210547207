/* The rules of accounts of game servers. */
#include "services/user/service_account.h"

#include <stdio.h>
#include <string.h>

#include "platform/base/text.h"

/* The types as one text, by spaces. */
static enum ql_code grant_write(struct ql_call *call, char *const *types, size_t n_types,
                                char ret_grant[SERVICE_ACCOUNT_GRANT_MAX + 1])
{
    size_t length = 0;

    for (size_t i = 0; i < n_types; i++) {
        size_t left = SERVICE_ACCOUNT_GRANT_MAX + 1 - length;
        int n = snprintf(ret_grant + length, left, "%s%s", i == 0 ? "" : " ", types[i]);

        if ((size_t)n >= left)
            return ql_violate(call, "serviceAccount.eventTypes",
                              "must have at most %d characters together",
                              SERVICE_ACCOUNT_GRANT_MAX);
        length += (size_t)n;
    }
    return QL_OK;
}

enum ql_code service_account_begin(struct ql_call *call, const char *display_name,
                                   char *const *event_types, size_t n_event_types,
                                   struct service_account *ret_account)
{
    char grant[SERVICE_ACCOUNT_GRANT_MAX + 1] = "";
    enum ql_code rc = QL_OK;

    if (!ql_text_is_name(display_name))
        rc = ql_violate(call, "serviceAccount.displayName",
                        "must not be only blanks nor have control characters");
    if (grant_write(call, event_types, n_event_types, grant) != QL_OK || rc != QL_OK)
        return QL_INVALID_ARGUMENT;
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
