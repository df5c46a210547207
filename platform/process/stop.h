/* The stop of a process: one thread that waits for signals.
 *
 * It runs from before the first part starts, so that signals take effect in every phase: a
 * start or a drain that hangs ends with the second signal, or when the time to stop is
 * over. There is one per process. */
#ifndef QL_PROCESS_STOP_H
#define QL_PROCESS_STOP_H

#include <stdbool.h>
#include <stdint.h>

/* Blocks the signals and starts the thread that waits for them; call it before any other
 * thread starts. timeout_ms is the time from the first reason to stop until the process
 * exits at the latest. False without a thread. */
bool qli_stop_watch_start(int64_t timeout_ms);

/* Ends the thread, and with it the time limit. The signals stay blocked: a pending one
 * must not end a process that stopped cleanly. */
void qli_stop_watch_end(void);

/* Blocks until there is a reason to stop, and returns it: "SIGTERM". */
const char *qli_stop_wait(void);

bool qli_stop_is_requested(void);

/* Requests the stop of the running process, as SIGTERM does; a second request has no
 * effect. Any thread. */
void ql_process_request_stop(void);

#endif
