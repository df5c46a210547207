/* Listener and loops. */
#include "gateway/server.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/ssl.h>

#include "gateway/cors.h"
#include "gateway/loop.h"
#include "gateway/parser.h"
#include "gateway/refusal.h"
#include "gateway/request.h"
#include "gateway/tls.h"
#include "platform/base/clock.h"
#include "platform/base/log.h"

enum {
    LOOPS_MAX = 64,
    BACKLOG = 1024,
    SOCKET_BUFFER_BYTES = 128 * 1024, /* each way; the kernel doubles it for its own needs */
    OTHER_DESCRIPTORS = 256,          /* of channels, loops, logs, ops and libraries */
    /* On a body over its limit the library closes the connection, and the client may
     * lose the answer, or resets the stream without any: so bodies up to four times
     * over ours are still read, to be answered 413. */
    BODY_SLACK = 64 * 1024,
    BODY_FACTOR = 4,
    /* What the library announces; it queues what exceeds it. */
    STREAMS_MAX = 100,
    DRAIN_LEAST_MS = 1500, /* what a loop without any work needs to end in order */
};

struct server {
    struct gateway *gateway;
    h2o_globalconf_t config;
    SSL_CTX *tls; /* NULL: no HTTPS */
    int listener_fds[DOORS];
    int ports[DOORS];
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
    return server->ports[DOOR_HTTP];
}

int server_https_port(const struct server *server)
{
    return server->ports[DOOR_HTTPS];
}

static struct addrinfo *resolve(const char *setting, const char *address, char *error,
                                size_t error_size)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                                   .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    const char *colon = strrchr(address, ':');
    struct addrinfo *found = NULL;
    char host[256];
    size_t length;

    if (colon == NULL || (length = (size_t)(colon - address)) >= sizeof(host)) {
        snprintf(error, error_size, "%s: \"%s\" is not host:port", setting, address);
        return NULL;
    }
    if (length >= 2 && address[0] == '[' && address[length - 1] == ']')
        snprintf(host, sizeof(host), "%.*s", (int)(length - 2), address + 1);
    else
        snprintf(host, sizeof(host), "%.*s", (int)length, address);
    if (getaddrinfo(host[0] != '\0' ? host : NULL, colon + 1, &hints, &found) != 0)
        snprintf(error, error_size, "%s: cannot resolve \"%s\"", setting, address);
    return found;
}

static int bound_port(int fd)
{
    struct sockaddr_storage address;
    socklen_t length = sizeof(address);
    char service[NI_MAXSERV];

    if (getsockname(fd, (struct sockaddr *)&address, &length) != 0 ||
        getnameinfo((struct sockaddr *)&address, length, NULL, 0, service, sizeof(service),
                    NI_NUMERICSERV) != 0)
        return -1;
    return (int)strtol(service, NULL, 10);
}

static bool door_listen(struct server *server, int door, const char *setting, const char *address,
                        char *error, size_t error_size)
{
    struct addrinfo *found = resolve(setting, address, error, error_size);
    /* Accepted sockets inherit both. Else the kernel lets each grow to megabytes. */
    int yes = 1, socket_bytes = SOCKET_BUFFER_BYTES, fd;

    if (found == NULL)
        return false;
    fd = socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) != 0 ||
        setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &socket_bytes, sizeof(socket_bytes)) != 0 ||
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &socket_bytes, sizeof(socket_bytes)) != 0 ||
        bind(fd, found->ai_addr, found->ai_addrlen) != 0 || listen(fd, BACKLOG) != 0) {
        snprintf(error, error_size, "%s: cannot listen on \"%s\": %s", setting, address,
                 strerror(errno));
        if (fd >= 0)
            close(fd);
        fd = -1;
    }
    freeaddrinfo(found);
    server->listener_fds[door] = fd;
    if (fd >= 0)
        server->ports[door] = bound_port(fd);
    return fd >= 0;
}

static bool server_listen(struct server *server, char *error, size_t error_size)
{
    const struct gateway_settings *settings = &server->gateway->settings;

    if (!door_listen(server, DOOR_HTTP, "QL_HTTP_ADDRESS", settings->http_address, error,
                     error_size))
        return false;
    if (settings->https_address[0] == '\0')
        return true;
    server->tls = tls_context_new(settings->tls_cert_file, settings->tls_key_file, settings->http2,
                                  error, error_size);
    return server->tls != NULL && door_listen(server, DOOR_HTTPS, "QL_HTTPS_ADDRESS",
                                              settings->https_address, error, error_size);
}

