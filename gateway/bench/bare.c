/* The least that h2o can do: answers every request with the same bytes. The
 * gateway's throughput is given as a part of this one's.
 *
 *   ql-bench-bare PORT ANSWER_FILE     until SIGTERM or SIGINT
 *
 * ANSWER_FILE: "name: value" lines, an empty line, the body. As the gateway, it
 * has one loop per core and takes connections in batches. */
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <h2o.h>

enum { LOOPS_MAX = 64, FIELDS_MAX = 32, ANSWER_MAX = 64 * 1024, ACCEPT_BATCH = 32, BACKLOG = 1024 };

struct bare_loop {
    h2o_context_t context;
    h2o_accept_ctx_t accept;
    int listener_fd;
};

static char answer[ANSWER_MAX];
static h2o_iovec_t names[FIELDS_MAX], values[FIELDS_MAX], body;
static size_t n_fields;
static h2o_globalconf_t config;

static int on_req(h2o_handler_t *self, h2o_req_t *req)
{
    static h2o_generator_t generator = {NULL, NULL};
    h2o_iovec_t bytes = body;

    (void)self;
    req->res.status = 200;
    req->res.reason = "OK";
    req->res.content_length = body.len;
    for (size_t i = 0; i < n_fields; i++)
        h2o_add_header_by_str(&req->pool, &req->res.headers, names[i].base, names[i].len, 1, NULL,
                              values[i].base, values[i].len);
    h2o_start_response(req, &generator);
    h2o_send(req, &bytes, 1, H2O_SEND_STATE_FINAL);
    return 0;
}

static bool read_answer(const char *path)
{
    FILE *file = fopen(path, "r");
    size_t length = file != NULL ? fread(answer, 1, sizeof(answer) - 1, file) : 0;
    char *line = answer, *end, *colon;

    if (file != NULL)
        fclose(file);
    while ((end = memchr(line, '\n', length - (size_t)(line - answer))) != NULL) {
        if (end == line) {
            body = h2o_iovec_init(end + 1, length - (size_t)(end + 1 - answer));
            return body.len > 0;
        }
        colon = memchr(line, ':', (size_t)(end - line));
        if (colon == NULL || colon[1] != ' ' || n_fields == FIELDS_MAX)
            return false;
        names[n_fields] = h2o_iovec_init(line, (size_t)(colon - line));
        values[n_fields++] = h2o_iovec_init(colon + 2, (size_t)(end - colon - 2));
        line = end + 1;
    }
    return false;
}

static int listen_on(uint16_t port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_port = htons(port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), yes = 1;

    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) != 0 ||
        bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0 || listen(fd, BACKLOG) != 0)
        return -1;
    return fd;
}

static void on_accept(h2o_socket_t *listener, const char *error)
{
    struct bare_loop *loop = listener->data;
    h2o_socket_t *socket;

    for (int i = 0; error == NULL && i < ACCEPT_BATCH; i++) {
        socket = h2o_evloop_socket_accept(listener);
        if (socket == NULL)
            return;
        h2o_accept(&loop->accept, socket);
    }
}

static void *loop_main(void *argument)
{
    struct bare_loop *loop = argument;
    h2o_socket_t *listener;

    h2o_context_init(&loop->context, h2o_evloop_create(), &config);
    loop->accept.ctx = &loop->context;
    loop->accept.hosts = config.hosts;
    listener =
        h2o_evloop_socket_create(loop->context.loop, loop->listener_fd, H2O_SOCKET_FLAG_DONT_READ);
    listener->data = loop;
    h2o_socket_read_start(listener, on_accept);
    while (h2o_evloop_run(loop->context.loop, INT32_MAX) == 0)
        continue;
    return NULL;
}

static void configure(void)
{
    h2o_hostconf_t *host;
    h2o_handler_t *handler;

    h2o_config_init(&config);
    config.server_name = h2o_iovec_init(H2O_STRLIT(""));
    host = h2o_config_register_host(&config, h2o_iovec_init(H2O_STRLIT("default")), 65535);
    handler = h2o_create_handler(h2o_config_register_path(host, "/", 0), sizeof(*handler));
    handler->on_req = on_req;
}

static bool start(int listener_fd)
{
    static struct bare_loop loops[LOOPS_MAX];
    long n_loops = sysconf(_SC_NPROCESSORS_ONLN);
    pthread_t thread;

    for (long i = 0; i < n_loops && i < LOOPS_MAX; i++) {
        loops[i].listener_fd = fcntl(listener_fd, F_DUPFD_CLOEXEC, 0);
        if (loops[i].listener_fd < 0 || pthread_create(&thread, NULL, loop_main, &loops[i]) != 0)
            return false;
    }
    return true;
}

int main(int argc, char **argv)
{
    long port = argc == 3 ? strtol(argv[1], NULL, 10) : 0;
    sigset_t ends;
    int listener_fd, signal_number;

    if (port < 1 || port > 65535 || !read_answer(argv[2])) {
        fprintf(stderr, "usage: ql-bench-bare PORT ANSWER_FILE\n");
        return 2;
    }
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    pthread_sigmask(SIG_BLOCK, &ends, NULL);
    signal(SIGPIPE, SIG_IGN);
    configure();
    listener_fd = listen_on((uint16_t)port);
    if (listener_fd < 0 || !start(listener_fd)) {
        fprintf(stderr, "error: cannot listen on port %ld\n", port);
        return 1;
    }
    sigwait(&ends, &signal_number);
    return 0;
}
