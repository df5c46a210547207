/* Finding the packages with routes, and filling a row of the settings table for each. */
#include "gateway/backend_settings.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_BYTES = 160 };

bool backend_serves(const struct ql_method *method)
{
    return method->http.verb != NULL && method->access != QL_ACCESS_INTERNAL &&
           method->access != QL_ACCESS_UNSPECIFIED;
}

static bool has_name(const struct backend_settings *settings, const char *name)
{
    for (size_t i = 0; i < settings->n; i++)
        if (strcmp(settings->names[i], name) == 0)
            return true;
    return false;
}

static void collect_names(struct backend_settings *settings, const struct ql_method *methods,
                          size_t n_methods)
{
    for (size_t i = 0; i < n_methods; i++)
        if (backend_serves(&methods[i]) && methods[i].domain[0] != '\0' &&
            !has_name(settings, methods[i].domain))
            settings->names[settings->n++] = methods[i].domain;
}

static bool fill_row(struct ql_setting *row, size_t index, const char *name)
{
    char key[TEXT_BYTES], help[TEXT_BYTES];

    snprintf(key, sizeof(key), "QL_%s_ADDRESS", name);
    for (char *at = key; *at != '\0'; at++)
        *at = (char)toupper((unsigned char)*at);
    snprintf(help, sizeof(help), "the %s service: tcp://host:port, several joined with commas",
             name);
    *row = (struct ql_setting){.key = strdup(key),
                               .type = QL_SETTING_TEXT,
                               .offset = index * sizeof(char *),
                               .help = strdup(help)};
    return row->key != NULL && row->help != NULL;
}

/* False without memory. */
static bool fill_settings(struct backend_settings *settings, const struct ql_schema *schema)
{
    size_t n_methods;
    const struct ql_method *methods = ql_schema_methods(schema, &n_methods);

    settings->names = calloc(n_methods + 1, sizeof(settings->names[0]));
    settings->addresses = calloc(n_methods + 1, sizeof(settings->addresses[0]));
    settings->table = calloc(n_methods + 1, sizeof(settings->table[0]));
    if (settings->names == NULL || settings->addresses == NULL || settings->table == NULL)
        return false;
    collect_names(settings, methods, n_methods);
    for (size_t i = 0; i < settings->n; i++)
        if (!fill_row(&settings->table[i], i, settings->names[i]))
            return false;
    return true;
}

struct backend_settings *backend_settings_new(const struct ql_schema *schema)
{
    struct backend_settings *settings = calloc(1, sizeof(*settings));

    if (settings == NULL || fill_settings(settings, schema))
        return settings;
    backend_settings_free(settings);
    return NULL;
}

void backend_settings_free(struct backend_settings *settings)
{
    if (settings == NULL)
        return;
    for (size_t i = 0; i < settings->n && settings->table != NULL; i++) {
        free((void *)(uintptr_t)settings->table[i].key);
        free((void *)(uintptr_t)settings->table[i].help);
    }
    free(settings->names);
    free(settings->addresses);
    free(settings->table);
    free(settings);
}
