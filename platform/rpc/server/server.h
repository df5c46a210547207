/* The server side of RPC: a REP socket, its contexts, pools of worker threads.
 *
 * For each call, in this order: the wire check of the envelope, the method, the
 * deadline (an expired call is answered, never executed), the token, access,
 * the wire check of the payload, the owner field, the handler. One JSON line
 * and one metric per call. Whatever comes in, the answer is a clean status or a
 * closed pipe. Work waits in bounded queues, in which methods and clients take
 * turns; what does not fit into a full one is answered RESOURCE_EXHAUSTED
 * (SERVER_BUSY) with a retry delay. A client is the address that the call names,
 * else the address that the connection comes from. */
#ifndef QL_RPC_SERVER_H
#define QL_RPC_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platform/auth/verifier.h"
#include "platform/base/call.h"
#include "platform/limits/limits.h"
#include "platform/rpc/envelope.h"
#include "platform/rpc/server/method.h"

struct ql_rpc_server;

/* Asked at each CheckHealth: true when the service takes work. Must not block. */
typedef bool ql_rpc_is_serving(void *argument);

struct ql_rpc_server_options {
    const char *service;                        /* "catalog" */
    const char *address;                        /* "tcp://127.0.0.1:8021" */
    const struct ql_rpc_method *const *methods; /* lists, ended with NULL */
    struct ql_verifier *verifier;
    struct ql_limits *limits;         /* of clients; NULL: none, all callers are one client */
    void *app;                        /* call->app of every call */
    int n_workers;                    /* threads of the normal pool, 1..64 */
    int n_heavy_workers;              /* threads of the heavy pool; 0: one per core */
    int heavy_queue;                  /* calls that may wait for the heavy pool */
    struct ql_rpc_refusal heavy_full; /* what others are answered while so many do */
    int max_pipes;                    /* connections of callers; 0: 1024 */
    int64_t message_timeout_ms;       /* for a message to arrive in full; 0: 10 s */
    ql_rpc_is_serving *is_serving;    /* NULL: always */
    void *is_serving_argument;
    bool is_local; /* no token is needed for what is meant for operators (reflection) */
};

/* Checks the methods against the embedded contract (each known, messages equal,
 * access stated), adds HealthService and
 * ReflectionService, listens and starts. NULL with a text in
 * error. Everything the options point to must outlive the server. */
struct ql_rpc_server *ql_rpc_server_start(const struct ql_rpc_server_options *options, char *error,
                                          size_t error_size);

/* Takes no further call (they are answered UNAVAILABLE, DRAINING) and waits up
 * to timeout_ms for those taken. */
void ql_rpc_server_drain(struct ql_rpc_server *server, int64_t timeout_ms);
void ql_rpc_server_stop(struct ql_rpc_server *server); /* NULL is fine */

#endif
