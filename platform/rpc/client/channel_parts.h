/* What a channel is made of. Each part has its own lock, or none. */
#ifndef QL_RPC_CLIENT_CHANNEL_PARTS_H
#define QL_RPC_CLIENT_CHANNEL_PARTS_H

#include <stdatomic.h>

#include "platform/rpc/client/balancer.h"
#include "platform/rpc/client/call_pool.h"
#include "platform/rpc/client/health_check.h"
#include "platform/rpc/client/resolver.h"
#include "platform/rpc/client/ticker.h"

/* Something that ends with the channel, when none of its calls is under way any more. */
struct qli_dependent {
    void (*free)(struct qli_dependent *dependent);
    struct qli_dependent *next;
};

/* What channel.h declares. */
struct ql_rpc_channel {
    char *service;
    struct ql_signer *signer;
    struct qli_ticker *ticker;
    struct qli_balancer *balancer;
    struct qli_resolver *resolver;
    struct qli_health_check *health_check;
    struct qli_call_pool *calls;
    _Atomic(struct qli_dependent *) dependents;
};

/* Any thread. */
void qli_channel_add_dependent(struct ql_rpc_channel *channel, struct qli_dependent *dependent);

/* Ends all that were added. */
void qli_channel_free_dependents(struct ql_rpc_channel *channel);

#endif
