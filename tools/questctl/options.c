/* Reading the command line by the tables. */
#include "tools/questctl/options.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define FIELD(name) offsetof(struct options, name)

const struct option common_options[] = {
    {"--json", OPTION_FLAG, FIELD(json), NULL, "print JSON, for programs", 0, 0},
    {"--state", OPTION_TEXT, FIELD(state), "DIR",
     "state folder of scripts/run.sh: addresses, broker and key (or QL_STATE_DIR)", 0, 0},
    {"--token", OPTION_TEXT, FIELD(token), "JWT", "call with this token (or QL_TOKEN)", 0, 0},
    {"--login", OPTION_TEXT, FIELD(login), "USER",
     "sign in first; the password is QL_PASSWORD or typed", 0, 0},
    {"--key", OPTION_TEXT, FIELD(key), "FILE",
     "sign tokens with this key, listed in QL_JWKS_FILE (or QL_KEY_FILE)", 0, 0},
    {"--timeout", OPTION_NUMBER, FIELD(timeout_s), "SECONDS", "time limit of a call (10)", 1, 3600},
    {"--help", OPTION_FLAG, FIELD(help), NULL, "print this text", 0, 0},
    {0},
};

static const struct option *find(const struct option *list, const char *name, size_t length)
{
    for (; list != NULL && list->name != NULL; list++)
        if (strlen(list->name) == length && memcmp(list->name, name, length) == 0)
            return list;
    return NULL;
}

static bool set_number(const struct option *option, const char *text, int64_t *ret_number,
                       char *error, size_t error_size)
{
    char *end;
    long long number;

    errno = 0;
    number = strtoll(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || number < option->min || number > option->max) {
        snprintf(error, error_size, "%s takes a number from %" PRId64 " to %" PRId64 ", not \"%s\"",
                 option->name, option->min, option->max, text);
        return false;
    }
    *ret_number = number;
    return true;
}

static bool set(struct options *options, const struct option *option, const char *value,
                char *error, size_t error_size)
{
    char *field = (char *)options + option->offset;
    int64_t number;

    switch (option->kind) {
    case OPTION_FLAG:
        *(bool *)(void *)field = true;
        return true;
    case OPTION_TEXT:
        memcpy(field, &value, sizeof(value));
        return true;
    case OPTION_NUMBER:
        break;
    }
    if (!set_number(option, value, &number, error, error_size))
        return false;
    memcpy(field, &number, sizeof(number));
    return true;
}

static bool add_argument(struct options *options, const char *text, char *error, size_t error_size)
{
    if (options->n_arguments == ARGUMENTS_MAX) {
        snprintf(error, error_size, "unexpected argument \"%s\"", text);
        return false;
    }
    options->arguments[options->n_arguments++] = text;
    return true;
}

/* One option and, where it takes one, its value; *at moves over both. */
static bool take_option(struct options *options, const struct option *own, int argc, char **argv,
                        int *at, char *error, size_t error_size)
{
    const char *text = argv[*at], *equals = strchr(text, '=');
    size_t length = equals == NULL ? strlen(text) : (size_t)(equals - text);
    const struct option *option = find(common_options, text, length);
    const char *value = equals == NULL ? NULL : equals + 1;

    if (option == NULL)
        option = find(own, text, length);
    if (option == NULL) {
        snprintf(error, error_size, "unknown option %s", text);
        return false;
    }
    if (option->kind == OPTION_FLAG && value != NULL) {
        snprintf(error, error_size, "%s takes no value", option->name);
        return false;
    }
    if (option->kind != OPTION_FLAG && value == NULL) {
        if (*at + 1 == argc) {
            snprintf(error, error_size, "%s needs a value: %s", option->name, option->value);
            return false;
        }
        value = argv[++*at];
    }
    return set(options, option, value, error, error_size);
}

bool options_read(struct options *options, const struct option *own, int argc, char **argv,
                  char *error, size_t error_size)
{
    bool takes_options = true;

    for (int i = 0; i < argc; i++) {
        bool is_option = takes_options && strncmp(argv[i], "--", 2) == 0;

        if (is_option && argv[i][2] == '\0')
            takes_options = false;
        else if (is_option && !take_option(options, own, argc, argv, &i, error, error_size))
            return false;
        else if (!is_option && !add_argument(options, argv[i], error, error_size))
            return false;
    }
    return true;
}

void options_print(const struct option *list, FILE *out)
{
    for (; list != NULL && list->name != NULL; list++) {
        char name[64];

        snprintf(name, sizeof(name), "%s %s", list->name, list->value == NULL ? "" : list->value);
        fprintf(out, "  %-24s %s\n", name, list->help);
    }
}
