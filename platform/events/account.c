/* Accounts compared with the publishers that the contract names. */
#include "platform/events/account.h"

#include <string.h>

#include "platform/base/attributes.h"
#include "platform/events/event.h"

#define SERVICE_PREFIX "ql_"

/* Accounts that publish events of others again: questctl's, that of the service which
 * replays dead letters, and the administrator's. */
static const char *const replaying[] = {"ql_operator", "ql_dead_letters", "questline_admin"};

static bool is_replaying(const char *account)
{
    for (size_t i = 0; i < QL_ARRAY_LENGTH(replaying); i++) {
        if (strcmp(account, replaying[i]) == 0)
            return true;
    }
    return false;
}

/* True for a service that publishes an event of the contract. */
static bool is_of_a_service(const char *service)
{
    size_t n_types;
    const struct ql_event_type *types = ql_schema_event_types(ql_schema_embedded(), &n_types);

    for (size_t i = 0; i < n_types; i++) {
        if (strcmp(types[i].publisher, service) == 0)
            return true;
    }
    return false;
}

static bool is_publisher(const char *account, const char *type)
{
    const char *publisher = ql_event_type_publisher(type);
    const char *service = account + strlen(SERVICE_PREFIX);

    if (strncmp(account, SERVICE_PREFIX, strlen(SERVICE_PREFIX)) != 0)
        return false;
    return strcmp(publisher, "*") == 0 ? is_of_a_service(service) : strcmp(publisher, service) == 0;
}

const char *ql_account_of_origin(const struct ql_message_origin *origin)
{
    return is_replaying(origin->account) ? origin->original : origin->account;
}

enum ql_code ql_account_check(struct ql_call *call, const char *own_account,
                              const struct ql_message_origin *origin, const char *type)
{
    const char *account = ql_account_of_origin(origin);

    if (origin->account[0] == '\0')
        return ql_fail(call, QL_INVALID_ARGUMENT, "PUBLISHER_MISSING",
                       "the message does not name the account that published it");
    if (origin->has_more_keys)
        return ql_fail(call, QL_INVALID_ARGUMENT, "MORE_KEYS_NOT_ALLOWED",
                       "the message names further routing keys (header CC or BCC)");
    if (account[0] == '\0' || strcmp(account, own_account) == 0 || is_publisher(account, type))
        return QL_OK;
    return ql_fail(call, QL_INVALID_ARGUMENT, "PUBLISHER_NOT_ALLOWED",
                   "the account %.64s does not publish events of type %.80s", account, type);
}

bool ql_account_may_set_aside(const char *own_account, const char *account, const char *service)
{
    if (account[0] == '\0')
        return false;
    if (strcmp(account, own_account) == 0 || is_replaying(account))
        return true;
    return strncmp(account, SERVICE_PREFIX, strlen(SERVICE_PREFIX)) == 0 &&
           strcmp(account + strlen(SERVICE_PREFIX), service) == 0;
}
