/* The inside of a channel: its replicas, and the calls under way.
 *
 *   ql_rpc_send -> [waiting] -> sending -> receiving -> the callback
 *                      ^__________|____________|  another try, on another replica
 *
 * One lock guards all of it. nng's callbacks take it, so nothing that waits for
 * a callback may hold it. */
#ifndef QL_RPC_CHANNEL_INSIDE_H
#define QL_RPC_CHANNEL_INSIDE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <nng/nng.h>

#include "platform/rpc/arena_pool.h"
#include "platform/rpc/client/channel.h"
#include "platform/rpc/client/pending.h"
#include "platform/rpc/client/endpoint.h"

/* An address as it was given; the replicas of a name come and go. */
struct qli_target {
    char *address;
    bool is_name;
};

struct ql_rpc_channel {
    char *service;
    struct ql_signer *signer;
    struct qli_arena_pool arenas; /* for the checks and the status of replies */
    atomic_uint_least64_t next_id;
    struct qli_target targets[QLI_REPLICAS_MAX];
    int n_targets;
    pthread_mutex_t lock;
    pthread_cond_t none_in_flight;
    pthread_cond_t changed; /* for the monitor and the resolver; monotonic */
    struct qli_replica *replicas[QLI_REPLICAS_MAX]; /* with gaps */
    int next_turn;
    struct ql_rpc_pending **all; /* every one made, at most n_all_max */
    struct ql_rpc_pending *free_list;
    int n_all, n_all_max, n_in_flight, n_waiting, max_in_flight;
    bool is_closing, is_changed;
    atomic_bool is_told_for_good; /* nng may tell of a pipe at any time: never freed */
    struct ql_rpc_gather *gathers;
    pthread_t monitor, resolver;
    bool has_monitor, has_resolver;
};

#endif
