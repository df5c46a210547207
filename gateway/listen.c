/* Resolving, binding, listening. */
#include "gateway/listen.h"

#include <errno.h>
#include <netdb.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    BACKLOG = 1024,
    SOCKET_BUFFER_BYTES = 128 * 1024, /* each way; the kernel doubles it for its overhead */
};

static struct addrinfo *resolve_address(const char *setting, const char *address, char *error,
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

/* Accepted sockets inherit the buffer sizes, which the kernel would else grow to megabytes. */
static bool prepare_socket(int fd, const struct addrinfo *address)
{
    int yes = 1, bytes = SOCKET_BUFFER_BYTES;

    return setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) == 0 &&
           setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes)) == 0 &&
           setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes)) == 0 &&
           bind(fd, address->ai_addr, address->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0;
}

int listen_open(const char *setting, const char *address, int *ret_port, char *error,
                size_t error_size)
{
    struct addrinfo *found = resolve_address(setting, address, error, error_size);
    int fd;

    if (found == NULL)
        return -1;
    fd = socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || !prepare_socket(fd, found)) {
        snprintf(error, error_size, "%s: cannot listen on \"%s\": %s", setting, address,
                 strerror(errno));
        if (fd >= 0)
            close(fd);
        fd = -1;
    }
    freeaddrinfo(found);
    if (fd >= 0)
        *ret_port = bound_port(fd);
    return fd;
}
