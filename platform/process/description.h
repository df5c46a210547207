/* The description of a process: its settings, its parts and its commands. */
#ifndef QL_PROCESS_DESCRIPTION_H
#define QL_PROCESS_DESCRIPTION_H

#include <stdbool.h>
#include <stddef.h>

#include "platform/base/call.h"
#include "platform/base/settings.h"
#include "platform/process/process_settings.h"

/* One part of a process, started and stopped with it. */
struct ql_part {
    const char *name;                                           /* for the log */
    enum ql_code (*start)(struct ql_call *call, void *context); /* NULL: nothing to do */
    void (*drain)(void *context); /* stop taking work, finish what was taken; may block */
    void (*stop)(void *context);  /* release; also called when a later part failed to start */
    void *context;
};

/* A flag beside the standard ones, "--migrate", whose function runs in place of the
 * process and returns the exit status. */
struct ql_command {
    const char *flag; /* NULL ends a list */
    const char *help;
    int (*run)(struct ql_call *call, void *context);
    void *context;
    const char **ret_argument;        /* set to the flag's argument; NULL: it takes none */
    const char *option;               /* a further flag that may follow; NULL: none */
    bool *ret_has_option;             /* whether it follows; may be NULL */
    const char **ret_option_argument; /* set to the option's argument; NULL: it takes none */
};

struct ql_process {
    const char *name; /* "arena": in the log and the usage text */
    struct ql_process_settings *settings;
    /* Further tables, which end with NULL, and the struct that each fills. */
    const struct ql_setting *const *tables;
    void *const *targets;
    const struct ql_part *parts;       /* ends with a NULL name; started in order */
    const struct ql_command *commands; /* may be NULL */
    /* Called after the settings are read, for --check-config and commands too: checks
     * combinations and fills the parts. The call's arena lives as long as the process. May
     * be NULL. */
    enum ql_code (*configure)(struct ql_call *call, void *context);
    void *context;
};

#endif
