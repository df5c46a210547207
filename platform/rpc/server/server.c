/* Building and ending a server: the socket, its slots, its lanes. */
#include "platform/rpc/server/server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <nng/nng.h>
#include <nng/protocol/reqrep0/rep.h>

#include "platform/base/clock.h"
#include "platform/base/log.h"
#include "platform/rpc/server/context.h"
#include "platform/rpc/socket_close.h"
#include "platform/rpc/telemetry.h"

enum {
    NORMAL_QUEUE = 512,
    HEAVY_QUEUE_MAX = 4096,
    SPARE_SLOTS = 256, /* beyond all that can be waiting or at work */
    /* An envelope of QL_WIRE_MAX_BYTES unpacked, with room for its structs. */
    ENVELOPE_ARENA_BYTES = 4 * 1024 * 1024,
    FLUSH_MS = 100, /* for nng to write the last replies: closing drops them */
};

static int heavy_threads(const struct ql_rpc_server_options *options)
{
    long cores;

    if (options->n_heavy_workers > 0)
        return options->n_heavy_workers;
    cores = sysconf(_SC_NPROCESSORS_ONLN);
    return cores < 1 ? 1 : cores > QLI_LANE_MAX_THREADS ? QLI_LANE_MAX_THREADS : (int)cores;
}

static bool options_are_valid(const struct ql_rpc_server_options *options, char *error,
                              size_t error_size)
{
    const char *fault = NULL;

    if (options->service == NULL || options->address == NULL || options->methods == NULL ||
        options->verifier == NULL)
        fault = "service, address, methods and verifier are needed";
    else if (options->n_workers < 1 || options->n_workers > QLI_LANE_MAX_THREADS)
        fault = "n_workers must be 1 to 64";
    else if (options->n_heavy_workers < 0 || options->n_heavy_workers > QLI_LANE_MAX_THREADS)
        fault = "n_heavy_workers must be 0 to 64";
    else if (options->heavy_queue < 0 || options->heavy_queue > HEAVY_QUEUE_MAX)
        fault = "heavy_queue must be 0 to 4096";
    if (fault != NULL)
        snprintf(error, error_size, "rpc server: %s", fault);
    return fault == NULL;
}

static bool methods_fill(struct ql_rpc_server *server, char *error, size_t error_size)
{
    struct qli_method_table *table = &server->dispatcher.table;
    const struct ql_rpc_method *const *list;

    table->is_local = server->options.is_local;
    if (!qli_method_table_add(table, qli_health_methods, &server->health, true, error,
                              error_size) ||
        !qli_method_table_add(table, qli_reflection_methods, &server->reflection, false, error,
                              error_size))
        return false;
    for (list = server->options.methods; *list != NULL; list++) {
        if (!qli_method_table_add(table, *list, server->options.app, false, error, error_size))
            return false;
    }
    return qli_method_table_sort(table, error, error_size);
}

static bool lanes_start(struct ql_rpc_server *server, char *error, size_t error_size)
{
    const struct ql_rpc_server_options *options = &server->options;

    size_t n_methods = server->dispatcher.table.n_methods;

    if (qli_lane_start(&server->normal, "normal", options->n_workers, n_methods, NORMAL_QUEUE,
                       qli_slot_work)) {
        if (qli_lane_start(&server->heavy, "heavy", heavy_threads(options), n_methods,
                           (size_t)options->heavy_queue, qli_slot_work))
            return true;
        qli_lane_stop(&server->normal);
        qli_lane_done(&server->normal);
    }
    snprintf(error, error_size, "rpc server: no memory or threads for the workers");
    return false;
}

static int slots_open(struct ql_rpc_server *server)
{
    int n_slots = SPARE_SLOTS + NORMAL_QUEUE + server->options.n_workers +
                  server->options.heavy_queue + heavy_threads(&server->options);

    server->slots = calloc((size_t)n_slots, sizeof(*server->slots));
    if (server->slots == NULL)
        return NNG_ENOMEM;
    for (; server->n_slots < n_slots; server->n_slots++) {
        int rv = qli_slot_open(&server->slots[server->n_slots], server);

        if (rv != 0) {
            server->n_slots++; /* perhaps half open; closing copes */
            return rv;
        }
    }
    return 0;
}

static void slots_close(struct ql_rpc_server *server)
{
    bool is_closed = qli_socket_close(server->socket);

    for (int i = 0; i < server->n_slots; i++)
        qli_slot_close(&server->slots[i]);
    free(server->slots);
    qli_pipes_stop(server->pipes, is_closed);
}

static struct qli_pipes *pipes_start(const struct ql_rpc_server *server)
{
    const struct ql_rpc_server_options *options = &server->options;

    return qli_pipes_start(server->socket,
                           &(const struct qli_pipes_options){
                               .limits = options->limits,
                               .max = (size_t)options->max_pipes,
                               .message_timeout_ms = options->message_timeout_ms,
                               .is_plain_tcp = strncmp(options->address, "tcp://", 6) == 0,
                           });
}

