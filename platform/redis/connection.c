/* Connecting, sending and reading with one deadline for all of it. */
#include "platform/redis/connection.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "platform/base/clock.h"
#include "platform/redis/redis_metrics.h"

enum { READ_CHUNK_BYTES = 16 * 1024 };

struct qli_redis_connection {
    int fd;
    redisReader *reader;
};

/* The events that occurred, 0 after the deadline. */
static short wait_socket(int fd, short events, int64_t until_ms)
{
    struct pollfd waited = {.fd = fd, .events = events};

    for (;;) {
        int64_t left = until_ms - ql_monotonic_ms();

        /* Checked before poll: a server that sends byte by byte is read no longer either. */
        if (left <= 0)
            return 0;
        if (left > INT32_MAX)
            left = INT32_MAX;
        if (poll(&waited, 1, (int)left) > 0)
            return waited.revents;
        /* EINTR, or the time is over: the clock is read again. */
    }
}

/* Connects within the time; -1 and errno otherwise. */
static int connect_one(const struct addrinfo *address, int64_t until_ms)
{
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int error = 0, on = 1;
    socklen_t size = sizeof(error);

    if (fd < 0)
        return -1;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    (void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
    if (connect(fd, address->ai_addr, address->ai_addrlen) == 0)
        return fd;
    error = errno;
    if (error == EINPROGRESS) {
        if (wait_socket(fd, POLLOUT, until_ms) == 0)
            error = ETIMEDOUT;
        else if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0)
            error = errno;
    }
    if (error == 0)
        return fd;
    close(fd);
    errno = error;
    return -1;
}

/* Each address gets an equal share of the time left. */
static int connect_any(const struct addrinfo *addresses, int64_t until_ms)
{
    int n_left = 0, fd = -1;

    for (const struct addrinfo *address = addresses; address != NULL; address = address->ai_next)
        n_left++;
    errno = ETIMEDOUT;
    for (; addresses != NULL && fd < 0; addresses = addresses->ai_next) {
        int64_t now = ql_monotonic_ms();

        if (now >= until_ms)
            break;
        fd = connect_one(addresses, now + (until_ms - now) / n_left--);
    }
    return fd;
}

static const char *connect_error(int error)
{
    switch (error) {
    case ECONNREFUSED:
        return "connection refused";
    case ETIMEDOUT:
        return "no answer to the connection attempt";
    default:
        return "cannot connect";
    }
}

struct qli_redis_connection *qli_redis_connection_open(const char *host, const char *port,
                                                       int64_t until_ms, const char **ret_trouble)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
    struct qli_redis_connection *connection;
    struct addrinfo *addresses;
    int fd;

    if (getaddrinfo(host, port, &hints, &addresses) != 0) {
        *ret_trouble = "the host's name does not resolve";
        return NULL;
    }
    fd = connect_any(addresses, until_ms);
    *ret_trouble = connect_error(errno);
    freeaddrinfo(addresses);
    if (fd < 0)
        return NULL;
    connection = calloc(1, sizeof(*connection));
    if (connection != NULL)
        connection->reader = qli_redis_reader_new();
    if (connection == NULL || connection->reader == NULL) {
        *ret_trouble = "out of memory";
        free(connection);
        close(fd);
        return NULL;
    }
    connection->fd = fd;
    ql_metric_add(&qli_redis_connections, NULL, 1);
    return connection;
}

void qli_redis_connection_close(struct qli_redis_connection *connection)
{
    if (connection == NULL)
        return;
    close(connection->fd);
    redisReaderFree(connection->reader);
    free(connection);
    ql_metric_add(&qli_redis_connections, NULL, -1);
}

bool qli_redis_connection_is_stale(const struct qli_redis_connection *connection)
{
    char byte;

    return recv(connection->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0 ||
           (errno != EAGAIN && errno != EINTR);
}

/* Sends as much as the socket accepts; false when the connection is lost. */
static bool send_some(const struct qli_redis_connection *connection, const char **request,
                      size_t *length)
{
    ssize_t sent = send(connection->fd, *request, *length, MSG_NOSIGNAL);

    if (sent < 0)
        return errno == EAGAIN || errno == EINTR;
    *request += sent;
    *length -= (size_t)sent;
    return true;
}

/* Feeds the bytes that have arrived to the parser, up to the bound. */
static enum qli_redis_outcome read_some(struct qli_redis_connection *connection,
                                        struct qli_redis_intake *intake)
{
    char chunk[READ_CHUNK_BYTES];
    ssize_t n = recv(connection->fd, chunk, sizeof(chunk), 0);

    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return QLI_REDIS_DONE;
    if (n <= 0)
        return QLI_REDIS_LOST;
    intake->bytes_read += (size_t)n;
    if (intake->bytes_read > intake->bytes_max)
        return QLI_REDIS_TOO_LARGE;
    return redisReaderFeed(connection->reader, chunk, (size_t)n) == REDIS_OK ? QLI_REDIS_DONE
                                                                             : QLI_REDIS_NO_MEMORY;
}

/* Parses the bytes read so far; *n_done of n_replies are complete then. */
static enum qli_redis_outcome parse_replies(struct qli_redis_connection *connection,
                                            struct qli_redis_intake *intake, size_t n_replies,
                                            struct ql_redis_reply *replies, size_t *n_done)
{
    while (*n_done < n_replies) {
        void *reply = NULL;

        intake->root = &replies[*n_done];
        if (redisReaderGetReply(connection->reader, &reply) != REDIS_OK)
            return qli_redis_reader_fault(connection->reader, intake);
        if (reply == NULL)
            return QLI_REDIS_DONE;
        ++*n_done;
    }
    /* More bytes than replies: later replies could not be matched with requests. */
    return connection->reader->pos < connection->reader->len ? QLI_REDIS_PROTOCOL : QLI_REDIS_DONE;
}

enum qli_redis_outcome qli_redis_connection_exchange(struct qli_redis_connection *connection,
                                                     struct qli_redis_intake *intake,
                                                     const char *request, size_t length,
                                                     size_t n_replies, int64_t until_ms,
                                                     struct ql_redis_reply *ret_replies)
{
    enum qli_redis_outcome outcome = QLI_REDIS_DONE;
    size_t n_done = 0;

    connection->reader->privdata = intake;
    if (!send_some(connection, &request, &length))
        return QLI_REDIS_LOST;
    /* Reads while it sends: a server whose replies are not read stops reading requests. */
    while (outcome == QLI_REDIS_DONE && n_done < n_replies) {
        short events = length > 0 ? POLLIN | POLLOUT : POLLIN;
        short came = wait_socket(connection->fd, events, until_ms);

        if (came == 0)
            return QLI_REDIS_TIMED_OUT;
        if ((came & POLLOUT) != 0 && length > 0 && !send_some(connection, &request, &length))
            return QLI_REDIS_LOST;
        if ((came & ~POLLOUT) == 0)
            continue;
        outcome = read_some(connection, intake);
        if (outcome == QLI_REDIS_DONE)
            outcome = parse_replies(connection, intake, n_replies, ret_replies, &n_done);
    }
    if (outcome == QLI_REDIS_DONE && length > 0)
        outcome = QLI_REDIS_PROTOCOL; /* all replies came before the request was sent */
    return outcome;
}
