/* questctl: looks at, calls and steers a running Questline. */
#include <stdlib.h>
#include <string.h>

#include "platform/base/log.h"
#include "tools/questctl/questctl.h"

enum { ERROR_SIZE = 512, DEFAULT_TIMEOUT_S = 10 };

static const struct command *const commands[] = {
    &call_command,
    &list_command,
    &describe_command,
    &health_command,
    &login_command,
    &tail_command,
    &replay_command,
    &dead_letters_list_command,
    &dead_letters_show_command,
    &dead_letters_replay_command,
    &dead_letters_drop_command,
    &load_command,
};

static void print_usage(FILE *out)
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

static void print_help(const struct command *command)
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

/* The command that the first words name; *ret_n_words is how many they are. */
static const struct command *find_command(int argc, char **argv, int *ret_n_words)
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

static int run(struct questctl *ctl, const struct command *command)
{
    char error[ERROR_SIZE] = "";
    int64_t timeout_s = command->timeout_s != 0 ? command->timeout_s : DEFAULT_TIMEOUT_S;
    int status = EXIT_FAILED;

    if (ctl->options.timeout_s != 0)
        timeout_s = ctl->options.timeout_s;
    ql_call_init(&ctl->call, ctl->arena, "questctl", timeout_s * 1000);
    ctl->call.idempotency_key = ctl->options.idempotency_key;
    if (!stack_load(&ctl->stack, ctl->options.state, error, sizeof(error)))
        fprintf(stderr, "questctl: %s\n", error);
    else if (!identity_open(&ctl->identity, &ctl->options, &ctl->stack, error, sizeof(error)))
        fprintf(stderr, "questctl: %s\n", error);
    else {
        contract_open(&ctl->contract, &ctl->stack, &ctl->identity);
        status = command->run(ctl);
        contract_close(&ctl->contract);
    }
    identity_close(&ctl->identity);
    stack_done(&ctl->stack);
    return fflush(ctl->out) == 0 ? status : EXIT_FAILED;
}

int main(int argc, char **argv)
{
    static struct questctl ctl;
    char error[ERROR_SIZE] = "";
    int n_words = 0, status;
    const struct command *command = find_command(argc, argv, &n_words);

    if (command == NULL) {
        bool is_help = argc == 2 && strcmp(argv[1], "--help") == 0;

        print_usage(is_help ? stdout : stderr);
        return is_help ? EXIT_FINE : EXIT_USAGE;
    }
    if (!options_read(&ctl.options, command->options, argc - 1 - n_words, argv + 1 + n_words, error,
                      sizeof(error)))
        return questctl_misused("%s", error);
    if (ctl.options.help) {
        print_help(command);
        return EXIT_FINE;
    }
    if (ctl.options.n_arguments < command->min_arguments ||
        ctl.options.n_arguments > command->max_arguments)
        return questctl_misused("questctl %s%s%s %s", command->name,
                                command->action == NULL ? "" : " ",
                                command->action == NULL ? "" : command->action, command->synopsis);
    ql_log_setup("questctl", QL_LOG_ERROR);
    ctl.out = stdout;
    ctl.arena = ql_arena_new(MEMORY_BYTES);
    if (ctl.arena == NULL)
        return EXIT_FAILED;
    status = run(&ctl, command);
    ql_arena_free(ctl.arena);
    return status;
}
