/* Calls of fast methods gathered by an event loop: what one turn of the loop
 * brings together travels as one Request, and comes back as one Reply.
 *
 *   struct ql_rpc_gather *gather = ql_rpc_gather_new(channel, wake, loop);  once for each loop
 *   ql_rpc_gather_send(gather, &request, done, argument);   in the loop's callbacks
 *   ql_rpc_gather_take(gather);                             when it was woken
 *   ql_rpc_gather_flush(gather);                            after each turn
 *   ql_rpc_gather_leave(gather);                            when the loop ends
 *
 * A few Requests are under way at once; what comes in meanwhile waits for their
 * end and travels together, so that load makes Requests larger, not more. */
#ifndef QL_RPC_GATHER_H
#define QL_RPC_GATHER_H

#include "platform/rpc/client/channel.h"

struct ql_rpc_gather;

/* Tells the owner, from nng's thread, that Replies wait to be taken; not again
 * before it took them. Must not block. */
typedef void ql_rpc_gather_wake(void *argument);

/* Belongs to one thread and is freed with the channel. wake may be NULL: then
 * all callbacks come from nng's thread, and there is nothing to take or leave.
 * NULL without memory. */
struct ql_rpc_gather *ql_rpc_gather_new(struct ql_rpc_channel *channel, ql_rpc_gather_wake *wake,
                                        void *argument);

/* As ql_rpc_send, for a method that the contract calls fast; any other is not
 * started by the callee, and then sent alone. ql_rpc_cancel takes what it
 * returns. The callback comes from ql_rpc_gather_take, or from nng's thread when
 * the call was sent alone, cancelled or late. */
struct ql_rpc_pending *ql_rpc_gather_send(struct ql_rpc_gather *gather,
                                          const struct ql_rpc_request *request, ql_rpc_done *done,
                                          void *argument) QL_MUST_CHECK;

/* Runs the callbacks of the Replies that have come. */
void ql_rpc_gather_take(struct ql_rpc_gather *gather);

/* The owner's last turn: takes what has come; whatever comes later calls back from
 * nng's thread. Before the channel is freed. */
void ql_rpc_gather_leave(struct ql_rpc_gather *gather);

/* Sends what was gathered. */
void ql_rpc_gather_flush(struct ql_rpc_gather *gather);

#endif
