/* Configuring h2o, listening, starting and stopping the loops. */
#include "gateway/server.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <openssl/ssl.h>

#include "gateway/cors.h"
#include "gateway/h2o_error_filter.h"
#include "gateway/listen.h"
#include "gateway/loop.h"
#include "gateway/parser.h"
#include "gateway/pipeline.h"
#include "gateway/tls.h"
#include "platform/base/clock.h"
#include "platform/base/log.h"

enum {
    LOOPS_MAX = 64,
    OTHER_DESCRIPTORS = 256, /* of channels, loops, logs, ops and libraries */
    /* For a body over its limit the library closes the connection, so that the client may
     * lose the answer, or resets the stream without one: so its limit is four times that of
     * the gateway, which answers 413. */
    BODY_SLACK = 64 * 1024,
    BODY_FACTOR = 4,
    /* Announced by the library, which queues further streams. */
    STREAMS_MAX = 100,
    DRAIN_LEAST_MS = 1500, /* needed by a loop without requests to end in order */
};

struct server {
    struct gateway *gateway;
    h2o_globalconf_t config;
    SSL_CTX *tls; /* NULL: no HTTPS */
    h2o_handler_t *handler;
    int listener_fds[LISTENERS];
    int ports[LISTENERS];
    pthread_barrier_t started;
    _Atomic bool is_stopping;
    _Atomic size_t n_connections; /* of all loops */
    int64_t cut_at_ms;
    bool is_drained;
    int n_loops;
    struct loop loops[];
};

int server_loop_count(const struct gateway_settings *settings)
{
    int64_t loops = settings->loops > 0 ? settings->loops : sysconf(_SC_NPROCESSORS_ONLN);

    if (loops < 1)
        loops = 1;
    if (loops > LOOPS_MAX)
        loops = LOOPS_MAX;
    return (int)(loops < settings->max_connections ? loops : settings->max_connections);
}

int server_port(const struct server *server)
{
    return server->ports[LISTENER_HTTP];
}

int server_https_port(const struct server *server)
{
    return server->ports[LISTENER_HTTPS];
}

static bool listen_on(struct server *server, int listener, const char *setting, const char *address,
                      char *error, size_t error_size)
{
    server->listener_fds[listener] =
        listen_open(setting, address, &server->ports[listener], error, error_size);
    return server->listener_fds[listener] >= 0;
}

static bool server_listen(struct server *server, char *error, size_t error_size)
{
    const struct gateway_settings *settings = &server->gateway->settings;

    if (!listen_on(server, LISTENER_HTTP, "QL_HTTP_ADDRESS", settings->http_address, error,
                   error_size))
        return false;
    if (settings->https_address[0] == '\0')
        return true;
    server->tls = tls_context_new(settings->tls_cert_file, settings->tls_key_file, settings->http2,
                                  error, error_size);
    return server->tls != NULL && listen_on(server, LISTENER_HTTPS, "QL_HTTPS_ADDRESS",
                                            settings->https_address, error, error_size);
}

/* Checks combinations of settings. */
static bool settings_agree(const struct gateway_settings *settings, char *error, size_t error_size)
{
    bool has_cert = settings->tls_cert_file[0] != '\0', has_key = settings->tls_key_file[0] != '\0';
    bool has_address = settings->https_address[0] != '\0';

    if (has_cert != has_key || has_address != has_cert)
        snprintf(error, error_size,
                 "QL_HTTPS_ADDRESS, QL_TLS_CERT_FILE and QL_TLS_KEY_FILE need each other");
    else if (!cors_origins_are_good(settings->cors_origins))
        snprintf(error, error_size, "QL_CORS_ORIGINS: \"%s\" is not * or a list of origins",
                 settings->cors_origins);
    else
        return true;
    return false;
}

static void server_configure(struct server *server)
{
    const struct gateway_settings *settings = &server->gateway->settings;
    h2o_globalconf_t *config = &server->config;
    h2o_hostconf_t *host;

    h2o_config_init(config);
    config->server_name = h2o_iovec_init(H2O_STRLIT(""));
    config->max_request_entity_size = (size_t)settings->max_body_bytes * BODY_FACTOR + BODY_SLACK;
    config->handshake_timeout = (uint64_t)settings->http_idle_timeout_ms;
    config->http1.req_timeout = (uint64_t)settings->http_idle_timeout_ms;
    config->http1.upgrade_to_http2 = settings->http2;
    config->http2.idle_timeout = (uint64_t)settings->http_idle_timeout_ms;
    config->http2.max_concurrent_requests_per_connection = STREAMS_MAX;
    host = h2o_config_register_host(config, h2o_iovec_init(H2O_STRLIT("default")), 65535);
    server->handler =
        h2o_create_handler(h2o_config_register_path(host, "/", 0), sizeof(*server->handler));
    server->handler->on_req = pipeline_on_req;
    h2o_error_filter_register(&host->fallback_path);
}

/* Without a free descriptor accept fails at once and repeatedly, so the limit of connections
 * has to be below the limit of descriptors. */
