/* The connections of the operator's port: their number and their time are bounded.
 * Module-internal; all functions on the thread that serves them.
 *
 * A connection is cut when its request, the reading of its answer or the wait for its next
 * request exceeds its total time, whatever bytes arrive meanwhile. When there are too many
 * connections, or too many bytes of answers are held for them, the one that has been in its
 * state longest is cut, so that a client that sends its request at once is answered. */
#ifndef QL_OPS_CLIENTS_H
#define QL_OPS_CLIENTS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

enum {
    QLI_CLIENTS_MAX = 112,
    QLI_CLIENT_REQUEST_MS = 2000, /* from the connection to its first request */
    QLI_CLIENT_ANSWER_MS = 10000, /* from the request's header to the answer's end */
    QLI_CLIENT_NEXT_MS = 75000,   /* from an answer to the next request */
    QLI_CLIENT_REASON_SIZE = 256,
};

enum qli_client_state {
    QLI_CLIENT_NEW,       /* its first request has not arrived */
    QLI_CLIENT_ASKING,    /* a request's header has arrived, the answer is not all sent */
    QLI_CLIENT_SUSPENDED, /* a readiness check runs for it; it is never cut */
    QLI_CLIENT_KEPT,      /* answered, and kept open for the next request */
};

struct MHD_Connection;

struct qli_client {
    TAILQ_ENTRY(qli_client) others;
    struct MHD_Connection *connection;
    int fd; /* the connection's */
    enum qli_client_state state;
    int64_t since_ms;
    size_t held_bytes; /* of its answer */
    size_t body_bytes; /* of its request */
    /* Result of the readiness check, set while it is suspended; 0: none yet. */
    unsigned status;
    char reason[QLI_CLIENT_REASON_SIZE];
};

TAILQ_HEAD(qli_client_list, qli_client);

struct qli_clients {
    struct qli_client_list open, cut; /* open: the longest in its state first */
    size_t n_open, held_bytes;
    size_t n_busy; /* with a request that has no whole answer yet */
};

void qli_clients_init(struct qli_clients *clients);

/* Cuts another one when there are too many. NULL without memory: the caller refuses the
 * connection. The caller frees it when the connection is closed. */
struct qli_client *qli_client_new(struct qli_clients *clients, struct MHD_Connection *connection,
                                  int fd);
void qli_client_free(struct qli_clients *clients, struct qli_client *client);

void qli_client_enter(struct qli_clients *clients, struct qli_client *client,
                      enum qli_client_state state);

/* Counts the bytes of an answer, until the client enters another state or is cut. Cuts
 * others when those of all are too many. */
void qli_client_hold(struct qli_clients *clients, struct qli_client *client, size_t n_bytes);

/* Cuts connections whose time is over; returns the milliseconds until the next one's is,
 * -1 for none. */
int qli_clients_cut_late(struct qli_clients *clients);

#endif
