/* The life of a process: settings, signals, drain, stop.
 *
 *   main -> settings -> log -> start every part -> wait for SIGTERM or SIGINT
 *        -> drain every part (last first) -> stop every part (last first) -> exit
 *
 * A second signal, or a drain and stop that take longer than QL_DRAIN_TIMEOUT,
 * ends the process at once with status 1. Signals are blocked before any thread
 * starts and waited for with sigwait, so no handler ever runs. SIGPIPE is
 * ignored. A signal during the start stops what was started. nng is started here, with two
 * task threads (platform/nng/threads.h). */
#ifndef QL_PROCESS_PROCESS_H
#define QL_PROCESS_PROCESS_H

#include <stdbool.h>
#include <stdint.h>

#include "platform/base/call.h"
#include "platform/base/settings.h"

/* Settings every process has; the first table of every --help. */
struct ql_process_settings {
    char *mode;            /* QL_MODE: "production" or "local" */
    char *log_level;       /* QL_LOG_LEVEL */
    char *log_address_key; /* QL_LOG_ADDRESS_KEY; "": logs show addresses */
    int64_t drain_timeout_ms;
};

extern const struct ql_setting ql_process_settings_table[];

bool ql_process_is_local(const struct ql_process_settings *settings);

/* One thing that is started and stopped with the process. */
struct ql_part {
    const char *name;                                           /* for the log */
    enum ql_code (*start)(struct ql_call *call, void *context); /* NULL: nothing to do */
    void (*drain)(void *context); /* stop taking work, finish what was taken; may block */
    void (*stop)(void *context);  /* release; also called when a later part failed to start */
    void *context;
};

/* A flag beside the standard ones: "--migrate". Runs instead of the process and
 * returns the exit status. */
struct ql_command {
    const char *flag; /* NULL ends a list */
    const char *help;
    int (*run)(struct ql_call *call, void *context);
    void *context;
    const char **ret_argument; /* where the word behind the flag goes; NULL: it takes none */
    const char *option;        /* a further flag that may stand behind it; NULL: none */
    bool *ret_has_option;      /* whether it does */
};

struct ql_process {
    const char *name; /* "catalog": in the log and the usage text */
    struct ql_process_settings *settings;
    /* Further tables and what they fill, in step; tables end with NULL. */
    const struct ql_setting *const *tables;
    void *const *targets;
    const struct ql_part *parts;       /* ends with a NULL name; started in order */
    const struct ql_command *commands; /* may be NULL */
    /* After the settings are read, for --check-config and commands too: refuse
     * combinations, fill the parts. The call's arena lives as long as the process.
     * May be NULL. */
    enum ql_code (*configure)(struct ql_call *call, void *context);
    void *context;
};

/* Runs the process to its end and returns its exit status: 0 after a clean stop,
 * 1 after a failure, 2 for bad settings or usage. Knows --help, --version,
 * --check-config and the commands. Outside local mode a weak secret, or a
 * file of a secret that others may read, stops the start. */
int ql_process_run(int argc, char **argv, const struct ql_process *process);

/* Asks the running process to stop, as SIGTERM does; asking again changes
 * nothing. Any thread. */
void ql_process_request_stop(void);

#endif
