/* Calls of fast methods of an event loop, sent in batches: what one turn of the
 * loop brings travels as one Request, and comes back as one Reply.
 *
 *   struct ql_rpc_batcher *batcher = ql_rpc_batcher_new(channel, wake, loop);  for each loop
 *   ql_rpc_batcher_send(batcher, &request, done, argument);   in the loop's callbacks
 *   ql_rpc_batcher_run_callbacks(batcher);                    when it was woken
 *   ql_rpc_batcher_flush(batcher);                            after each turn
 *   ql_rpc_batcher_detach(batcher);                           when the loop ends
 *
 * A few Requests are under way at once; what comes in meanwhile waits for their end and
 * travels together, so that load makes Requests larger, not more. */
#ifndef QL_RPC_CLIENT_BATCHER_H
#define QL_RPC_CLIENT_BATCHER_H

#include "platform/rpc/client/pending_call.h"

struct ql_rpc_batcher;

/* Called on nng's thread when Replies wait for ql_rpc_batcher_run_callbacks; not again
 * before that. Must not block. */
typedef void ql_rpc_batcher_wake(void *argument);

/* Belongs to one thread and is freed with the channel. wake may be NULL: then all
 * callbacks run on nng's thread, and there is nothing to run or to detach. NULL without
 * memory. */
struct ql_rpc_batcher *ql_rpc_batcher_new(struct ql_rpc_channel *channel, ql_rpc_batcher_wake *wake,
                                          void *argument);

/* As ql_rpc_send, for a method that the contract calls fast; any other is not started by
 * the callee, and then sent alone. ql_rpc_cancel takes what it returns. The callback runs
 * in ql_rpc_batcher_run_callbacks, or on nng's thread when the call was sent alone,
 * cancelled or late. */
struct ql_rpc_pending *ql_rpc_batcher_send(struct ql_rpc_batcher *batcher,
                                           const struct ql_rpc_request *request, ql_rpc_done *done,
                                           void *argument) QL_MUST_CHECK;

/* Runs the callbacks of the Replies that have come. */
void ql_rpc_batcher_run_callbacks(struct ql_rpc_batcher *batcher);

/* The owner's last turn: runs the callbacks of what has come; those of what comes later
 * run on nng's thread. Before the channel is freed. */
void ql_rpc_batcher_detach(struct ql_rpc_batcher *batcher);

/* Sends what waits. */
void ql_rpc_batcher_flush(struct ql_rpc_batcher *batcher);

#endif
