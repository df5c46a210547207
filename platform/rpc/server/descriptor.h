/* The descriptors behind nng's pipes, which nng does not name: a pipe's is the one that is
 * connected with the pipe's peer. A descriptor may be closed at any time, and its number
 * be another's: each function compares the peer first. */
#ifndef QL_RPC_DESCRIPTOR_H
#define QL_RPC_DESCRIPTOR_H

#include <stdbool.h>
#include <stdint.h>
#include <nng/nng.h>

typedef void qli_descriptor_visitor(void *argument, int fd);

/* Calls visit with each descriptor that the process has open. False when they cannot be
 * listed. */
bool qli_descriptors_visit(qli_descriptor_visitor *visit, void *argument);

/* True when the descriptor is a connection with that peer. */
bool qli_descriptor_has_peer(int fd, const nng_sockaddr *peer);

/* What the kernel says of a connection. */
struct qli_descriptor_state {
    uint64_t received; /* bytes, as is the next */
    uint64_t acknowledged;
    bool is_full; /* it takes no more bytes to send */
};

/* False when the connection is with another peer; zeros when the kernel does not say. */
bool qli_descriptor_look(int fd, const nng_sockaddr *peer, struct qli_descriptor_state *ret_state);

/* Ends the connection both ways, as if its peer had gone. */
void qli_descriptor_shut_down(int fd, const nng_sockaddr *peer);

#endif
