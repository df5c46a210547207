/* The two threads of a channel. */
#ifndef QL_RPC_MONITOR_H
#define QL_RPC_MONITOR_H

#include "platform/rpc/client/channel.h"

/* Reads the addresses "tcp://host:port,tcp://host:port" of the options and
 * starts what follows them. False with a text in error; qli_monitor_stop then
 * ends what did start. */
bool qli_monitor_start(struct ql_rpc_channel *channel, const char *addresses, char *error,
                       size_t error_size);

/* Waits for a name that is just being resolved. is_closing must be set. */
void qli_monitor_stop(struct ql_rpc_channel *channel);

#endif
