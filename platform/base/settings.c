/* Filling a settings table from the environment, and printing it. */
#include "platform/base/settings.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "platform/base/attributes.h"

enum { VALUE_MAX = 65536, KEY_MAX = 128 };

static const char file_suffix[] = "_FILE";

static void free_text(char **text)
{
    free(*text);
}

static void close_file(FILE **file)
{
    if (*file != NULL)
        fclose(*file);
}

/* The form of a value that a message may show. */
static const char *shown_value(const struct ql_setting *setting, const char *value)
{
    return setting->secret == QL_SECRET ? "***" : value;
}

/* The file's content without trailing newlines; the caller frees it. NULL with a
 * line on errors. */
static char *read_value_file(const char *key, const char *path, FILE *errors)
{
    QL_CLEANUP(close_file) FILE *file = fopen(path, "re");
    QL_CLEANUP(free_text) char *value = malloc(VALUE_MAX + 1);
    char *taken;
    size_t length;

    if (value == NULL) {
        fprintf(errors, "%s: out of memory\n", key);
        return NULL;
    }
    if (file == NULL) {
        fprintf(errors, "%s%s: cannot open %s: %s\n", key, file_suffix, path, strerror(errno));
        return NULL;
    }
    length = fread(value, 1, VALUE_MAX + 1, file);
    if (ferror(file)) {
        fprintf(errors, "%s%s: cannot read %s: %s\n", key, file_suffix, path, strerror(errno));
        return NULL;
    }
    if (length > VALUE_MAX) {
        fprintf(errors, "%s%s: %s is longer than %d bytes\n", key, file_suffix, path, VALUE_MAX);
        return NULL;
    }
    while (length > 0 && (value[length - 1] == '\n' || value[length - 1] == '\r'))
        length--;
    value[length] = '\0';
    if (strlen(value) != length) {
        fprintf(errors, "%s%s: %s holds a NUL byte\n", key, file_suffix, path);
        return NULL;
    }
    taken = value;
    value = NULL;
    return taken;
}

/* Digits with an optional minus sign: strtoll alone would accept " 1" and "+1". */
static bool parse_int(const char *text, int64_t *ret_number)
{
    const char *digits = text[0] == '-' ? text + 1 : text;
    char *end;
    long long number;

    if (digits[0] < '0' || digits[0] > '9')
        return false;
    errno = 0;
    number = strtoll(text, &end, 10);
    if (errno != 0 || *end != '\0')
        return false;
    *ret_number = number;
    return true;
}

static bool parse_duration(const char *text, int64_t *ret_ms)
{
    static const struct {
        const char *unit;
        int64_t ms;
    } units[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}};
    size_t n_digits = strspn(text, "0123456789");
    char digits[20];

    if (n_digits == 0 || n_digits >= sizeof(digits))
        return false;
    memcpy(digits, text, n_digits);
    digits[n_digits] = '\0';
    if (!parse_int(digits, ret_ms))
        return false;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(units); i++) {
        if (strcmp(text + n_digits, units[i].unit) == 0)
            return !__builtin_mul_overflow(*ret_ms, units[i].ms, ret_ms);
    }
    return false;
}

static bool parse_bool(const char *text, bool *ret_value)
{
    *ret_value = strcmp(text, "true") == 0 || strcmp(text, "1") == 0;
    return *ret_value || strcmp(text, "false") == 0 || strcmp(text, "0") == 0;
}

static bool store_number(const struct ql_setting *setting, const char *value, int64_t *field,
                         FILE *errors)
{
    bool is_duration = setting->type == QL_SETTING_DURATION;
    int64_t number;

    if (!(is_duration ? parse_duration(value, &number) : parse_int(value, &number))) {
        fprintf(errors, "%s: \"%.64s\" is not a %s\n", setting->key, shown_value(setting, value),
                is_duration ? "duration such as 250ms, 10s, 5m or 1h" : "whole number");
        return false;
    }
    if ((setting->min != 0 || setting->max != 0) &&
        (number < setting->min || number > setting->max)) {
        fprintf(errors, "%s: \"%.64s\" is not between %" PRId64 " and %" PRId64 "%s\n",
                setting->key, shown_value(setting, value), setting->min, setting->max,
                is_duration ? " ms" : "");
        return false;
    }
    *field = number;
    return true;
}

