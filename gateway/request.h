/* One request, from the call of h2o's handler to its answer.
 *
 *   on_req -> route -> shape -> token -> access -> transcode -> RPC -> transcode -> reply
 *                                 |                             |
 *                           (token pool)            (gathered, or nng's thread)
 *
 * A request waits at most twice, for its token and for its service. A call that
 * was gathered is answered on the loop's thread; for any other, and for a token,
 * another thread fills in the answer and posts the message to the loop. Nothing
 * else of it is touched outside the loop's thread. */
#ifndef QL_GATEWAY_REQUEST_H
#define QL_GATEWAY_REQUEST_H

#include "gateway/access_log.h"
#include "gateway/connection.h"
#include "gateway/etag.h"
#include "gateway/loop.h"
#include "gateway/token_pool.h"
#include "platform/rpc/client/channel.h"

enum { REQUEST_IDEMPOTENCY_KEY_MAX = 255 };

struct request;

/* Lives in the pool of h2o's request and dies with it: how we learn that. */
struct request_guard {
    struct request *request;
};

struct request {
    h2o_multithread_message_t message; /* to the loop */
    void (*resume)(struct request *);  /* what the loop does with it */
    struct loop *loop;
    h2o_req_t *req; /* NULL once h2o has disposed of it */

    struct connection *connection; /* outlives req, not this */
    struct charge *charge;         /* in the pool of req */

    bool is_under_way; /* in loop->requests, with a guard */
    bool is_watched;   /* its socket only asks and does not read */
    h2o_linklist_t link;
    struct request_guard *guard;

    int64_t began_ms, deadline_ms;
    struct access_record record; /* filled as things become known */
    struct ql_route_match match;
    size_t backend; /* that serves the method: its index */
    char idempotency_key[REQUEST_IDEMPOTENCY_KEY_MAX + 1];
    const char *if_match;     /* in the pool of req; NULL: none */
    struct token_check check; /* the token and who it names */
    struct ql_client checked; /* whose token it is, while the check waits */
    int64_t n_checked;        /* places that it takes of this client's share */

    pthread_mutex_t lock; /* orders the callback against a cancel */
    bool is_called_back;  /* under the lock */
    struct ql_rpc_pending *pending;
    struct ql_status status; /* the service's, its texts in status_texts */
    char *status_texts;
    const void *payload; /* lies in result_owner, or in a Reply that is being taken */
    size_t payload_length;
    void *result_owner;
    bool is_replayed;     /* the answer of an earlier request with the same key */
    char etag[ETAG_SIZE]; /* the service's; empty: none */
};

/* h2o's handler for every path. */
int request_on_req(h2o_handler_t *handler, h2o_req_t *req);

/* The loop's receiver: requests whose token or answer has come. */
void request_on_answers(h2o_multithread_receiver_t *receiver, h2o_linklist_t *messages);

/* Cancels the RPCs of the loop's requests; each is answered soon. */
void request_cancel_all(struct loop *loop);

/* Forgets a request: called by reply, which keeps what the answer still needs. */
void request_free(struct request *request);

#endif
