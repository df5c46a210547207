/* Finding descriptors in /proc, and asking the kernel about them. */
#include "platform/rpc/server/descriptor.h"

#include <dirent.h>
#include <linux/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <netinet/in.h>

bool qli_descriptors_visit(qli_descriptor_visitor *visit, void *argument)
{
    DIR *folder = opendir("/proc/self/fd");
    const struct dirent *found;

    if (folder == NULL)
        return false;
    while ((found = readdir(folder)) != NULL) {
        int fd = (int)strtol(found->d_name, NULL, 10);

        if (fd > STDERR_FILENO)
            visit(argument, fd);
    }
    closedir(folder);
    return true;
}

bool qli_descriptor_has_peer(int fd, const nng_sockaddr *peer)
{
    struct sockaddr_storage address = {0};
    socklen_t length = sizeof(address);
    const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)&address;
    const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)(const void *)&address;

    if (getpeername(fd, (struct sockaddr *)(void *)&address, &length) != 0)
        return false;
    if (peer->s_family == NNG_AF_INET)
        return address.ss_family == AF_INET && in->sin_port == peer->s_in.sa_port &&
               in->sin_addr.s_addr == peer->s_in.sa_addr;
    return peer->s_family == NNG_AF_INET6 && address.ss_family == AF_INET6 &&
           in6->sin6_port == peer->s_in6.sa_port &&
           memcmp(&in6->sin6_addr, peer->s_in6.sa_addr, sizeof(in6->sin6_addr)) == 0;
}

bool qli_descriptor_look(int fd, const nng_sockaddr *peer, struct qli_descriptor_state *ret_state)
{
    struct pollfd writing = {.fd = fd, .events = POLLOUT};
    struct tcp_info info = {0};
    socklen_t length = sizeof(info);

    *ret_state = (struct qli_descriptor_state){.received = 0};
    if (!qli_descriptor_has_peer(fd, peer))
        return false;
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) != 0)
        return true;
    ret_state->received = info.tcpi_bytes_received;
    ret_state->acknowledged = info.tcpi_bytes_acked;
    ret_state->is_full = poll(&writing, 1, 0) == 0;
    return true;
}

void qli_descriptor_shut_down(int fd, const nng_sockaddr *peer)
{
    if (qli_descriptor_has_peer(fd, peer))
        (void)shutdown(fd, SHUT_RDWR);
}
