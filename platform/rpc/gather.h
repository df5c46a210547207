/* Calls of fast methods gathered by an event loop: what one turn of the loop
 * brings together travels as one Request, and comes back as one Reply.
 *
 *   struct ql_rpc_gather *gather = ql_rpc_gather_new(channel);      once for each loop
 *   ql_rpc_gather_send(gather, &request, done, argument);           in the loop's callbacks
 *   ql_rpc_gather_flush(gather);                                    after each turn
 *
 * A few Requests are under way at once; what comes in meanwhile waits for their
 * end and travels together, so that load makes Requests larger, not more. */
#ifndef QL_RPC_GATHER_H
#define QL_RPC_GATHER_H

#include "platform/rpc/channel.h"

struct ql_rpc_gather;

/* Belongs to one thread and is freed with the channel. NULL without memory. */
struct ql_rpc_gather *ql_rpc_gather_new(struct ql_rpc_channel *channel);

/* As ql_rpc_send, for a method that the contract calls fast; any other is not
 * started by the callee, and then sent alone. ql_rpc_cancel takes what it
 * returns. */
struct ql_rpc_pending *ql_rpc_gather_send(struct ql_rpc_gather *gather,
                                          const struct ql_rpc_request *request, ql_rpc_done *done,
                                          void *argument) QL_MUST_CHECK;

/* Sends what was gathered. */
void ql_rpc_gather_flush(struct ql_rpc_gather *gather);

#endif
