/* A slot: one context of the REP socket, on its way round
 *
 *   receiving -> working (on nng's thread or in a lane) -> sending -> receiving
 *
 * There are more slots than calls that can wait, so that a slot is always
 * receiving and a fast method never queues behind a slow one. */
#ifndef QL_RPC_SLOT_H
#define QL_RPC_SLOT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <nng/nng.h>

#include "platform/rpc/arena_pool.h"
#include "platform/rpc/server/health.h"
#include "platform/rpc/server/worker_pool.h"
#include "platform/rpc/server/pipes.h"
#include "platform/rpc/server/reflection.h"
#include "platform/rpc/server/server.h"
#include "platform/rpc/server/work.h"

enum qli_slot_phase { QLI_SLOT_IDLE = 0, QLI_SLOT_RECEIVING, QLI_SLOT_SENDING };

struct qli_slot {
    struct ql_rpc_server *server;
    nng_ctx ctx;
    /* One aio for both ways: its callback after the send is what tells that the
     * next receive may begin, without any thread waiting for a slow reader. */
    nng_aio *aio;
    nng_aio *timer;             /* for pauses, made for the first; aio may not sleep: it would then
                     * take its later timeouts for success */
    nng_pipe pipe;              /* where the Request came from */
    char peer[QL_NETWORK_SIZE]; /* its address */
    enum qli_slot_phase phase;
    struct ql_arena *arena; /* holds work, from receipt to reply */
    struct qli_work work;
    struct qli_reply reply;       /* begun with the first call */
    struct qli_fair_item waiting; /* the slot in a lane */
};

struct ql_rpc_server {
    struct ql_rpc_server_options options;
    struct qli_health health;
    struct qli_reflection reflection;
    struct qli_dispatcher dispatcher;
    nng_socket socket;
    struct qli_pipes *pipes;
    struct qli_slot *slots;
    int n_slots;
    struct qli_lane normal, heavy;
    struct qli_arena_pool envelope_arenas, call_arenas;
    pthread_mutex_t lock;
    pthread_cond_t all_answered;
    atomic_int n_taken; /* Requests received and not yet answered */
    atomic_bool is_draining;
};

/* Opens the slot's context; the socket is the server's. 0 or nng's error. */
int qli_slot_open(struct qli_slot *slot, struct ql_rpc_server *server);
void qli_slot_receive(struct qli_slot *slot);

/* Runs the next call of the slot that waits with this item. False: that was the last
 * one, the reply is on its way, and the slot is no longer the caller's. */
bool qli_slot_work(struct qli_fair_item *waiting, struct ql_arena *arena);

/* Answers what is waiting with this item with DRAINING. */
void qli_slot_refuse(struct qli_fair_item *waiting);

/* After the socket is closed: waits for the callback and releases. */
void qli_slot_close(struct qli_slot *slot);

#endif
