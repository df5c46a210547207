/* Starting a call alone. */
#include "platform/rpc/client/pending_call.h"

#include "platform/rpc/client/channel_parts.h"

struct ql_rpc_pending *ql_rpc_send(struct ql_rpc_channel *channel,
                                   const struct ql_rpc_request *request, ql_rpc_done *done,
                                   void *argument)
{
    struct ql_rpc_pending *pending = qli_call_take(channel->calls, done, argument);

    if (pending != NULL && qli_call_prepare(pending, request))
        qli_call_start(pending, request);
    return pending;
}

void ql_rpc_cancel(struct ql_rpc_pending *pending)
{
    qli_call_cancel(pending);
}
