/* The services behind the gateway, one RPC channel for each domain. */
#ifndef QL_GATEWAY_BACKEND_H
#define QL_GATEWAY_BACKEND_H

#include <stddef.h>

#include "gateway/gateway.h"
#include "platform/rpc/channel.h"

struct backends;

/* Channels to the addresses in the settings; they connect in the background.
 * max_in_flight bounds each. NULL with a text in error. */
struct backends *backends_new(const struct gateway_settings *settings, int64_t max_in_flight,
                              char *error, size_t error_size);
void backends_free(struct backends *backends); /* NULL is fine */

/* The channel for a method's domain; NULL when nothing serves it. Any thread. */
struct ql_rpc_channel *backends_find(const struct backends *backends, const char *domain);

#endif
