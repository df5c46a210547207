/* A replica: one process that serves the channel's service, with a socket of
 * its own.
 *
 * A replica that is connected and takes calls is "in". What its calls show takes
 * it out: it answers DRAINING (closed), or it stays quiet with calls outstanding
 * and leaves a probe unanswered (hung). A probe, or a new connection, brings it
 * back. A channel with one replica takes it out never: there is no other. */
#ifndef QL_RPC_REPLICA_H
#define QL_RPC_REPLICA_H

#include <stdbool.h>
#include <stdint.h>
#include <nng/nng.h>

#include "platform/base/attributes.h"

struct ql_rpc_channel;

enum { QLI_REPLICAS_MAX = 32, QLI_ADDRESS_MAX = 160 };

enum qli_replica_state {
    QLI_REPLICA_IN = 0,
    QLI_REPLICA_CLOSED,  /* it turns calls away: draining, or without its database */
    QLI_REPLICA_HUNG,    /* connected, but nothing comes back */
    QLI_REPLICA_LEAVING, /* its address is gone; closed when its calls are through */
};

enum qli_probe_phase { QLI_PROBE_IDLE = 0, QLI_PROBE_SENDING, QLI_PROBE_RECEIVING };

/* A CheckHealth of the channel's own. */
struct qli_probe {
    nng_aio *aio;
    nng_ctx ctx;
    enum qli_probe_phase phase;
    uint64_t id;
    int64_t began_ms, due_ms, pause_ms;
    bool is_wanted; /* an answer, or none, raised a doubt */
};

struct qli_replica {
    struct ql_rpc_channel *channel;
    char address[QLI_ADDRESS_MAX];
    const char *label; /* in address: without the scheme */
    int target;        /* the listed address that it came from */
    int index;         /* in the channel, and its bit in a pending's tried */
    nng_socket socket;
    nng_ctx *free_ctxs;
    int n_free_ctxs;
    /* Under the channel's lock. */
    enum qli_replica_state state;
    int n_pipes;
    int n_outstanding;      /* tries of calls; not probes */
    int64_t quiet_since_ms; /* the last answer, or the first call after none */
    struct qli_probe probe;
};

/* Makes a replica, adds it and dials in the background. 0 or nng's error. */
int qli_replica_add(struct ql_rpc_channel *channel, int target, const char *address);

/* Closes; nothing of it may be under way, and the channel must not know it any
 * more. */
void qli_replica_free(struct qli_replica *replica);

/* Lets the replicas of a target be those of the addresses: adds what is new and
 * lets go what is gone. */
void qli_replicas_follow(struct ql_rpc_channel *channel, int target,
                         const char (*addresses)[QLI_ADDRESS_MAX], int n_addresses);

/* The rest is called under the channel's lock. */

/* The best connected replica: in before out, untried before tried, then the one
 * with the fewest calls. NULL: none is connected. */
struct qli_replica *qli_replica_choose(struct ql_rpc_channel *channel, uint32_t tried);

/* True when a replica is in that was not tried. */
bool qli_replica_has_untried(const struct ql_rpc_channel *channel, uint32_t tried);

bool qli_replica_is_connected(const struct qli_replica *replica);
int qli_replica_count(const struct ql_rpc_channel *channel); /* but for those leaving */

/* A context for one try. False without memory. */
bool qli_replica_take_ctx(struct qli_replica *replica, nng_ctx *ret_ctx) QL_MUST_CHECK;
void qli_replica_give_ctx(struct qli_replica *replica, nng_ctx ctx);

/* Takes a replica out, unless it is the only one. */
void qli_replica_eject(struct qli_replica *replica, enum qli_replica_state state);

/* Starts a probe when one is due. */
void qli_replica_probe(struct qli_replica *replica, int64_t now_ms);

/* The callback of the probe's aio. */
void qli_probe_event(void *replica);

#endif
