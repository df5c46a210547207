/* Closing an nng socket in bounded time.
 *
 * nng 1.5.2 can lose the wake-up of a pipe that is closed between the header
 * and the body of a message: nng_close then never returns, nor does any later
 * one, since one thread reaps for all. A process that stops must not hang on
 * it: what cannot be closed is left to the end of the process, and logged. */
#ifndef QL_RPC_SOCKET_CLOSE_H
#define QL_RPC_SOCKET_CLOSE_H

#include <stdbool.h>

#include <nng/nng.h>

enum { QLI_SOCKET_CLOSE_MS = 2000, QLI_SOCKET_CLOSE_AGAIN_MS = 300 };

/* Closes and waits at most QLI_SOCKET_CLOSE_MS; QLI_SOCKET_CLOSE_AGAIN_MS once a
 * close of this process was given up: contexts end in that time, pipes do not.
 * False when it was given up: nng may still tell of the socket's pipes.
 * Threads: any but nng's. */
bool qli_socket_close(nng_socket socket);

#endif
