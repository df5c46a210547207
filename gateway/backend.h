/* The services behind the gateway, one RPC channel for each domain. */
#ifndef QL_GATEWAY_BACKEND_H
#define QL_GATEWAY_BACKEND_H

#include <stddef.h>

#include "gateway/gateway.h"
#include "platform/rpc/client/channel.h"
#include "platform/rpc/client/batcher.h"

enum { BACKENDS = 3 };

struct backends;

/* A loop's own way to each backend for calls of fast methods, which are gathered
 * in each of its turns. Freed with the backends. */
struct backend_gathers {
    struct ql_rpc_gather *entries[BACKENDS]; /* NULL: without memory; calls go alone */
};

/* Channels to the addresses in the settings; they connect in the background.
 * max_in_flight bounds each. NULL with a text in error. */
struct backends *backends_new(const struct gateway_settings *settings, int64_t max_in_flight,
                              char *error, size_t error_size);
void backends_free(struct backends *backends); /* NULL is fine */

/* The channel for a method's domain; NULL when nothing serves it. Any thread. */
struct ql_rpc_channel *backends_find(const struct backends *backends, const char *domain);

/* For the loop that calls it; wake is called with the argument of the backend. */
void backends_gather(const struct backends *backends, struct backend_gathers *ret_gathers,
                     ql_rpc_gather_wake *wake, void *const arguments[BACKENDS]);
struct ql_rpc_gather *backends_gather_find(const struct backends *backends,
                                           const struct backend_gathers *gathers,
                                           const struct ql_rpc_channel *channel);
void backends_flush(const struct backend_gathers *gathers);
/* The loop ends; before the backends are freed. */
void backends_leave(const struct backend_gathers *gathers);

#endif
