/* Reading the outcome of a call from the result or the Reply that answers it. */
#ifndef QL_RPC_CLIENT_STATUS_READ_H
#define QL_RPC_CLIENT_STATUS_READ_H

#include <stdint.h>
#include <nng/nng.h>

#include "platform/base/call.h"
#include "platform/rpc/client/reply_view.h"

/* The outcome that one result holds; a failure goes into the call's status, whose texts
 * lie in its arena. Sets the result's is_not_executed: true when the callee promises
 * that nothing was executed. */
enum ql_code qli_result_read(struct ql_call *call, struct qli_result_view *result);

/* The outcome that a whole Reply holds for the call with this id, whose result goes to
 * ret_result. A Reply that is none, or has no result for it, is INTERNAL (BAD_REPLY). */
enum ql_code qli_reply_read(struct ql_call *call, nng_msg *message, uint64_t id,
                            struct qli_result_view *ret_result);

#endif
