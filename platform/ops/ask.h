/* The asking side of the operator's port: is that process ready? */
#ifndef QL_OPS_ASK_H
#define QL_OPS_ASK_H

#include <stdbool.h>
#include <stddef.h>

#include "platform/base/attributes.h"
#include "platform/base/call.h"

/* Asks the process whose operator's port is "127.0.0.1:8012" for /readyz, within
 * the call's time. Its answer is in *ret_is_ready, and in ret_reason why not.
 * Fails with UNAVAILABLE when nobody answers there or what answers is no such
 * port, with DEADLINE_EXCEEDED when it stays silent. Waits; any thread. */
enum ql_code ql_ops_ask_ready(struct ql_call *call, const char *address, bool *ret_is_ready,
                              char *ret_reason, size_t reason_size) QL_MUST_CHECK;

#endif
