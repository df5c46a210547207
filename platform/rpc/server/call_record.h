/* The line that is logged about a call, and its metrics. */
#ifndef QL_RPC_CALL_RECORD_H
#define QL_RPC_CALL_RECORD_H

#include "platform/base/call.h"
#include "platform/rpc/server/method_table.h"

/* Records an ended call, which was received at received_ms (monotonic); method is NULL
 * when it is unknown. Of a failure inside, reason and request id are kept in the call's
 * status, which is the caller's to see, and its message is in the log only. */
void qli_call_record(struct ql_call *call, const struct qli_method *method, int64_t received_ms);

#endif
