/* A batch under way: from its replica's choice to the last of its answers. */
#ifndef QL_RPC_BATCH_H
#define QL_RPC_BATCH_H

#include "platform/rpc/gather_inside.h"

/* Under the lock: chooses a replica and readies what is sent. False when nothing
 * is to be sent; its calls, if any, go alone then. */
bool qli_batch_aim(struct qli_batch *batch);

/* Under the lock: the batch is no longer under way, and free. */
void qli_batch_recycle(struct qli_batch *batch);

/* The callback of every batch's receive. */
void qli_batch_event(void *batch);

#endif
