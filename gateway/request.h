/* One request, from the call of h2o's handler to its answer, and the requests of a loop.
 *
 * A request waits at most twice, for its token and for its service. A call that
 * travelled in a batch is answered on the loop's thread; for any other, and for a token,
 * another thread fills in the answer and posts the request to the loop. Nothing
 * else of it is touched outside the loop's thread. */
#ifndef QL_GATEWAY_REQUEST_H
#define QL_GATEWAY_REQUEST_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <h2o.h>

#include "gateway/access_log.h"
#include "gateway/batchers.h"
#include "gateway/connection.h"
#include "gateway/etag.h"
#include "gateway/gateway.h"
#include "gateway/token_pool.h"
#include "gateway/workspace.h"
#include "platform/rpc/client/pending_call.h"

enum { REQUEST_IDEMPOTENCY_KEY_MAX = 255 };

/* Of one loop. */
struct requests {
    struct gateway *gateway;
    pthread_t thread;                  /* the loop's */
    h2o_multithread_receiver_t posted; /* requests that go on */
    h2o_linklist_t under_way;
    size_t n_under_way;
    struct batchers batchers;
    struct workspace workspace;
};

struct request;

/* Goes on with a request. */
typedef void request_resume(struct request *request);

/* Lives in the pool of h2o's request and dies with it: how we learn that. */
struct request_guard {
    struct request *request;
};

struct request {
    h2o_multithread_message_t message; /* to the loop */
    request_resume *resume;            /* what the loop does with it */
    struct requests *requests;
    struct gateway *gateway;
    h2o_req_t *req; /* NULL once h2o has disposed of it: the client vanished */

    struct connection *connection; /* outlives req, not this */
    struct charge *charge;         /* in the pool of req */

    bool is_under_way; /* in requests->under_way, with a guard */
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
    int64_t n_checked;        /* as how many checks it counts */

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

/* Before the loop's thread runs. False without memory; requests_done releases what there
 * is in any case. */
bool requests_init(struct requests *requests, struct gateway *gateway) QL_MUST_CHECK;
void requests_done(struct requests *requests);

/* The loop begins; it ends when no request is left. */
void requests_open(struct requests *requests, h2o_context_t *context);
void requests_close(struct requests *requests, h2o_context_t *context);

/* Cancels the RPCs of the loop's requests; each is answered soon. */
void requests_cancel_all(struct requests *requests);

/* NULL without memory. Freed by its caller. */
struct request *request_new(struct requests *requests, h2o_req_t *req);
void request_free(struct request *request);

/* From here on the request outlives the handler: it waits for another thread. */
void request_begin_wait(struct request *request);
/* The request waits no more and is about to be answered. Nothing happens when it did not
 * wait. */
void request_end_wait(struct request *request);

/* Has the loop call resume. Any thread. */
void request_post(struct request *request);

#endif
