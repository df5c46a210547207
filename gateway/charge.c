/* Charges are allocated in the pools of h2o's requests and end with them. */
#include "gateway/charge.h"

#include <string.h>

#include <h2o/http2.h>
#include <h2o/http2_internal.h>

#include "gateway/connection_guard.h"

enum {
    /* h2o's state of a stream, the first chunk of its pool, fields, and struct request. */
    REQUEST_BYTES = 8 * 1024,
    /* Refused requests of a connection whose answers are not delivered yet. A client that
     * reads its answers has few; one that does not is cut. */
    REFUSED_MAX = 16,
};

struct charge {
    h2o_req_t *req;
    struct connection *connection;
    struct ql_client client, account;
    size_t bytes;
    bool has_account;
    bool is_refused; /* nothing is counted for it */
};

static struct ql_limits *limits_of(const struct charge *charge)
{
    return charge->connection->connections->gateway->limits;
}

/* Called when the stream ends, or the next request of an HTTP/1 connection begins. The
 * connection still exists: h2o disposes of requests first. */
static void charge_dispose(void *memory)
{
    struct charge *charge = memory;
    struct connection *connection = charge->connection;

    connection_guard_end_request(charge->req, connection);
    if (charge->is_refused)
        connection->n_refused--;
    else
        ql_client_limit_give(limits_of(charge), QL_LIMIT_REQUESTS, &charge->client, 1);
    if (charge->has_account)
        ql_client_limit_give(limits_of(charge), QL_LIMIT_ACCOUNT_REQUESTS, &charge->account, 1);
    memory_give(&connection->memory, &charge->client, charge->bytes);
    connection->memory.charged -= charge->bytes;
    connection_end_request(connection);
}

static struct charge *charge_new(struct request *request)
{
    struct connection *connection = request->connection;
    struct charge *charge =
        h2o_mem_alloc_shared(&request->req->pool, sizeof(*charge), charge_dispose);

    *charge = (struct charge){.req = request->req, .connection = connection};
    if (strcmp(request->record.client, connection->address) == 0)
        charge->client = connection->client;
    else
        ql_client_of_address(request->gateway->limits, request->record.client, &charge->client);
    connection_begin_request(connection);
    return charge;
}

static const h2o_http2_stream_t *stream_of(h2o_req_t *req)
{
    return H2O_STRUCT_FROM_MEMBER(h2o_http2_stream_t, req, req);
}

/* The bytes that arrived with the request and are held until it is answered. In HTTP/1 they
 * are in the connection's input, which was counted as a buffer until now. */
static size_t arrived_bytes(struct request *request)
{
    struct connection *connection = request->connection;
    bool is_http2 = request->req->version >= 0x200;
    size_t bytes =
        memory_of_buffer(is_http2 ? stream_of(request->req)->_req_body : connection->socket->input);
    size_t before = connection->memory.buffered;
    size_t buffered = is_http2 && before > bytes ? before - bytes : 0;

    (void)memory_set_buffered(&connection->memory, &connection->client, buffered);
    return bytes;
}

/* Counts the request and its bytes for its client. Nothing is counted unless the result is
 * MEMORY_TAKEN. */
static enum memory_verdict charge_arrival(struct request *request)
{
    struct charge *charge = request->charge;
    enum memory_verdict verdict;

    if (!ql_client_limit_take(limits_of(charge), QL_LIMIT_REQUESTS, &charge->client, 1))
        return MEMORY_CLIENT_FULL;
    verdict = charge_bytes(request, REQUEST_BYTES + arrived_bytes(request));
    if (verdict != MEMORY_TAKEN)
        ql_client_limit_give(limits_of(charge), QL_LIMIT_REQUESTS, &charge->client, 1);
    return verdict;
}

bool charge_begin(struct request *request, struct refusal *ret_refusal)
{
    struct charge *charge = request->charge = charge_new(request);
    enum memory_verdict verdict = charge_arrival(request);

    if (verdict == MEMORY_TAKEN)
        return true;
    charge->is_refused = true;
    if (++request->connection->n_refused > REFUSED_MAX)
        connection_cut(request->connection, "refused");
    if (verdict == MEMORY_LOOP_FULL)
        return refusal_set_busy(ret_refusal);
    return refusal_set_too_many_requests(ret_refusal);
}

const struct ql_client *charge_client(const struct request *request)
{
    return &request->charge->client;
}

bool charge_account(struct request *request, const char *account_id, struct refusal *ret_refusal)
{
    struct charge *charge = request->charge;

    ql_client_of_account(limits_of(charge), account_id, &charge->account);
    charge->has_account =
        ql_client_limit_take(limits_of(charge), QL_LIMIT_ACCOUNT_REQUESTS, &charge->account, 1);
    return charge->has_account || refusal_set_too_many_requests(ret_refusal);
}

enum memory_verdict charge_bytes(struct request *request, size_t bytes)
{
    struct charge *charge = request->charge;
    struct memory_account *account = &charge->connection->memory;
    enum memory_verdict verdict = memory_take(account, &charge->client, bytes);

    if (verdict == MEMORY_TAKEN) {
        charge->bytes += bytes;
        account->charged += bytes;
    }
    return verdict;
}
