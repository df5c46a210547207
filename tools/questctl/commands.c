/* All commands, and what is said about them. */
#include <string.h>

#include "tools/questctl/questctl.h"

static const struct command *const commands[] = {
    &call_command,
    &list_command,
    &describe_command,
    &health_command,
    &login_command,
    &broker_declare_command,
    &tail_command,
    &replay_command,
    &dead_letters_list_command,
    &dead_letters_show_command,
    &dead_letters_replay_command,
    &dead_letters_drop_command,
    &load_command,
};

void command_print_usage(FILE *out)
{
    fputs("Usage: questctl COMMAND [ARGUMENT...] [OPTION...]\n\n", out);
    for (size_t i = 0; i < QL_ARRAY_LENGTH(commands); i++)
        fprintf(out, "  %s%s%s %s\n", commands[i]->name, commands[i]->action == NULL ? "" : " ",
                commands[i]->action == NULL ? "" : commands[i]->action, commands[i]->synopsis);
    fputs("\nquestctl COMMAND --help says more. Options of every command:\n", out);
    options_print(common_options, out);
    fputs("\nServices are found by QL_USER_ADDRESS, QL_CATALOG_ADDRESS and so on, the broker by\n"
          "QL_AMQP_URL (or QL_AMQP_URL_FILE); --state DIR has all of them of a local stack.\n"
          "Exit status: 0 done, 1 failed, 2 misused.\n",
          out);
}

void command_print_help(const struct command *command)
{
    printf("Usage: questctl %s%s%s %s\n\n%s", command->name, command->action == NULL ? "" : " ",
           command->action == NULL ? "" : command->action, command->synopsis, command->help);
    if (command->options != NULL) {
        fputs("\nOptions:\n", stdout);
        options_print(command->options, stdout);
    }
    fputs("\nOptions of every command:\n", stdout);
    options_print(common_options, stdout);
}

const struct command *command_find(int argc, char **argv, int *ret_n_words)
{
    for (size_t i = 0; argc > 1 && i < QL_ARRAY_LENGTH(commands); i++) {
        const struct command *command = commands[i];

        if (strcmp(command->name, argv[1]) != 0)
            continue;
        *ret_n_words = command->action == NULL ? 1 : 2;
        if (command->action == NULL || (argc > 2 && strcmp(command->action, argv[2]) == 0))
            return command;
    }
    return NULL;
}
