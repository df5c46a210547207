/* Building and ending a server: the methods, the worker pools, the socket, its contexts. */
#include "platform/rpc/server/server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <nng/nng.h>
#include <nng/protocol/reqrep0/rep.h>

#include "platform/base/clock.h"
#include "platform/rpc/server/context_set.h"
#include "platform/rpc/server/health.h"
#include "platform/rpc/server/reflection.h"
#include "platform/rpc/socket_close.h"
#include "platform/rpc/telemetry.h"

enum {
    NORMAL_QUEUE = 512,
    HEAVY_QUEUE_MAX = 4096,
    FLUSH_MS = 100, /* for nng to write the last replies: closing drops them */
};

struct ql_rpc_server {
    struct ql_rpc_server_options options;
    struct qli_health health;
    struct qli_reflection reflection;
    struct qli_dispatcher dispatcher;
    nng_socket socket;
    struct qli_pipes *pipes;
    struct qli_context_set contexts;
    struct qli_worker_pool normal, heavy;
};

static int heavy_threads(const struct ql_rpc_server_options *options)
{
    long cores;

    if (options->n_heavy_workers > 0)
        return options->n_heavy_workers;
    cores = sysconf(_SC_NPROCESSORS_ONLN);
    return cores < 1 ? 1 : cores > QLI_WORKERS_MAX ? QLI_WORKERS_MAX : (int)cores;
}

static bool options_are_valid(const struct ql_rpc_server_options *options, char *error,
                              size_t error_size)
{
    const char *fault = NULL;

    if (options->service == NULL || options->address == NULL || options->methods == NULL ||
        options->verifier == NULL)
        fault = "service, address, methods and verifier are needed";
    else if (options->n_workers < 1 || options->n_workers > QLI_WORKERS_MAX)
        fault = "n_workers must be 1 to 64";
    else if (options->n_heavy_workers < 0 || options->n_heavy_workers > QLI_WORKERS_MAX)
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

static bool pools_start(struct ql_rpc_server *server, char *error, size_t error_size)
{
    const struct ql_rpc_server_options *options = &server->options;

    size_t n_methods = server->dispatcher.table.n_methods;

    if (qli_worker_pool_start(&server->normal, "normal", options->n_workers, n_methods,
                              NORMAL_QUEUE, qli_context_work)) {
        if (qli_worker_pool_start(&server->heavy, "heavy", heavy_threads(options), n_methods,
                                  (size_t)options->heavy_queue, qli_context_work))
            return true;
        qli_worker_pool_stop(&server->normal);
        qli_worker_pool_done(&server->normal);
    }
    snprintf(error, error_size, "rpc server: no memory or threads for the workers");
    return false;
}

/* How many calls can wait or be at work. */
static int calls_max(const struct ql_rpc_server *server)
{
    const struct ql_rpc_server_options *options = &server->options;

    return NORMAL_QUEUE + options->n_workers + options->heavy_queue + heavy_threads(options);
}

static void socket_end(struct ql_rpc_server *server)
{
    bool is_closed = qli_socket_close(server->socket);

    qli_context_set_close(&server->contexts);
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

/* The socket listens last, when everything behind it stands. 0 or nng's error. */
static int socket_set_up(struct ql_rpc_server *server)
{
    int rv = nng_socket_set_size(server->socket, NNG_OPT_RECVMAXSZ, QL_RPC_MAX_BYTES);

    if (rv != 0)
        return rv;
    server->pipes = pipes_start(server);
    if (server->pipes == NULL)
        return NNG_ENOMEM;
    rv = qli_context_set_open(&server->contexts, server->socket, server->pipes, calls_max(server));
    if (rv != 0)
        return rv;
    return nng_listen(server->socket, server->options.address, NULL, 0);
}

static bool socket_start(struct ql_rpc_server *server, char *error, size_t error_size)
{
    int rv = nng_rep0_open(&server->socket);

    if (rv == 0) {
        rv = socket_set_up(server);
        if (rv == 0)
            return true;
        socket_end(server);
    }
    snprintf(error, error_size, "rpc server: cannot listen on %s: %s", server->options.address,
             nng_strerror(rv));
    return false;
}

static void server_free(struct ql_rpc_server *server)
{
    qli_method_table_done(&server->dispatcher.table);
    qli_context_set_done(&server->contexts);
    free(server);
}

static struct ql_rpc_server *server_new(const struct ql_rpc_server_options *options)
{
    struct ql_rpc_server *server = calloc(1, sizeof(*server));

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
    qli_context_set_init(&server->contexts, &server->dispatcher, &server->normal, &server->heavy);
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
    if (!methods_fill(server, error, error_size) || !pools_start(server, error, error_size)) {
        server_free(server);
        return NULL;
    }
    if (!socket_start(server, error, error_size)) {
        qli_worker_pool_stop(&server->normal);
        qli_worker_pool_stop(&server->heavy);
        qli_worker_pool_done(&server->normal);
        qli_worker_pool_done(&server->heavy);
        server_free(server);
        return NULL;
    }
    return server;
}

static void calls_refuse(struct ql_rpc_server *server)
{
    atomic_store(&server->health.is_draining, true);
    qli_context_set_refuse(&server->contexts);
}

void ql_rpc_server_drain(struct ql_rpc_server *server, int64_t timeout_ms)
{
    calls_refuse(server);
    qli_context_set_drain(&server->contexts, timeout_ms);
}

static void pool_end(struct qli_worker_pool *pool)
{
    struct qli_fair_item *waiting;

    qli_worker_pool_stop(pool);
    while ((waiting = qli_worker_pool_take_left(pool)) != NULL)
        qli_context_refuse(waiting);
}

void ql_rpc_server_stop(struct ql_rpc_server *server)
{
    static const atomic_bool never = false;

    if (server == NULL)
        return;
    calls_refuse(server);
    pool_end(&server->normal);
    pool_end(&server->heavy);
    (void)ql_sleep_ms(FLUSH_MS, &never);
    socket_end(server);
    qli_worker_pool_done(&server->normal);
    qli_worker_pool_done(&server->heavy);
    server_free(server);
}
