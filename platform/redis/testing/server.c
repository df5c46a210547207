/* A child process that dies with the test, whatever the test dies of. */
#include "platform/redis/testing/server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "platform/base/clock.h"

enum { START_WAIT_MS = 20000 };

static const char program[] = "/usr/bin/redis-server";

bool redis_server_is_installed(void)
{
    return access(program, X_OK) == 0;
}

const char *redis_server_given_url(void)
{
    const char *url = getenv("QL_TEST_REDIS_URL");

    return url != NULL && url[0] != '\0' ? url : NULL;
}

static int open_socket(struct sockaddr_in *ret_address, int port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0);
    *ret_address = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    ret_address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return fd;
}

static int free_port(void)
{
    struct sockaddr_in address;
    socklen_t size = sizeof(address);
    int fd = open_socket(&address, 0);

    assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    close(fd);
    return ntohs(address.sin_port);
}

static bool answers(int port)
{
    struct sockaddr_in address;
    int fd = open_socket(&address, port);
    bool is_up = connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0;

    close(fd);
    return is_up;
}

/* Becomes the server. */
static void become(const struct redis_server *server)
{
    char port[16];
    int nowhere = open("/dev/null", O_RDWR);

    snprintf(port, sizeof(port), "%d", server->port);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (nowhere >= 0) {
        dup2(nowhere, STDIN_FILENO);
        dup2(nowhere, STDOUT_FILENO);
        dup2(nowhere, STDERR_FILENO);
    }
    execl(program, program, "--port", port, "--bind", "127.0.0.1", "--dir", server->folder,
          "--save", "", "--appendonly", "no", "--daemonize", "no", "--requirepass",
          REDIS_SERVER_PASSWORD, (char *)NULL);
    _exit(127);
}

void redis_server_start_again(struct redis_server *server)
{
    int64_t until_ms = ql_monotonic_ms() + START_WAIT_MS;

    server->pid = fork();
    assert_true(server->pid >= 0);
    if (server->pid == 0)
        become(server);
    while (!answers(server->port)) {
        assert_int_equal(waitpid(server->pid, NULL, WNOHANG), 0);
        assert_true(ql_monotonic_ms() < until_ms);
        poll(NULL, 0, 5);
    }
}

void redis_server_start(struct redis_server *server)
{
    memset(server, 0, sizeof(*server));
    snprintf(server->folder, sizeof(server->folder), "/tmp/ql_redis_XXXXXX");
    assert_non_null(mkdtemp(server->folder));
    server->port = free_port();
    snprintf(server->url, sizeof(server->url), "redis://:%s@127.0.0.1:%d", REDIS_SERVER_PASSWORD,
             server->port);
    redis_server_start_again(server);
}

void redis_server_kill(struct redis_server *server)
{
    if (server->pid == 0)
        return;
    kill(server->pid, SIGKILL);
    waitpid(server->pid, NULL, 0);
    server->pid = 0;
}

void redis_server_freeze(const struct redis_server *server)
{
    int status;

    kill(server->pid, SIGSTOP);
    assert_int_equal(waitpid(server->pid, &status, WUNTRACED), server->pid);
    assert_true(WIFSTOPPED(status));
}

void redis_server_thaw(const struct redis_server *server)
{
    kill(server->pid, SIGCONT);
}

void redis_server_end(struct redis_server *server)
{
    redis_server_kill(server);
    rmdir(server->folder);
}
