/* Settings of a process: the common table and the process's own, checked. */
#include "platform/process/configuration.h"

#include <stddef.h>
#include <string.h>

#include "platform/base/log.h"

enum { TABLES_MAX = 16, URL_PASSWORD_MAX = 256 };

static const char mode_local[] = "local";
static const char mode_production[] = "production";

const struct ql_setting ql_process_settings_table[] = {
    {"QL_MODE", QL_SETTING_TEXT, offsetof(struct ql_process_settings, mode), mode_local,
     "local, or production: no demo data, no placeholder secrets", 0, 0, false},
    {"QL_LOG_LEVEL", QL_SETTING_TEXT, offsetof(struct ql_process_settings, log_level), "info",
     "lowest level logged: debug, info, warn or error", 0, 0, false},
    {"QL_DRAIN_TIMEOUT", QL_SETTING_DURATION,
     offsetof(struct ql_process_settings, drain_timeout_ms), "10s",
     "time to finish work and stop before the process is ended by force", 10, 3600000, false},
    {0},
};

bool ql_process_is_local(const struct ql_process_settings *settings)
{
    return strcmp(settings->mode, mode_local) == 0;
}

/* True when the URL's user part ends in a password that is a placeholder:
 * "amqp://questline:changeme@host". */
static bool has_placeholder_password(const char *url)
{
    const char *authority = strstr(url, "://");
    char password[URL_PASSWORD_MAX];
    const char *at = NULL, *colon;
    size_t length;

    if (authority == NULL)
        return false;
    authority += strlen("://");
    length = strcspn(authority, "/?#");
    for (size_t i = 0; i < length; i++)
        if (authority[i] == '@')
            at = authority + i;
    colon = memchr(authority, ':', length);
    if (at == NULL || colon == NULL || colon > at)
        return false;
    length = (size_t)(at - colon) - 1;
    if (length >= sizeof(password))
        return false;
    memcpy(password, colon + 1, length);
    password[length] = '\0';
    return ql_setting_is_placeholder(password);
}

static bool is_placeholder(const struct ql_setting *setting, const char *value)
{
    bool is_absent = setting->fallback != NULL && setting->fallback[0] == '\0' && value[0] == '\0';

    if (is_absent)
        return false;
    return ql_setting_is_placeholder(value) || has_placeholder_password(value);
}

static int count_placeholders(const struct ql_setting *table, const void *target, FILE *errors)
{
    int n_bad = 0;

    for (; table->key != NULL; table++) {
        const char *const *value = (const void *)((const char *)target + table->offset);

        if (!table->secret || table->type != QL_SETTING_TEXT || *value == NULL)
            continue;
        if (is_placeholder(table, *value)) {
            fprintf(errors, "%s: a placeholder is no secret; only local mode takes it\n",
                    table->key);
            n_bad++;
        }
    }
    return n_bad;
}

static int check_common(const struct ql_process_settings *settings, FILE *errors)
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

bool qli_configuration_load(const struct ql_process *process, FILE *errors)
{
    struct ql_process_settings *settings = process->settings;
    enum ql_log_level level = QL_LOG_INFO;
    int n_bad;

    n_bad = ql_settings_load(ql_process_settings_table, settings, errors);
    n_bad += check_common(settings, errors);
    for (size_t i = 0; process->tables != NULL && process->tables[i] != NULL; i++) {
        n_bad += ql_settings_load(process->tables[i], process->targets[i], errors);
        /* A mode that is bad itself is no reason to take a placeholder. */
        if (settings->mode == NULL || !ql_process_is_local(settings))
            n_bad += count_placeholders(process->tables[i], process->targets[i], errors);
    }
    if (n_bad > 0)
        return false;
    (void)ql_log_level_parse(settings->log_level, &level);
    ql_log_setup(process->name, level);
    return true;
}

void qli_configuration_done(const struct ql_process *process)
{
    ql_settings_done(ql_process_settings_table, process->settings);
    for (size_t i = 0; process->tables != NULL && process->tables[i] != NULL; i++)
        ql_settings_done(process->tables[i], process->targets[i]);
}

void qli_configuration_warn_unknown(const struct ql_process *process, FILE *out)
{
    const struct ql_setting *tables[TABLES_MAX] = {ql_process_settings_table};

    for (size_t i = 0; process->tables != NULL && process->tables[i] != NULL; i++) {
        if (i + 2 == TABLES_MAX)
            return; /* half a list would call known keys unknown */
        tables[i + 1] = process->tables[i];
    }
    ql_settings_warn_unknown(tables, out);
}

void qli_configuration_print_help(const struct ql_process *process, FILE *out)
{
    const struct ql_command *command = process->commands;

    fprintf(out,
            "Usage: questline-%s [FLAG]\n\n"
            "Without a flag: runs until SIGTERM or SIGINT.\n\n"
            "  %-28s %s\n  %-28s %s\n  %-28s %s\n",
            process->name, "--help", "prints this text", "--version", "prints the version",
            "--check-config", "checks the settings and exits with 0 or 2");
    for (; command != NULL && command->flag != NULL; command++)
        fprintf(out, "  %-28s %s\n", command->flag, command->help);
    fprintf(out, "\nSettings, from the environment; KEY_FILE names a file that holds KEY's "
                 "value:\n\n");
    ql_settings_print_help(ql_process_settings_table, out);
    for (size_t i = 0; process->tables != NULL && process->tables[i] != NULL; i++)
        ql_settings_print_help(process->tables[i], out);
}
