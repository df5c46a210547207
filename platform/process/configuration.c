/* Settings of a process: the common table and the process's own, checked. */
#include "platform/process/configuration.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/base/address.h"
#include "platform/base/log.h"
#include "platform/process/secret.h"

enum { TABLES_MAX = 16, KEY_MAX = 128 };

/* The file that a setting's value came from, or that it names; NULL for none. */
static const char *file_of(const struct ql_setting *setting, const char *value)
{
    char key[KEY_MAX];

    if (setting->secret == QL_PRIVATE_FILE)
        return value;
    snprintf(key, sizeof(key), "%s_FILE", setting->key);
    return getenv(key);
}

static const char *fault_of(const struct ql_setting *setting, const char *value)
{
    const char *path = file_of(setting, value), *fault = NULL;
    bool is_absent = setting->fallback != NULL && setting->fallback[0] == '\0' && value[0] == '\0';

    if (is_absent)
        return NULL;
    if (setting->secret == QL_SECRET)
        fault = qli_secret_fault(value);
    if (fault == NULL && path != NULL)
        fault = qli_secret_file_fault(path);
    return fault;
}

static int count_bad_secrets(const struct ql_setting *table, const void *target, FILE *errors)
{
    int n_bad = 0;

    for (; table->key != NULL; table++) {
        const char *const *value = (const void *)((const char *)target + table->offset);
        const char *fault = NULL;

        if (table->secret != QL_PUBLIC && table->type == QL_SETTING_TEXT && *value != NULL)
            fault = fault_of(table, *value);
        if (fault != NULL) {
            fprintf(errors, "%s: %s; only local mode accepts it\n", table->key, fault);
            n_bad++;
        }
    }
    return n_bad;
}

bool qli_configuration_load(const struct ql_process *process, FILE *errors)
{
    struct ql_process_settings *settings = process->settings;
    enum ql_log_level level = QL_LOG_INFO;
    bool is_strict;
    int n_bad;

    n_bad = ql_settings_load(ql_process_settings_table, settings, errors);
    n_bad += qli_process_settings_check(settings, errors);
    /* An invalid mode counts as production. */
    is_strict = settings->mode == NULL || !ql_process_is_local(settings);
    if (is_strict)
        n_bad += count_bad_secrets(ql_process_settings_table, settings, errors);
    for (size_t i = 0; process->tables != NULL && process->tables[i] != NULL; i++) {
        n_bad += ql_settings_load(process->tables[i], process->targets[i], errors);
        if (is_strict)
            n_bad += count_bad_secrets(process->tables[i], process->targets[i], errors);
    }
    if (n_bad > 0)
        return false;
    (void)ql_log_level_parse(settings->log_level, &level);
    ql_log_setup(process->name, level);
    ql_address_set_log_key(settings->log_address_key);
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
            return; /* an incomplete list would report known keys as unknown */
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
