/* The command line: which command, its options, its arguments.
 *
 * Options may stand anywhere behind the command, as "--name value" or
 * "--name=value"; "--" ends them. Each command names those it takes besides the
 * common ones. */
#ifndef QUESTCTL_OPTIONS_H
#define QUESTCTL_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { ARGUMENTS_MAX = 4 };

struct options {
    /* Common. */
    bool json;
    bool help;
    const char *state;
    const char *token;
    const char *login;
    const char *key;
    int64_t timeout_s;
    /* Of some commands. */
    bool all;
    bool dry_run;
    const char *service;
    const char *idempotency_key;
    const char *type;
    const char *user;
    const char *to;
    const char *since;
    const char *until;
    int64_t count;
    int64_t from_seq;
    int64_t seconds;
    int64_t connections;
    int64_t calls;

    const char *arguments[ARGUMENTS_MAX];
    size_t n_arguments;
};

enum option_kind { OPTION_FLAG, OPTION_TEXT, OPTION_NUMBER };

struct option {
    const char *name; /* "--json"; NULL ends a list */
    enum option_kind kind;
    size_t offset;     /* into struct options: bool, const char * or int64_t */
    const char *value; /* how help calls the value: "DIR" */
    const char *help;
    int64_t min, max;
};

extern const struct option common_options[];

/* Reads argv from the first word behind the command. False with a text in error. */
bool options_read(struct options *options, const struct option *own, int argc, char **argv,
                  char *error, size_t error_size);

/* One line per option. */
void options_print(const struct option *list, FILE *out);

#endif
