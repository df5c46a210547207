/* The client side of RPC: one channel for each service called, over all its endpoints.
 *
 * A channel has a REQ socket for each endpoint, with resending off: a call is executed
 * at most once per attempt. It connects in the background and reconnects by itself. A
 * call goes to the endpoint with the fewest calls outstanding. It is tried again only
 * where nothing can have been executed (it was never sent, or the service turned it
 * away), or where the contract says that the method changes nothing; see README.md. */
#ifndef QL_RPC_CLIENT_CHANNEL_H
#define QL_RPC_CLIENT_CHANNEL_H

#include <stddef.h>

#include "platform/auth/signer.h"

struct ql_rpc_channel;

struct ql_rpc_channel_options {
    const char *service;      /* the callee: "catalog"; audience of our own tokens */
    const char *address;      /* "tcp://127.0.0.1:8021,tcp://catalog:8021"; names are followed */
    struct ql_signer *signer; /* signs our own token for each call; NULL: the caller gives one */
    int max_in_flight;        /* 1..4096; beyond: RESOURCE_EXHAUSTED (CHANNEL_FULL) */
};

/* NULL with a text in error. The signer must outlive the channel. */
struct ql_rpc_channel *ql_rpc_channel_new(const struct ql_rpc_channel_options *options, char *error,
                                          size_t error_size);
/* Cancels what is in flight, whose callbacks have all run on return. */
void ql_rpc_channel_free(struct ql_rpc_channel *channel); /* NULL is fine */

#endif
