/* Why and when a process stops: one thread that waits for signals.
 *
 * It exists from before the first part starts, so that a signal is noticed in
 * every phase: a start that hangs ends with the second signal, or when the time
 * to stop is over, like a drain that hangs. There is one per process, as there
 * is one set of signals. */
#ifndef QL_PROCESS_STOP_H
#define QL_PROCESS_STOP_H

#include <stdbool.h>
#include <stdint.h>

/* Blocks the signals, so call it before any thread starts, and begins to wait
 * for them. timeout_ms is the time between the first reason to stop and the
 * end. False without a thread. */
bool qli_stop_watch_start(int64_t timeout_ms);

/* Ends the waiting, and with it the limit on the time. The signals stay blocked:
 * one that is pending must not end a process that stopped cleanly. */
void qli_stop_watch_end(void);

/* Blocks until there is a reason to stop, and names it: "SIGTERM". */
const char *qli_stop_wait(void);

bool qli_stop_is_requested(void);

#endif
