/* questctl: what its commands share. */
#ifndef QUESTCTL_QUESTCTL_H
#define QUESTCTL_QUESTCTL_H

#include <stdio.h>

#include "platform/base/call.h"
#include "tools/questctl/contract.h"
#include "tools/questctl/identity.h"
#include "tools/questctl/options.h"
#include "tools/questctl/stack.h"

enum { EXIT_FINE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

enum { MEMORY_BYTES = 64 * 1024 * 1024 };

struct questctl {
    struct options options;
    struct stack stack;
    struct identity identity;
    struct contract contract;
    struct ql_arena *arena;
    struct ql_call call; /* deadline: --timeout from the start */
    FILE *out;
};

struct command {
    const char *name;     /* "events" */
    const char *action;   /* "tail"; NULL: the command is one word */
    const char *synopsis; /* "METHOD [JSON]" */
    const char *help;     /* lines for --help */
    const struct option *options;
    size_t min_arguments, max_arguments;
    int64_t timeout_s; /* when --timeout does not say; 0: ten seconds */
    int (*run)(struct questctl *ctl);
};

extern const struct command call_command, list_command, describe_command, health_command,
    login_command, broker_declare_command, tail_command, replay_command, dead_letters_list_command,
    dead_letters_show_command, dead_letters_replay_command, dead_letters_drop_command, load_command;

/* The command that the first words name; *ret_n_words is how many they are. NULL
 * when there is none. */
const struct command *command_find(int argc, char **argv, int *ret_n_words);
void command_print_usage(FILE *out);
void command_print_help(const struct command *command);

#define NO_SERVICES "no service is known: set QL_USER_ADDRESS and so on, or give --state DIR"

#define NO_BROKER "no broker is known: set QL_AMQP_URL or QL_AMQP_URL_FILE, or give --state DIR"

/* Says on standard error what failed, in words or as JSON: EXIT_FAILED. */
int questctl_failed(struct questctl *ctl, const struct ql_status *status);
/* Says how a command is meant: EXIT_USAGE. */
int questctl_misused(const char *format, ...) QL_PRINTF(1, 2);

#endif
