/* The addresses of a channel: reading them, and following names. */
#ifndef QL_RPC_RESOLVER_H
#define QL_RPC_RESOLVER_H

#include "platform/rpc/client/channel.h"

/* Reads "tcp://host:port,tcp://host:port" into the channel's targets. False with
 * a text in error. */
bool qli_targets_read(struct ql_rpc_channel *channel, const char *addresses, char *error,
                      size_t error_size);

/* The thread that asks for the addresses of names, again and again. */
void *qli_resolver_main(void *channel);

#endif
