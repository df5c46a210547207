/* A bounded load of calls that differ from each other, which wrk cannot send
 * without spending more on them than the gateway does.
 *
 *   ql-bench-calls PORT CONNECTIONS SECONDS CALLS_FILE
 *
 * CALLS_FILE: requests as they go over the wire, each behind a line with its
 * length in bytes. Each is sent once, in order; each answer starts the
 * connection's next. Prints "calls=… seconds=…"; any answer but 200, and seconds
 * that did not suffice, end it with status 1. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { CONNECTIONS_MAX = 64, SECONDS_MAX = 60, ANSWER_MAX = 64 * 1024 };

struct connection {
    const char *request;
    size_t left; /* bytes of the request to be sent */
    size_t length;
    char answer[ANSWER_MAX + 1];
};

static struct connection connections[CONNECTIONS_MAX];
static struct pollfd sockets[CONNECTIONS_MAX]; /* fd -1: has nothing more to send */
static const char *next_call, *calls_end;
static long n_answers;

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static bool map_calls(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat about;
    char *bytes = MAP_FAILED;

    if (fd >= 0 && fstat(fd, &about) == 0 && about.st_size > 0)
        bytes = mmap(NULL, (size_t)about.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
    if (fd >= 0)
        close(fd);
    if (bytes == MAP_FAILED)
        return false;
    next_call = bytes;
    calls_end = bytes + about.st_size;
    return true;
}

static int connect_to(uint16_t port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_port = htons(port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0 &&
        fcntl(fd, F_SETFL, O_NONBLOCK) == 0)
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

/* Gives the connection its next call, or ends it. */
static bool take_call(struct connection *connection, struct pollfd *socket)
{
    char *line_end;

    if (next_call == calls_end) {
        close(socket->fd);
        socket->fd = -1;
        return true;
    }
    connection->left = strtoul(next_call, &line_end, 10);
    if (*line_end != '\n' || connection->left == 0 ||
        connection->left > (size_t)(calls_end - line_end - 1))
        return false;
    connection->request = line_end + 1;
    connection->length = 0;
    next_call = connection->request + connection->left;
    socket->events = POLLOUT;
    return true;
}

static bool send_some(struct connection *connection, struct pollfd *socket)
{
    ssize_t n = send(socket->fd, connection->request, connection->left, MSG_NOSIGNAL);

    if (n < 0)
        return errno == EAGAIN;
    connection->request += n;
    connection->left -= (size_t)n;
    if (connection->left == 0)
        socket->events = POLLIN;
    return true;
}

/* Bytes of the whole answer; 0 while its head is not all there, or says nothing. */
static size_t whole_length(const char *answer)
{
    static const char field[] = "\r\ncontent-length:";
    const char *end = strstr(answer, "\r\n\r\n"), *length = strcasestr(answer, field);

    if (end == NULL || length == NULL || length > end)
        return 0;
    return (size_t)(end + 4 - answer) + strtoul(length + sizeof(field) - 1, NULL, 10);
}

static bool receive_some(struct connection *connection, struct pollfd *socket)
{
    ssize_t n = recv(socket->fd, connection->answer + connection->length,
                     ANSWER_MAX - connection->length, 0);
    size_t whole;

    if (n <= 0)
        return n < 0 && errno == EAGAIN;
    connection->length += (size_t)n;
    connection->answer[connection->length] = '\0';
    whole = whole_length(connection->answer);
    if (whole == 0 || connection->length < whole)
        return connection->length < ANSWER_MAX;
    if (strncmp(connection->answer, "HTTP/1.1 200 ", 13) != 0) {
        fprintf(stderr, "%s\n", connection->answer);
        return false;
    }
    n_answers++;
    return take_call(connection, socket);
}

/* One turn over those that can go on. */
static bool turn(nfds_t n_connections)
{
    if (poll(sockets, n_connections, 100) < 0)
        return false;
    for (nfds_t i = 0; i < n_connections; i++) {
        if (sockets[i].fd < 0 || sockets[i].revents == 0)
            continue;
        if (!(sockets[i].events == POLLOUT ? send_some : receive_some)(&connections[i],
                                                                       &sockets[i]))
            return false;
    }
    return true;
}

static bool is_over(nfds_t n_connections)
{
    for (nfds_t i = 0; i < n_connections; i++)
        if (sockets[i].fd >= 0)
            return false;
    return true;
}

static int run(uint16_t port, nfds_t n_connections, long seconds)
{
    double began, ended;

    for (nfds_t i = 0; i < n_connections; i++) {
        sockets[i].fd = connect_to(port);
        if (sockets[i].fd < 0 || !take_call(&connections[i], &sockets[i]))
            return 1;
    }
    began = ended = now();
    while (!is_over(n_connections) && ended - began < (double)seconds) {
        if (!turn(n_connections))
            return 1;
        ended = now();
    }
    printf("calls=%ld seconds=%.6f\n", n_answers, ended - began);
    return is_over(n_connections) ? 0 : 1;
}

int main(int argc, char **argv)
{
    long port = argc == 5 ? strtol(argv[1], NULL, 10) : 0;
    long n_connections = argc == 5 ? strtol(argv[2], NULL, 10) : 0;
    long seconds = argc == 5 ? strtol(argv[3], NULL, 10) : 0;

    if (port < 1 || port > UINT16_MAX || n_connections < 1 || n_connections > CONNECTIONS_MAX ||
        seconds < 1 || seconds > SECONDS_MAX || !map_calls(argv[4])) {
        fprintf(stderr, "usage: ql-bench-calls PORT CONNECTIONS SECONDS CALLS_FILE\n");
        return 2;
    }
    return run((uint16_t)port, (nfds_t)n_connections, seconds);
}
