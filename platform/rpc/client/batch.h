/* A batch under way: from its replica's choice to the last of its answers. */
#ifndef QL_RPC_BATCH_H
#define QL_RPC_BATCH_H

#include "platform/rpc/client/batcher_inside.h"

/* Under the lock: chooses a replica and readies what is sent. False when nothing
 * is to be sent; its calls, if any, go alone then. */
bool qli_batch_aim(struct qli_batch *batch);

/* Under the lock: the batch is no longer under way, and free. */
void qli_batch_recycle(struct qli_batch *batch);

/* The calls of a batch that was received or lost end, or go their ways alone; then
 * the batch is free. Without the lock; the gather's owner, or nng's thread. */
void qli_batch_end(struct qli_batch *batch);

/* A call leaves its place; whoever takes it out tells its end. Under the lock. NULL:
 * the place is empty. */
struct ql_rpc_pending *qli_place_clear(struct qli_place *place);

/* Sends the call in the place alone, soon. Under the lock. */
void qli_place_go_alone(struct qli_batch *batch, struct qli_place *place);

/* Tells the calls that the Reply answers. */
void qli_batch_answered(struct qli_batch *batch, nng_msg *message);

/* The callback of every batch's receive. */
void qli_batch_event(void *batch);

#endif
