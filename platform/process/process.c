/* The run of a process from its arguments to its exit status. */
#include "platform/process/process.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/base/arena.h"
#include "platform/base/clock.h"
#include "platform/base/log.h"
#include "platform/nng/threads.h"
#include "platform/process/configuration.h"
#include "platform/process/descriptors.h"
#include "platform/process/stop.h"

enum {
    EXIT_USAGE = 2,
    ARENA_LIMIT = 4 * 1024 * 1024,
    /* Of each step of a start: servers may be starting at the same time. */
    STEP_TIMEOUT_MS = 60000,
};

/* The warnings about unknown keys, as lines of the log. */
static void log_unknown_settings(const struct ql_process *process)
{
    char *text = NULL, *rest = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);

    if (out == NULL)
        return;
    qli_configuration_warn_unknown(process, out);
    fclose(out);
    for (char *line = strtok_r(text, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest))
        QL_LOG(QL_LOG_WARN, NULL, QL_TEXT("event", "unknown setting"), QL_TEXT("message", line));
    free(text);
}

static void stop_parts(const struct ql_part *parts, size_t n_started)
{
    while (n_started-- > 0)
        if (parts[n_started].stop != NULL)
            parts[n_started].stop(parts[n_started].context);
}

static void drain_parts(const struct ql_part *parts, size_t n_started)
{
    while (n_started-- > 0)
        if (parts[n_started].drain != NULL)
            parts[n_started].drain(parts[n_started].context);
}

/* Starts the parts in order, until one fails or a stop is requested. */
static enum ql_code start_parts(struct ql_call *call, const struct ql_part *parts,
                                size_t *ret_n_started)
{
    size_t n = 0;

    *ret_n_started = 0;
    for (; parts[n].name != NULL && !qli_stop_is_requested(); n++) {
        enum ql_code rc = QL_OK;

        call->deadline_ms = ql_monotonic_ms() + STEP_TIMEOUT_MS;
        if (parts[n].start != NULL)
            rc = parts[n].start(call, parts[n].context);
        if (rc != QL_OK) {
            QL_LOG(QL_LOG_ERROR, &call->trace, QL_TEXT("event", "start failed"),
                   QL_TEXT("part", parts[n].name), QL_TEXT("code", ql_code_name(rc)),
                   QL_TEXT("reason", call->status.reason),
                   QL_TEXT("message", call->status.message));
            return rc;
        }
        *ret_n_started = n + 1;
    }
    return QL_OK;
}

static int run_parts(struct ql_call *call, const struct ql_process *process)
{
    int64_t begin_ms = ql_monotonic_ms();
    size_t n_started;

    if (start_parts(call, process->parts, &n_started) != QL_OK) {
        ql_process_request_stop(); /* which limits the time to stop */
        stop_parts(process->parts, n_started);
        return EXIT_FAILURE;
    }
    if (!qli_stop_is_requested())
        QL_LOG(QL_LOG_INFO, NULL, QL_TEXT("event", "started"),
               QL_TEXT("mode", process->settings->mode),
               QL_NUMBER("ms", ql_monotonic_ms() - begin_ms));
    QL_LOG(QL_LOG_INFO, NULL, QL_TEXT("event", "stopping"), QL_TEXT("reason", qli_stop_wait()));
    begin_ms = ql_monotonic_ms();
    drain_parts(process->parts, n_started);
    stop_parts(process->parts, n_started);
    QL_LOG(QL_LOG_INFO, NULL, QL_TEXT("event", "stopped"),
           QL_NUMBER("ms", ql_monotonic_ms() - begin_ms));
    return EXIT_SUCCESS;
}

static enum ql_code run_configure(struct ql_call *call, const struct ql_process *process)
{
    enum ql_code rc = QL_OK;

    if (process->configure != NULL)
        rc = process->configure(call, process->context);
    if (rc != QL_OK)
        fprintf(stderr, "%s: %s\n", call->status.reason, call->status.message);
    return rc;
}

