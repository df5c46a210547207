/* The services that a service calls: a setting for the address of each, and a channel.
 *
 * The settings are made at the start from the names in struct ql_service, so that the
 * platform names no service. */
#ifndef QL_SERVICE_CALLEES_H
#define QL_SERVICE_CALLEES_H

#include "platform/base/call.h"
#include "platform/base/settings.h"
#include "platform/service/service.h"

enum { QLI_CALLEE_KEY_SIZE = 64, QLI_CALLEE_HELP_SIZE = 128 };

struct qli_callees_settings {
    struct ql_setting table[QL_SERVICE_CALLS_MAX + 1]; /* for ql_settings_load, with itself */
    char *addresses[QL_SERVICE_CALLS_MAX];             /* in the order of the names */
    char keys[QL_SERVICE_CALLS_MAX][QLI_CALLEE_KEY_SIZE];
    char help[QL_SERVICE_CALLS_MAX][QLI_CALLEE_HELP_SIZE];
};

/* Fills the table: QL_ARENA_ADDRESS for the name "arena". It points into the struct,
 * which must stay where it is. */
void qli_callees_describe(struct qli_callees_settings *settings,
                          const char *const names[QL_SERVICE_CALLS_MAX]);

/* Makes the parts' channels from the settings that were read; FAILED_PRECONDITION
 * (START_FAILED) for an address that is none. What was made stays for qli_callees_stop. */
enum ql_code qli_callees_start(struct ql_call *call, const struct qli_callees_settings *settings,
                               const char *const names[QL_SERVICE_CALLS_MAX],
                               struct ql_service_parts *parts) QL_MUST_CHECK;
/* Frees the channels; any number of times. */
void qli_callees_stop(struct ql_service_parts *parts);

#endif