/* What one setting's check cannot see. */
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
    h2o_handler_t *handler;

    h2o_config_init(config);
    config->server_name = h2o_iovec_init(H2O_STRLIT(""));
    config->max_request_entity_size = (size_t)settings->max_body_bytes * BODY_FACTOR + BODY_SLACK;
    config->handshake_timeout = (uint64_t)settings->http_idle_timeout_ms;
    config->http1.req_timeout = (uint64_t)settings->http_idle_timeout_ms;
    config->http1.upgrade_to_http2 = settings->http2;
    config->http2.idle_timeout = (uint64_t)settings->http_idle_timeout_ms;
    config->http2.max_concurrent_requests_per_connection = STREAMS_MAX;
    host = h2o_config_register_host(config, h2o_iovec_init(H2O_STRLIT("default")), 65535);
    handler = h2o_create_handler(h2o_config_register_path(host, "/", 0), sizeof(*handler));
    handler->on_req = request_on_req;
    refusal_register(&host->fallback_path);
}

/* Without a free descriptor accept fails at once, again and again: the limit of
 * connections must lie below the limit of descriptors. */
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

static bool loops_init(struct server *server)
{
    size_t limit = connection_limit(&server->gateway->settings);
    bool is_good = true;

    for (int i = 0; i < server->n_loops; i++) {
        struct loop *loop = &server->loops[i];
        size_t share = limit / (size_t)server->n_loops;

        if ((size_t)i < limit % (size_t)server->n_loops)
            share++;
        loop->gateway = server->gateway;
        loop->config = &server->config;
        loop->started = &server->started;
        loop->is_stopping = &server->is_stopping;
        loop->cut_at_ms = &server->cut_at_ms;
        loop->max_connections = share > 0 ? share : 1;
        loop->n_all_connections = &server->n_connections;
        loop->max_all_connections = limit;
        loop->max_held_bytes =
            (size_t)server->gateway->settings.max_held_bytes / (size_t)server->n_loops;
        is_good = loop_init(loop) && is_good;
        for (int door = 0; door < DOORS; door++) {
            if (server->listener_fds[door] < 0)
                continue;
            loop->doors[door].tls = door == DOOR_HTTPS ? server->tls : NULL;
            loop->doors[door].listener_fd = fcntl(server->listener_fds[door], F_DUPFD_CLOEXEC, 0);
            is_good = loop->doors[door].listener_fd >= 0 && is_good;
        }
    }
    return is_good;
}

static void listeners_close(struct server *server)
{
    for (int door = 0; door < DOORS; door++) {
        if (server->listener_fds[door] >= 0)
            close(server->listener_fds[door]);
        server->listener_fds[door] = -1;
    }
}

static void server_free(struct server *server)
{
    bool is_clean = true;

    for (int i = 0; i < server->n_loops; i++)
        is_clean = is_clean && (server->loops[i].is_clean || !server->is_drained);
    listeners_close(server);
    /* Whatever an unclean loop still holds may yet be called back: the process is
     * ending, so it is left to the kernel. */
    if (!is_clean)
        return;
    for (int i = 0; i < server->n_loops; i++)
        loop_done(&server->loops[i]);
    h2o_config_dispose(&server->config);
    SSL_CTX_free(server->tls);
    pthread_barrier_destroy(&server->started);
    free(server);
}

/* The threads already started wait at the barrier for those that cannot be: only
 * an end of the process frees them. */
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
    server->n_loops = n_loops;
    for (int door = 0; door < DOORS; door++) {
        server->listener_fds[door] = -1;
        for (int i = 0; i < n_loops; i++)
            server->loops[i].doors[door].listener_fd = -1;
    }
    pthread_barrier_init(&server->started, NULL, (unsigned)n_loops + 1);
    server_configure(server);
    if (!server_listen(server, error, error_size)) {
        server_free(server);
        return NULL;
    }
    if (!loops_init(server)) {
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
        h2o_multithread_send_message(&server->loops[i].answers, NULL);
    /* The original too, or the kernel keeps accepting into the backlog. */
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
