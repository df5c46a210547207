/* Checks whether another process is ready, over its operator's port. */
#ifndef QL_OPS_PROBE_H
#define QL_OPS_PROBE_H

#include <stdbool.h>
#include <stddef.h>

#include "platform/base/attributes.h"
#include "platform/base/call.h"

/* Requests /readyz from the process whose operator's port is "127.0.0.1:8012", within the
 * call's time. *ret_is_ready is its answer, ret_reason the reason when it is not ready.
 * UNAVAILABLE (NO_ANSWER) when nothing listens there or the response is none of an
 * operator's port, DEADLINE_EXCEEDED (NO_ANSWER) without a response. Waits; any thread. */
enum ql_code ql_ops_probe_ready(struct ql_call *call, const char *address, bool *ret_is_ready,
                                char *ret_reason, size_t reason_size) QL_MUST_CHECK;

#endif
