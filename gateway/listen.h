/* A listening socket for an address of the settings. */
#ifndef QL_GATEWAY_LISTEN_H
#define QL_GATEWAY_LISTEN_H

#include <stddef.h>

/* Listens on address, "host:port" or "[host]:port", the value of the setting. Returns the
 * descriptor, which the caller closes, and the port, which the system chooses for port 0.
 * -1 with a text in error. */
int listen_open(const char *setting, const char *address, int *ret_port, char *error,
                size_t error_size);

#endif
