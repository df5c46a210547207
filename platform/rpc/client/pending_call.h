/* A call that does not wait: it calls back when it ends. */
#ifndef QL_RPC_CLIENT_PENDING_CALL_H
#define QL_RPC_CLIENT_PENDING_CALL_H

#include "platform/base/attributes.h"
#include "platform/rpc/client/channel.h"
#include "platform/rpc/client/request.h"
#include "platform/rpc/client/result.h"

struct ql_rpc_pending; /* one call under way */

/* Starts a call. NULL, and no callback, when too many are in flight. Any thread. */
struct ql_rpc_pending *ql_rpc_send(struct ql_rpc_channel *channel,
                                   const struct ql_rpc_request *request, ql_rpc_done *done,
                                   void *argument) QL_MUST_CHECK;

/* Nobody waits any more: the callback still comes once, soon, with CANCELLED or
 * with the answer. pending must not have been called back yet. Any thread. */
void ql_rpc_cancel(struct ql_rpc_pending *pending);

#endif