static size_t connection_limit(const struct gateway_settings *settings)
{
    size_t wanted = (size_t)settings->max_connections;
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return wanted;
    if (limit.rlim_cur < wanted + OTHER_DESCRIPTORS) {
        rlim_t needed = wanted + OTHER_DESCRIPTORS;

        limit.rlim_cur = needed < limit.rlim_max ? needed : limit.rlim_max;
        if (setrlimit(RLIMIT_NOFILE, &limit) != 0 && getrlimit(RLIMIT_NOFILE, &limit) != 0)
            return wanted;
    }
    if (limit.rlim_cur >= wanted + OTHER_DESCRIPTORS)
        return wanted;
    wanted = limit.rlim_cur > 2 * OTHER_DESCRIPTORS ? limit.rlim_cur - OTHER_DESCRIPTORS
                                                    : OTHER_DESCRIPTORS;
    QL_LOG(QL_LOG_WARN, NULL, QL_TEXT("event", "connection_limit_lowered"),
           QL_NUMBER("connections", wanted), QL_NUMBER("descriptors", limit.rlim_cur));
    return wanted;
}

/* Gives the loop its duplicates of the listening descriptors. */
static bool share_listeners(struct server *server, struct connections *connections)
{
    for (int i = 0; i < LISTENERS; i++) {
        struct listener *listener = &connections->listeners[i];

        if (server->listener_fds[i] < 0)
            continue;
        listener->tls = i == LISTENER_HTTPS ? server->tls : NULL;
        listener->fd = fcntl(server->listener_fds[i], F_DUPFD_CLOEXEC, 0);
        if (listener->fd < 0)
            return false;
    }
    return true;
}

static bool loops_init(struct server *server, size_t n_loops)
{
    size_t limit = connection_limit(&server->gateway->settings);

    for (size_t i = 0; i < n_loops; i++) {
        struct loop *loop = &server->loops[i];
        struct connections *connections = &loop->connections;
        size_t share = limit / n_loops + (i < limit % n_loops);

        server->n_loops++;
        if (!loop_init(loop, server->gateway))
            return false;
        loop->config = &server->config;
        loop->handler = server->handler;
        loop->started = &server->started;
        loop->is_stopping = &server->is_stopping;
        loop->cut_at_ms = &server->cut_at_ms;
        connections->max = share > 0 ? share : 1;
        connections->n_of_all_loops = &server->n_connections;
        connections->max_of_all_loops = limit;
        connections->memory.max = (size_t)server->gateway->settings.max_held_bytes / n_loops;
        if (!share_listeners(server, connections))
            return false;
    }
    return true;
}

static void listeners_close(struct server *server)
{
    for (int i = 0; i < LISTENERS; i++) {
        if (server->listener_fds[i] >= 0)
            close(server->listener_fds[i]);
        server->listener_fds[i] = -1;
    }
}

static void server_free(struct server *server)
{
    bool is_clean = true;

    for (int i = 0; i < server->n_loops; i++)
        is_clean = is_clean && (server->loops[i].is_clean || !server->is_drained);
    listeners_close(server);
    /* Callbacks may still use memory of a loop that did not end cleanly: it is not freed, as
     * the process is ending. */
    if (!is_clean)
        return;
    for (int i = 0; i < server->n_loops; i++)
        loop_done(&server->loops[i]);
    h2o_config_dispose(&server->config);
    SSL_CTX_free(server->tls);
    pthread_barrier_destroy(&server->started);
    free(server);
}

/* When a thread cannot be started, those already started wait at the barrier for ever, so
 * the process ends. */
static void start_threads(struct server *server)
{
    for (int i = 0; i < server->n_loops; i++) {
        if (pthread_create(&server->loops[i].thread, NULL, loop_main, &server->loops[i]) != 0) {
            QL_LOG(QL_LOG_ERROR, NULL, QL_TEXT("event", "no_thread_for_loop"));
            abort();
        }
    }
    pthread_barrier_wait(&server->started);
}

struct server *server_start(struct gateway *gateway, char *error, size_t error_size)
{
    int n_loops = server_loop_count(&gateway->settings);
    struct server *server;

    if (!settings_agree(&gateway->settings, error, error_size))
        return NULL;
    if (!parser_init()) {
        snprintf(error, error_size, "this libh2o does not call its parser by name");
        return NULL;
    }
    server = calloc(1, sizeof(*server) + (size_t)n_loops * sizeof(server->loops[0]));
    if (server == NULL) {
        snprintf(error, error_size, "no memory for the server");
        return NULL;
    }
    server->gateway = gateway;
    for (int i = 0; i < LISTENERS; i++)
        server->listener_fds[i] = -1;
    pthread_barrier_init(&server->started, NULL, (unsigned)n_loops + 1);
    server_configure(server);
    if (!server_listen(server, error, error_size)) {
        server_free(server);
        return NULL;
    }
    if (!loops_init(server, (size_t)n_loops)) {
        snprintf(error, error_size, "no memory or descriptors for the loops");
        server_free(server);
        return NULL;
    }
    start_threads(server);
    return server;
}

void server_drain(struct server *server, int64_t limit_ms)
{
    if (server->is_drained)
        return;
    server->is_drained = true;
    server->cut_at_ms = ql_monotonic_ms() + (limit_ms > DRAIN_LEAST_MS ? limit_ms : DRAIN_LEAST_MS);
    atomic_store(&server->is_stopping, true);
    for (int i = 0; i < server->n_loops; i++)
        loop_wake(&server->loops[i]);
    /* Closes the original descriptors too, else the kernel keeps filling the backlog. */
    listeners_close(server);
    for (int i = 0; i < server->n_loops; i++)
        pthread_join(server->loops[i].thread, NULL);
}

void server_stop(struct server *server)
{
    if (server == NULL)
        return;
    server_drain(server, DRAIN_LEAST_MS);
    server_free(server);
}
