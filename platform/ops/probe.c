/* The readiness request, step by step on nng's HTTP client: nng's one call for a whole
 * transaction allocates as many bytes as the peer announces. */
#include "platform/ops/probe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nng/nng.h>
#include <nng/supplemental/http/http.h>

enum { URL_MAX = 300, BODY_MAX = 256 };

struct readiness_request {
    nng_url *url;
    nng_http_client *client;
    nng_http_conn *connection;
    nng_http_req *message;
    nng_http_res *response;
    nng_aio *aio;
};

static void request_done(struct readiness_request *request)
{
    if (request->connection != NULL)
        nng_http_conn_close(request->connection);
    if (request->message != NULL)
        nng_http_req_free(request->message);
    if (request->response != NULL)
        nng_http_res_free(request->response);
    if (request->client != NULL)
        nng_http_client_free(request->client);
    if (request->aio != NULL)
        nng_aio_free(request->aio);
    if (request->url != NULL)
        nng_url_free(request->url);
}

static int request_init(struct readiness_request *request, const char *url)
{
    int fault;

    fault = nng_url_parse(&request->url, url);
    if (fault == 0)
        fault = nng_aio_alloc(&request->aio, NULL, NULL);
    if (fault == 0)
        fault = nng_http_client_alloc(&request->client, request->url);
    if (fault == 0)
        fault = nng_http_req_alloc(&request->message, request->url);
    if (fault == 0)
        fault = nng_http_req_set_header(request->message, "Connection", "close");
    if (fault == 0)
        fault = nng_http_res_alloc(&request->response);
    return fault;
}

/* Sets the aio's timeout to the time left; false: none is left. */
static bool has_time(struct ql_call *call, nng_aio *aio)
{
    int64_t left_ms = ql_call_remaining_ms(call);

    if (left_ms > 0)
        nng_aio_set_timeout(aio, left_ms < INT32_MAX ? (nng_duration)left_ms : INT32_MAX);
    return left_ms > 0;
}

static int wait_result(nng_aio *aio)
{
    nng_aio_wait(aio);
    return nng_aio_result(aio);
}

/* Connects, sends the request and reads the header of the response. */
static int exchange_headers(struct ql_call *call, struct readiness_request *request)
{
    int fault;

    if (!has_time(call, request->aio))
        return NNG_ETIMEDOUT;
    nng_http_client_connect(request->client, request->aio);
    fault = wait_result(request->aio);
    if (fault != 0)
        return fault;
    request->connection = nng_aio_get_output(request->aio, 0);
    if (!has_time(call, request->aio))
        return NNG_ETIMEDOUT;
    nng_http_conn_write_req(request->connection, request->message, request->aio);
    fault = wait_result(request->aio);
    if (fault != 0 || !has_time(call, request->aio))
        return fault != 0 ? fault : NNG_ETIMEDOUT;
    nng_http_conn_read_res(request->connection, request->response, request->aio);
    return wait_result(request->aio);
}

/* Reads the first line of the body, as far as it fits. */
static void read_reason(struct ql_call *call, struct readiness_request *request, char *ret_reason,
                        size_t reason_size)
{
    const char *announced = nng_http_res_get_header(request->response, "Content-Length");
    unsigned long length = announced != NULL ? strtoul(announced, NULL, 10) : 0;
    char body[BODY_MAX] = "";
    nng_iov piece = {.iov_buf = body, .iov_len = sizeof(body) - 1};

    if (length < piece.iov_len)
        piece.iov_len = length;
    if (length == 0 || !has_time(call, request->aio) ||
        nng_aio_set_iov(request->aio, 1, &piece) != 0)
        return;
    nng_http_conn_read_all(request->connection, request->aio);
    if (wait_result(request->aio) == 0)
        snprintf(ret_reason, reason_size, "%.*s", (int)strcspn(body, "\r\n"), body);
}

enum ql_code ql_ops_probe_ready(struct ql_call *call, const char *address, bool *ret_is_ready,
                                char *ret_reason, size_t reason_size)
{
    QL_CLEANUP(request_done) struct readiness_request request = {0};
    char url[URL_MAX];
    uint16_t status;
    int fault;

    *ret_is_ready = false;
    ret_reason[0] = '\0';
    if (snprintf(url, sizeof(url), "http://%s/readyz", address) >= (int)sizeof(url))
        return ql_fail(call, QL_INVALID_ARGUMENT, "BAD_ADDRESS", "the address is too long");
    fault = request_init(&request, url);
    if (fault == 0)
        fault = exchange_headers(call, &request);
    if (fault == NNG_ETIMEDOUT)
        return ql_fail(call, QL_DEADLINE_EXCEEDED, "NO_ANSWER", "no answer in time");
    if (fault != 0)
        return ql_fail(call, QL_UNAVAILABLE, "NO_ANSWER", "%s", nng_strerror(fault));
    status = nng_http_res_get_status(request.response);
    if (status != NNG_HTTP_STATUS_OK && status != NNG_HTTP_STATUS_SERVICE_UNAVAILABLE)
        return ql_fail(call, QL_UNAVAILABLE, "NO_ANSWER", "HTTP status %u to /readyz", status);
    *ret_is_ready = status == NNG_HTTP_STATUS_OK;
    if (!*ret_is_ready)
        read_reason(call, &request, ret_reason, reason_size);
    return QL_OK;
}
