/* The table of the settings of every process. */
#include "platform/process/process_settings.h"

#include <stddef.h>
#include <string.h>

#include "platform/base/log.h"

static const char mode_local[] = "local";
static const char mode_production[] = "production";

const struct ql_setting ql_process_settings_table[] = {
    {"QL_MODE", QL_SETTING_TEXT, offsetof(struct ql_process_settings, mode), mode_production,
     "production, or local: demo data and weak secrets are accepted", 0, 0, QL_PUBLIC},
    {"QL_LOG_LEVEL", QL_SETTING_TEXT, offsetof(struct ql_process_settings, log_level), "info",
     "lowest level logged: debug, info, warn or error", 0, 0, QL_PUBLIC},
    {"QL_LOG_ADDRESS_KEY", QL_SETTING_TEXT, offsetof(struct ql_process_settings, log_address_key),
     "", "with this secret, the same for all processes, logs show digests of client addresses", 0,
     0, QL_SECRET},
    {"QL_DRAIN_TIMEOUT", QL_SETTING_DURATION,
     offsetof(struct ql_process_settings, drain_timeout_ms), "10s",
     "time to finish work and stop, after which the process exits at once", 10, 3600000, QL_PUBLIC},
    {0},
};

bool ql_process_is_local(const struct ql_process_settings *settings)
{
    return strcmp(settings->mode, mode_local) == 0;
}

int qli_process_settings_check(const struct ql_process_settings *settings, FILE *errors)
{
    enum ql_log_level level;
    int n_bad = 0;

    if (settings->mode != NULL && !ql_process_is_local(settings) &&
        strcmp(settings->mode, mode_production) != 0) {
        fprintf(errors, "QL_MODE: \"%.64s\" is not %s or %s\n", settings->mode, mode_local,
                mode_production);
        n_bad++;
    }
    if (settings->log_level != NULL && !ql_log_level_parse(settings->log_level, &level)) {
        fprintf(errors, "QL_LOG_LEVEL: \"%.64s\" is not debug, info, warn or error\n",
                settings->log_level);
        n_bad++;
    }
    return n_bad;
}