/* The socket listens last, when everything behind it stands. */
static bool socket_start(struct ql_rpc_server *server, char *error, size_t error_size)
{
    int rv = nng_rep0_open(&server->socket);

    if (rv == 0) {
        rv = nng_socket_set_size(server->socket, NNG_OPT_RECVMAXSZ, QL_RPC_MAX_BYTES);
        server->pipes = pipes_start(server);
        if (rv == 0 && server->pipes == NULL)
            rv = NNG_ENOMEM;
        if (rv == 0)
            rv = slots_open(server);
        for (int i = 0; rv == 0 && i < server->n_slots; i++)
            qli_slot_receive(&server->slots[i]);
        if (rv == 0)
            rv = nng_listen(server->socket, server->options.address, NULL, 0);
        if (rv != 0)
            slots_close(server);
    }
    if (rv != 0)
        snprintf(error, error_size, "rpc server: cannot listen on %s: %s", server->options.address,
                 nng_strerror(rv));
    return rv == 0;
}

static void server_free(struct ql_rpc_server *server)
{
    qli_method_table_done(&server->dispatcher.table);
    qli_arena_pool_done(&server->envelope_arenas);
    qli_arena_pool_done(&server->call_arenas);
    pthread_cond_destroy(&server->all_answered);
    pthread_mutex_destroy(&server->lock);
    free(server);
}

static struct ql_rpc_server *server_new(const struct ql_rpc_server_options *options)
{
    struct ql_rpc_server *server = calloc(1, sizeof(*server));
    pthread_condattr_t monotonic;

    if (server == NULL)
        return NULL;
    server->options = *options;
    server->dispatcher.verifier = options->verifier;
    server->dispatcher.limits = options->limits;
    server->dispatcher.heavy_full = options->heavy_full;
    server->health = (struct qli_health){.service = options->service,
                                         .is_serving = options->is_serving,
                                         .is_serving_argument = options->is_serving_argument};
    server->reflection =
        (struct qli_reflection){.service = options->service, .table = &server->dispatcher.table};
    pthread_mutex_init(&server->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&server->all_answered, &monotonic);
    pthread_condattr_destroy(&monotonic);
    qli_arena_pool_init(&server->envelope_arenas, ENVELOPE_ARENA_BYTES);
    qli_arena_pool_init(&server->call_arenas, QL_RPC_CALL_ARENA_BYTES);
    return server;
}

struct ql_rpc_server *ql_rpc_server_start(const struct ql_rpc_server_options *options, char *error,
                                          size_t error_size)
{
    struct ql_rpc_server *server;

    qli_rpc_metrics_register();
    if (!options_are_valid(options, error, error_size))
        return NULL;
    server = server_new(options);
    if (server == NULL) {
        snprintf(error, error_size, "rpc server: no memory");
        return NULL;
    }
    if (!methods_fill(server, error, error_size) || !lanes_start(server, error, error_size)) {
        server_free(server);
        return NULL;
    }
    if (!socket_start(server, error, error_size)) {
        qli_lane_stop(&server->normal);
        qli_lane_stop(&server->heavy);
        qli_lane_done(&server->normal);
        qli_lane_done(&server->heavy);
        server_free(server);
        return NULL;
    }
    return server;
}

void ql_rpc_server_drain(struct ql_rpc_server *server, int64_t timeout_ms)
{
    int64_t until_ms = ql_monotonic_ms() + timeout_ms;
    struct timespec until = {.tv_sec = until_ms / 1000, .tv_nsec = until_ms % 1000 * 1000000};
    int rv = 0;

    atomic_store(&server->health.is_draining, true);
    atomic_store(&server->is_draining, true);
    pthread_mutex_lock(&server->lock);
    while (rv == 0 && atomic_load(&server->n_taken) > 0)
        rv = pthread_cond_timedwait(&server->all_answered, &server->lock, &until);
    pthread_mutex_unlock(&server->lock);
    if (atomic_load(&server->n_taken) > 0)
        QL_LOG(QL_LOG_WARN, NULL, QL_TEXT("event", "rpc_drain_timed_out"),
               QL_NUMBER("calls", atomic_load(&server->n_taken)));
}

static void lane_end(struct qli_lane *lane)
{
    struct qli_fair_item *waiting;

    qli_lane_stop(lane);
    while ((waiting = qli_lane_take_left(lane)) != NULL)
        qli_slot_refuse(waiting);
}

void ql_rpc_server_stop(struct ql_rpc_server *server)
{
    static const atomic_bool never = false;

    if (server == NULL)
        return;
    atomic_store(&server->health.is_draining, true);
    atomic_store(&server->is_draining, true);
    lane_end(&server->normal);
    lane_end(&server->heavy);
    (void)ql_sleep_ms(FLUSH_MS, &never);
    slots_close(server);
    qli_lane_done(&server->normal);
    qli_lane_done(&server->heavy);
    server_free(server);
}
