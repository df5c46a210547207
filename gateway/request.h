/* One request, from the call of h2o's handler to its answer, and the requests of a loop.
 *
 * A request waits at most twice, for its token check and for its service. The result of a
 * call in a batch arrives on the loop's thread; that of any other call, and of a token
 * check, on another thread, which stores it and posts the request to the loop. All other
 * members belong to the loop's thread. */
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
    h2o_multithread_receiver_t posted; /* requests to be resumed */
    h2o_linklist_t under_way;
    size_t n_under_way;
    struct batchers batchers;
    struct workspace workspace;
};

struct request;

/* Continues a request. */
typedef void request_resume(struct request *request);

/* In the pool of h2o's request: its dispose callback reports that the request is gone. */
struct request_guard {
    struct request *request;
};

struct request {
    h2o_multithread_message_t message; /* to the loop */
    request_resume *resume;            /* called by the loop */
    struct requests *requests;
    struct gateway *gateway;
    h2o_req_t *req; /* NULL once h2o has disposed of it: the client has disconnected */

    struct connection *connection; /* outlives req, but not this struct */
    struct charge *charge;         /* in the pool of req */

    bool is_under_way; /* in requests->under_way, with a guard */
    bool is_watched;   /* its socket is polled but not read */
    h2o_linklist_t link;
    struct request_guard *guard;

    int64_t began_ms, deadline_ms;
    struct access_record record; /* filled step by step */
    struct ql_route_match match;
    size_t backend; /* index of the backend that serves the method */
    char idempotency_key[REQUEST_IDEMPOTENCY_KEY_MAX + 1];
    const char *if_match;     /* in the pool of req; NULL: none */
    struct token_check check; /* the token and its identity */
    struct ql_client checked; /* the client for which a waiting check is counted */
    int64_t n_checked;        /* the number of checks that it counts as */

    pthread_mutex_t lock; /* orders the callback against a cancel */
    bool is_called_back;  /* under the lock */
    struct ql_rpc_pending *pending;
    struct ql_status status; /* the service's, its texts in status_texts */
    char *status_texts;
    const void *payload; /* in result_owner, or in the Reply that is being read */
    size_t payload_length;
    void *result_owner;
    bool is_replayed;     /* the answer of an earlier request with the same key */
    char etag[ETAG_SIZE]; /* the service's; empty: none */
};

/* Before the loop's thread runs. False without memory; requests_done releases what there
 * is in any case. */
bool requests_init(struct requests *requests, struct gateway *gateway) QL_MUST_CHECK;
void requests_done(struct requests *requests);

/* At the loop's start, and at its end, when no request is left. */
void requests_open(struct requests *requests, h2o_context_t *context);
void requests_close(struct requests *requests, h2o_context_t *context);

/* Cancels the calls of the loop's requests; each request is then answered. */
void requests_cancel_all(struct requests *requests);

/* NULL without memory. The caller frees it. */
struct request *request_new(struct requests *requests, h2o_req_t *req);
void request_free(struct request *request);

/* The request outlives the handler from here on: it waits for another thread. */
void request_begin_wait(struct request *request);
/* The request no longer waits and is answered next. Without effect when it did not wait. */
void request_end_wait(struct request *request);

/* Makes the loop call resume. Any thread. */
void request_post(struct request *request);

#endif
