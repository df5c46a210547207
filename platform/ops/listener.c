#include "platform/ops/listener.h"

#include <errno.h>
#include <netdb.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    HOST_SIZE = 256,
    BACKLOG = 1024,
    SOCKET_BUFFER_BYTES = 64 * 1024, /* else the kernel lets each grow to megabytes */
};

/* The host without brackets, and where the port begins. */
static bool split_address(const char *address, char ret_host[HOST_SIZE], const char **ret_port)
{
    static const char host_alphabet[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                        "0123456789.-_:[]";
    const char *colon = strrchr(address, ':');
    size_t n_digits = colon != NULL ? strspn(colon + 1, "0123456789") : 0;
    size_t length = colon != NULL ? (size_t)(colon - address) : 0;
    bool is_bracketed = length > 2 && address[0] == '[' && address[length - 1] == ']';
    long port;

    if (length == 0 || n_digits == 0 || n_digits > 5 || colon[1 + n_digits] != '\0' ||
        strspn(address, host_alphabet) != strlen(address))
        return false;
    port = strtol(colon + 1, NULL, 10);
    if (port < 1 || port > 65535)
        return false;
    *ret_port = colon + 1;
    if (is_bracketed)
        return snprintf(ret_host, HOST_SIZE, "%.*s", (int)length - 2, address + 1) < HOST_SIZE;
    return strcspn(address, "[]:") == length &&
           snprintf(ret_host, HOST_SIZE, "%.*s", (int)length, address) < HOST_SIZE;
}

static int listen_at(const struct addrinfo *found)
{
    int yes = 1, bytes = SOCKET_BUFFER_BYTES, fault;
    int fd = socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return -1;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) == 0 &&
        setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes)) == 0 &&
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes)) == 0 &&
        bind(fd, found->ai_addr, found->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
        return fd;
    fault = errno;
    close(fd);
    errno = fault;
    return -1;
}

int qli_ops_listen(const char *address, char *error, size_t error_size)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                                   .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    char host[HOST_SIZE];
    const char *port;
    int fault, fd;

    if (!split_address(address, host, &port)) {
        snprintf(error, error_size, "\"%.128s\" is no address such as 127.0.0.1:8012", address);
        return -1;
    }
    fault = getaddrinfo(host, port, &hints, &found);
    if (fault != 0) {
        snprintf(error, error_size, "cannot listen on %.128s: %s", address, gai_strerror(fault));
        return -1;
    }
    fd = listen_at(found);
    if (fd < 0)
        snprintf(error, error_size, "cannot listen on %.128s: %s", address, strerror(errno));
    freeaddrinfo(found);
    return fd;
}
