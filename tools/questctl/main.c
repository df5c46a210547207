/* questctl: looks at, calls and steers a running Questline. */
#include <stdlib.h>
#include <string.h>

#include "platform/base/log.h"
#include "platform/nng/threads.h"
#include "tools/questctl/questctl.h"

enum { ERROR_SIZE = 512, DEFAULT_TIMEOUT_S = 10 };

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
    const struct command *command = command_find(argc, argv, &n_words);

    if (command == NULL) {
        bool is_help = argc == 2 && strcmp(argv[1], "--help") == 0;

        command_print_usage(is_help ? stdout : stderr);
        return is_help ? EXIT_FINE : EXIT_USAGE;
    }
    if (!options_read(&ctl.options, command->options, argc - 1 - n_words, argv + 1 + n_words, error,
                      sizeof(error)))
        return questctl_misused("%s", error);
    if (ctl.options.help) {
        command_print_help(command);
        return EXIT_FINE;
    }
    if (ctl.options.n_arguments < command->min_arguments ||
        ctl.options.n_arguments > command->max_arguments)
        return questctl_misused("questctl %s%s%s %s", command->name,
                                command->action == NULL ? "" : " ",
                                command->action == NULL ? "" : command->action, command->synopsis);
    ql_log_setup("questctl", QL_LOG_ERROR);
    ql_nng_start();
    ctl.out = stdout;
    ctl.arena = ql_arena_new(MEMORY_BYTES);
    if (ctl.arena == NULL)
        return EXIT_FAILED;
    status = run(&ctl, command);
    ql_arena_free(ctl.arena);
    return status;
}
