/* Settings: a table with the documentation of each, filled from the environment.
 *
 * Every key may be given as KEY, or as KEY_FILE naming a file whose content,
 * without trailing newlines, is the value (for secrets). A bad value is an
 * error that names the key; an unknown QL_ key is a warning, so that an older version
 * starts with newer configuration. */
#ifndef QL_BASE_SETTINGS_H
#define QL_BASE_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum ql_setting_type {
    QL_SETTING_TEXT,     /* char * */
    QL_SETTING_INT,      /* int64_t within [min, max] */
    QL_SETTING_DURATION, /* int64_t in milliseconds: "250ms", "10s", "5m", "1h" */
    QL_SETTING_BOOL,     /* bool: true, false, 1, 0 */
};

enum ql_secrecy {
    QL_PUBLIC = 0,
    QL_SECRET,       /* the value is never printed; weak ones are refused outside local mode */
    QL_PRIVATE_FILE, /* the value names a file that others may not read outside local mode */
};

struct ql_setting {
    const char *key; /* "QL_PG_URL"; NULL ends the table */
    enum ql_setting_type type;
    size_t offset;        /* of the field in the target struct */
    const char *fallback; /* NULL: the key is required */
    const char *help;     /* one line */
    int64_t min, max;     /* for INT and DURATION; both 0: any */
    enum ql_secrecy secret;
};

/* Fills target from the environment. Writes a line to errors for every bad or
 * missing key and returns how many there were. Text values are allocated and
 * live until ql_settings_done. Not thread-safe: before threads start. */
int ql_settings_load(const struct ql_setting *table, void *target, FILE *errors);

/* Frees the text values. */
void ql_settings_done(const struct ql_setting *table, void *target);

/* Prints the table: key, default, help. */
void ql_settings_print_help(const struct ql_setting *table, FILE *out);

/* Warns on `out` about QL_ keys in the environment that no table has.
 * tables ends with NULL. Returns their number. */
int ql_settings_warn_unknown(const struct ql_setting *const *tables, FILE *out);

/* True for values that only documentation would use: empty, "changeme",
 * "change-me", "placeholder", "secret", "password", "example", or one that
 * contains "<" ... ">" ; any case. */
bool ql_setting_is_placeholder(const char *value);

#endif
