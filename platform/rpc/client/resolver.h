/* The addresses of a channel: reading the list, and following its names.
 *
 * A name may have many addresses, each of them an endpoint, and they change while we
 * run: it is resolved every five seconds, every second while something is not
 * connected. A resolution that fails changes nothing. */
#ifndef QL_RPC_CLIENT_RESOLVER_H
#define QL_RPC_CLIENT_RESOLVER_H

#include <stddef.h>

#include "platform/rpc/client/balancer.h"

struct qli_resolver;

/* Reads "tcp://host:port,tcp://host:port", adds the addresses that are numbers, and
 * starts a thread for the names if there are any. NULL with a text in error. */
struct qli_resolver *qli_resolver_start(struct qli_balancer *balancer, const char *addresses,
                                        char *error, size_t error_size);

/* Ends the thread; waits for a name that is just being resolved. NULL is fine. */
void qli_resolver_free(struct qli_resolver *resolver);

#endif
