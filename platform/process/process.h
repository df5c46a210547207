/* Running a process: settings, signals, drain, stop.
 *
 *   main -> settings -> log -> start every part -> wait for SIGTERM or SIGINT
 *        -> drain every part (last first) -> stop every part (last first) -> exit
 *
 * A second signal, or a drain and stop that take longer than QL_DRAIN_TIMEOUT, ends the
 * process at once with status 1. Signals are blocked before any thread starts and read
 * with sigwait, so that no signal handler runs. SIGPIPE is ignored. A signal during the
 * start stops the parts already started. nng is started here, with two task threads
 * (platform/nng/threads.h). */
#ifndef QL_PROCESS_PROCESS_H
#define QL_PROCESS_PROCESS_H

#include "platform/process/description.h"

/* Runs the process until it stops and returns its exit status: 0 after a clean stop, 1
 * after a failure, 2 for invalid settings or usage. Handles --help, --version,
 * --check-config and the commands. Outside local mode a weak secret, or a file of a secret
 * that others may read, is an invalid setting. */
int ql_process_run(int argc, char **argv, const struct ql_process *process);

#endif
