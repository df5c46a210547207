/* Settings of every process. */
#ifndef QL_PROCESS_PROCESS_SETTINGS_H
#define QL_PROCESS_PROCESS_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "platform/base/settings.h"

/* The first table of every --help. */
struct ql_process_settings {
    char *mode;            /* QL_MODE: "production" or "local" */
    char *log_level;       /* QL_LOG_LEVEL */
    char *log_address_key; /* QL_LOG_ADDRESS_KEY; "": logs show addresses */
    int64_t drain_timeout_ms;
};

extern const struct ql_setting ql_process_settings_table[];

bool ql_process_is_local(const struct ql_process_settings *settings);

/* Checks QL_MODE and QL_LOG_LEVEL: a line on errors for each invalid one. Returns their
 * number. */
int qli_process_settings_check(const struct ql_process_settings *settings, FILE *errors);

#endif
