/* When failed work is run again, and after what pause. */
#include "platform/base/rerun.h"

#include <stdlib.h>

#include "platform/base/clock.h"
#include "platform/base/id.h"

enum { PAUSE_MS = 8 };

/* Between half and all of the pause, so that two transactions that collided do not
 * collide again. */
static int64_t jitter_pause(int64_t pause_ms)
{
    char hex[5];

    ql_random_hex(hex, 2);
    return pause_ms / 2 + (int64_t)(strtoul(hex, NULL, 16) % (unsigned long)(pause_ms / 2 + 1));
}

bool ql_rerun(struct ql_call *call, int n_runs)
{
    int64_t pause_ms = (int64_t)PAUSE_MS << (n_runs - 1);

    if (!call->status.is_conflict || n_runs >= QL_RUNS_MAX ||
        ql_call_remaining_ms(call) <= pause_ms)
        return false;
    ql_sleep_ms(jitter_pause(pause_ms), NULL);
    ql_call_clear_status(call);
    call->etag = NULL;
    call->is_replayed = false;
    return true;
}
