/* Work that is run again because it conflicted with a concurrent transaction.
 *
 * PostgreSQL ends a transaction with SQLSTATE 40001 (serialization failure) or 40P01
 * (deadlock) and expects the client to run all of it again. The caller of a handler does
 * that (the RPC dispatcher, the consumer of a queue, the relay), so that no handler has a
 * loop of its own. platform/pg marks such failures with call->status.is_conflict. */
#ifndef QL_BASE_RERUN_H
#define QL_BASE_RERUN_H

#include <stdbool.h>

#include "platform/base/call.h"

enum { QL_RUNS_MAX = 5 };

/* True when work that has run n_runs times, and whose failure the call holds, is to be
 * run once more: it ended in a conflict, fewer than QL_RUNS_MAX runs are over and the
 * deadline leaves time for a pause. The pause is over when the function returns: 4 to
 * 8 ms after the first run, doubled with each further one. The call's answer (status,
 * etag, is_replayed) is cleared; its arena is the caller's to reset. */
bool ql_rerun(struct ql_call *call, int n_runs);

#endif