static bool store_value(const struct ql_setting *setting, const char *value, void *target,
                        FILE *errors)
{
    void *field = (char *)target + setting->offset;
    char *copy;
    bool flag;

    switch (setting->type) {
    case QL_SETTING_INT:
    case QL_SETTING_DURATION:
        return store_number(setting, value, field, errors);
    case QL_SETTING_BOOL:
        if (!parse_bool(value, &flag)) {
            fprintf(errors, "%s: \"%.64s\" is not true, false, 1 or 0\n", setting->key,
                    shown_value(setting, value));
            return false;
        }
        *(bool *)field = flag;
        return true;
    case QL_SETTING_TEXT:
        break;
    }
    copy = strdup(value);
    if (copy == NULL) {
        fprintf(errors, "%s: out of memory\n", setting->key);
        return false;
    }
    *(char **)field = copy;
    return true;
}

static bool load_one(const struct ql_setting *setting, void *target, FILE *errors)
{
    QL_CLEANUP(free_text) char *from_file = NULL;
    const char *value = getenv(setting->key), *path;
    char file_key[KEY_MAX];

    if (setting->type == QL_SETTING_TEXT)
        *(char **)((char *)target + setting->offset) = NULL;
    snprintf(file_key, sizeof(file_key), "%s%s", setting->key, file_suffix);
    path = getenv(file_key);
    if (value != NULL && path != NULL) {
        fprintf(errors, "%s: given twice, as %s too\n", setting->key, file_key);
        return false;
    }
    if (path != NULL) {
        from_file = read_value_file(setting->key, path, errors);
        if (from_file == NULL)
            return false;
        value = from_file;
    }
    if (value == NULL)
        value = setting->fallback;
    if (value == NULL || (value[0] == '\0' && setting->fallback == NULL)) {
        fprintf(errors, "%s: required, and not set (%s)\n", setting->key, setting->help);
        return false;
    }
    return store_value(setting, value, target, errors);
}

int ql_settings_load(const struct ql_setting *table, void *target, FILE *errors)
{
    int n_bad = 0;

    for (; table->key != NULL; table++)
        if (!load_one(table, target, errors))
            n_bad++;
    return n_bad;
}

void ql_settings_done(const struct ql_setting *table, void *target)
{
    for (; table->key != NULL; table++) {
        char **field = (char **)(void *)((char *)target + table->offset);

        if (table->type != QL_SETTING_TEXT)
            continue;
        free(*field);
        *field = NULL;
    }
}

void ql_settings_print_help(const struct ql_setting *table, FILE *out)
{
    for (; table->key != NULL; table++) {
        const char *fallback = "(required)";

        if (table->fallback != NULL)
            fallback = table->fallback[0] == '\0' ? "(empty)" : shown_value(table, table->fallback);
        fprintf(out, "  %-28s %-20s %s\n", table->key, fallback, table->help);
    }
}

static bool is_known(const struct ql_setting *const *tables, const char *key, size_t length)
{
    for (; *tables != NULL; tables++)
        for (const struct ql_setting *setting = *tables; setting->key != NULL; setting++)
            if (strlen(setting->key) == length && memcmp(setting->key, key, length) == 0)
                return true;
    return false;
}

int ql_settings_warn_unknown(const struct ql_setting *const *tables, FILE *out)
{
    const size_t suffix_length = sizeof(file_suffix) - 1;
    int n_unknown = 0;

    for (char **entry = environ; entry != NULL && *entry != NULL; entry++) {
        size_t length = strcspn(*entry, "=");

        if (strncmp(*entry, "QL_", 3) != 0 || is_known(tables, *entry, length))
            continue;
        if (length > suffix_length &&
            memcmp(*entry + length - suffix_length, file_suffix, suffix_length) == 0 &&
            is_known(tables, *entry, length - suffix_length))
            continue;
        fprintf(out, "%.*s: no such setting, ignored\n", (int)length, *entry);
        n_unknown++;
    }
    return n_unknown;
}

bool ql_setting_is_placeholder(const char *value)
{
    static const char *const words[] = {"changeme", "change-me", "placeholder",
                                        "secret",   "password",  "example"};
    const char *opening;

    if (value == NULL || value[0] == '\0')
        return true;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(words); i++)
        if (strcasecmp(value, words[i]) == 0)
            return true;
    opening = strchr(value, '<');
    return opening != NULL && strchr(opening, '>') != NULL;
}
