/* Whether nng's reaper still runs: the one thread that releases what was closed.
 *
 * nng 1.5.2 loses the wake-up of a pipe that is closed, because a send failed, between the
 * header and the body of a message (socket_close.h). Its reaper then waits for good: no
 * pipe is reported as removed any more, and no dialer dials again. Whoever depends on
 * either asks here, and goes on without. */
#ifndef QL_RPC_REAPER_H
#define QL_RPC_REAPER_H

#include <stdbool.h>

enum { QLI_REAPER_ANSWER_MS = 2000 };

/* Hands the reaper something to release, unless that is under way already, or was released
 * within the last second. Any thread. */
void qli_reaper_probe(void);

/* True while the last probe is unanswered. */
bool qli_reaper_is_probed(void);

/* True while the last probe is unanswered for longer than QLI_REAPER_ANSWER_MS. */
bool qli_reaper_is_stuck(void);

#endif
