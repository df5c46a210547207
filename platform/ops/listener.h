/* The listening socket of the operator's port. Module-internal. */
#ifndef QL_OPS_LISTENER_H
#define QL_OPS_LISTENER_H

#include <stddef.h>

/* A socket that listens on "host:port" or "[address]:port", does not block and is closed
 * by exec; the caller closes it. -1 with a text in error when the address is malformed,
 * unknown or taken. May wait for the resolver; any thread. */
int qli_ops_listen(const char *address, char *error, size_t error_size);

#endif
