/* The services behind the gateway, one RPC channel for each package of the contract that
 * has HTTP routes. */
#ifndef QL_GATEWAY_BACKEND_H
#define QL_GATEWAY_BACKEND_H

#include <stddef.h>
#include <stdint.h>

#include "gateway/backend_settings.h"
#include "platform/rpc/client/channel.h"

struct backend {
    const char *name; /* of questline.<name>.v1 */
    struct ql_rpc_channel *channel;
};

/* Filled by backends_new and not changed afterwards. */
struct backends {
    size_t n;
    struct backend entries[];
};

/* Channels to the addresses in the settings, which must outlive them; they connect in
 * the background. max_in_flight bounds each. NULL with a text in error. */
struct backends *backends_new(const struct backend_settings *settings, int64_t max_in_flight,
                              char *error, size_t error_size);
void backends_free(struct backends *backends); /* NULL is fine */

/* The index of the backend that serves the method; backends->n when none does. Any
 * thread. */
size_t backends_find(const struct backends *backends, const struct ql_method *method);

#endif
