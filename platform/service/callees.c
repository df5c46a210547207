/* Settings and channels for the services that a service calls. */
#include "platform/service/callees.h"

#include <ctype.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

enum { ERROR_MAX = 200, CALLS_IN_FLIGHT_MAX = 256 };

static void write_key(char ret_key[QLI_CALLEE_KEY_SIZE], const char *name)
{
    snprintf(ret_key, QLI_CALLEE_KEY_SIZE, "QL_%s_ADDRESS", name);
    for (char *c = ret_key; *c != '\0'; c++)
        *c = (char)toupper((unsigned char)*c);
}

void qli_callees_describe(struct qli_callees_settings *settings,
                          const char *const names[QL_SERVICE_CALLS_MAX])
{
    memset(settings, 0, sizeof(*settings));
    for (size_t i = 0; i < QL_SERVICE_CALLS_MAX && names[i] != NULL; i++) {
        write_key(settings->keys[i], names[i]);
        snprintf(settings->help[i], QLI_CALLEE_HELP_SIZE,
                 "where the RPC of the service %s listens: tcp://host:port, several joined with "
                 "commas",
                 names[i]);
        settings->table[i] = (struct ql_setting){
            .key = settings->keys[i],
            .type = QL_SETTING_TEXT,
            .offset = offsetof(struct qli_callees_settings, addresses) + i * sizeof(char *),
            .help = settings->help[i],
        };
    }
}

enum ql_code qli_callees_start(struct ql_call *call, const struct qli_callees_settings *settings,
                               const char *const names[QL_SERVICE_CALLS_MAX],
                               struct ql_service_parts *parts)
{
    char error[ERROR_MAX] = "";

    for (size_t i = 0; i < QL_SERVICE_CALLS_MAX && names[i] != NULL; i++) {
        parts->callees[i].name = names[i];
        parts->callees[i].channel = ql_rpc_channel_new(
            &(const struct ql_rpc_channel_options){
                .service = names[i],
                .address = settings->addresses[i],
                .signer = parts->signer,
                .max_in_flight = CALLS_IN_FLIGHT_MAX,
            },
            error, sizeof(error));
        if (parts->callees[i].channel == NULL)
            return ql_fail(call, QL_FAILED_PRECONDITION, "START_FAILED", "%s", error);
    }
    return QL_OK;
}

void qli_callees_stop(struct ql_service_parts *parts)
{
    for (size_t i = 0; i < QL_SERVICE_CALLS_MAX; i++) {
        ql_rpc_channel_free(parts->callees[i].channel);
        parts->callees[i] = (struct ql_service_callee){0};
    }
}