static int run_until_stop(struct ql_call *call, const struct ql_process *process)
{
    int status = EXIT_USAGE;

    qli_descriptors_prepare();
    /* Before configure, which may start threads. */
    if (!qli_stop_watch_start(process->settings->drain_timeout_ms)) {
        fputs("cannot start a thread\n", stderr);
        return EXIT_FAILURE;
    }
    ql_nng_start();
    if (run_configure(call, process) == QL_OK) {
        log_unknown_settings(process);
        (void)ql_log_start();
        status = run_parts(call, process);
        ql_log_stop();
    }
    qli_stop_watch_end();
    return status;
}

/* After the settings are read: only checks them, or runs a command or the process. */
static int run_configured(const struct ql_process *process, bool check_only,
                          const struct ql_command *command)
{
    QL_CLEANUP(ql_arena_freep) struct ql_arena *arena = ql_arena_new(ARENA_LIMIT);
    struct ql_call call;

    if (arena == NULL) {
        fputs("out of memory\n", stderr);
        return EXIT_FAILURE;
    }
    ql_call_init(&call, arena, command != NULL ? command->flag : "start", STEP_TIMEOUT_MS);
    if (!check_only && command == NULL)
        return run_until_stop(&call, process);
    qli_configuration_warn_unknown(process, stderr);
    if (run_configure(&call, process) != QL_OK)
        return EXIT_USAGE;
    if (check_only)
        return EXIT_SUCCESS;
    ql_nng_start();
    return command->run(&call, command->context);
}

static const struct ql_command *find_command(const struct ql_command *commands, const char *flag)
{
    for (; commands != NULL && commands->flag != NULL; commands++)
        if (strcmp(commands->flag, flag) == 0)
            return commands;
    return NULL;
}

/* The number of words that the command line must have, with the program's name. */
static int count_words(const struct ql_command *command, int argc, char **argv)
{
    if (command == NULL)
        return 2;
    if (command->ret_argument != NULL)
        return 3;
    if (command->option == NULL || argc < 3 || strcmp(argv[2], command->option) != 0)
        return 2;
    return command->ret_option_argument != NULL ? 4 : 3;
}

/* Hands the words behind the flag, as many as it takes, to the command. */
static void pass_words(const struct ql_command *command, int argc, char **argv)
{
    if (argc < 3)
        return;
    if (command->ret_argument != NULL) {
        *command->ret_argument = argv[2];
        return;
    }
    if (command->ret_has_option != NULL)
        *command->ret_has_option = true;
    if (argc > 3)
        *command->ret_option_argument = argv[3];
}

int ql_process_run(int argc, char **argv, const struct ql_process *process)
{
    const char *flag = argc > 1 ? argv[1] : "";
    bool check_only = strcmp(flag, "--check-config") == 0;
    const struct ql_command *command = find_command(process->commands, flag);
    int n_words = count_words(command, argc, argv);
    int status = EXIT_USAGE;

    if (argc == 2 && strcmp(flag, "--help") == 0) {
        qli_configuration_print_help(process, stdout);
        return EXIT_SUCCESS;
    }
    if (argc == 2 && strcmp(flag, "--version") == 0) {
        printf("questline-%s %s\n", process->name, QL_VERSION);
        return EXIT_SUCCESS;
    }
    if (argc > n_words || (argc == 2 && !check_only && command == NULL)) {
        fprintf(stderr, "questline-%s: \"%s\" is not understood; try --help\n", process->name,
                argv[argc > n_words ? n_words : 1]);
        return EXIT_USAGE;
    }
    if (argc > 1 && argc < n_words) {
        fprintf(stderr, "questline-%s: %s needs an argument; try --help\n", process->name,
                argv[argc - 1]);
        return EXIT_USAGE;
    }
    pass_words(command, argc, argv);
    signal(SIGPIPE, SIG_IGN);
    if (qli_configuration_load(process, stderr))
        status = run_configured(process, check_only, command);
    qli_configuration_done(process);
    return status;
}
