/* Asking on nng's HTTP client, step by step: its call that does all of it makes
 * room for as long a body as the other side announces. */
#include "platform/ops/ask.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nng/nng.h>
#include <nng/supplemental/http/http.h>

enum { URL_MAX = 300, BODY_MAX = 256 };

struct asking {
    nng_url *url;
    nng_http_client *client;
    nng_http_conn *connection;
    nng_http_req *request;
    nng_http_res *response;
    nng_aio *aio;
};

static void asking_done(struct asking *asking)
{
    if (asking->connection != NULL)
        nng_http_conn_close(asking->connection);
    if (asking->request != NULL)
        nng_http_req_free(asking->request);
    if (asking->response != NULL)
        nng_http_res_free(asking->response);
    if (asking->client != NULL)
        nng_http_client_free(asking->client);
    if (asking->aio != NULL)
        nng_aio_free(asking->aio);
    if (asking->url != NULL)
        nng_url_free(asking->url);
}

static int asking_init(struct asking *asking, const char *url)
{
    int fault;

    fault = nng_url_parse(&asking->url, url);
    if (fault == 0)
        fault = nng_aio_alloc(&asking->aio, NULL, NULL);
    if (fault == 0)
        fault = nng_http_client_alloc(&asking->client, asking->url);
    if (fault == 0)
        fault = nng_http_req_alloc(&asking->request, asking->url);
    if (fault == 0)
        fault = nng_http_req_set_header(asking->request, "Connection", "close");
    if (fault == 0)
        fault = nng_http_res_alloc(&asking->response);
    return fault;
}

/* Gives the aio the time that is left; false: none is. */
static bool has_time(struct ql_call *call, nng_aio *aio)
{
    int64_t left_ms = ql_call_remaining_ms(call);

    if (left_ms > 0)
        nng_aio_set_timeout(aio, left_ms < INT32_MAX ? (nng_duration)left_ms : INT32_MAX);
    return left_ms > 0;
}

static int waited(nng_aio *aio)
{
    nng_aio_wait(aio);
    return nng_aio_result(aio);
}

/* Up to the end of the answer's header fields. */
static int talk(struct ql_call *call, struct asking *asking)
{
    int fault;

    if (!has_time(call, asking->aio))
        return NNG_ETIMEDOUT;
    nng_http_client_connect(asking->client, asking->aio);
    fault = waited(asking->aio);
    if (fault != 0)
        return fault;
    asking->connection = nng_aio_get_output(asking->aio, 0);
    if (!has_time(call, asking->aio))
        return NNG_ETIMEDOUT;
    nng_http_conn_write_req(asking->connection, asking->request, asking->aio);
    fault = waited(asking->aio);
    if (fault != 0 || !has_time(call, asking->aio))
        return fault != 0 ? fault : NNG_ETIMEDOUT;
    nng_http_conn_read_res(asking->connection, asking->response, asking->aio);
    return waited(asking->aio);
}

/* As much of the body as fits: a line, or nothing. */
static void read_reason(struct ql_call *call, struct asking *asking, char *ret_reason,
                        size_t reason_size)
{
    const char *announced = nng_http_res_get_header(asking->response, "Content-Length");
    unsigned long length = announced != NULL ? strtoul(announced, NULL, 10) : 0;
    char body[BODY_MAX] = "";
    nng_iov piece = {.iov_buf = body, .iov_len = sizeof(body) - 1};

    if (length < piece.iov_len)
        piece.iov_len = length;
    if (length == 0 || !has_time(call, asking->aio) || nng_aio_set_iov(asking->aio, 1, &piece) != 0)
        return;
    nng_http_conn_read_all(asking->connection, asking->aio);
    if (waited(asking->aio) == 0)
        snprintf(ret_reason, reason_size, "%.*s", (int)strcspn(body, "\r\n"), body);
}

enum ql_code ql_ops_ask_ready(struct ql_call *call, const char *address, bool *ret_is_ready,
                              char *ret_reason, size_t reason_size)
{
    QL_CLEANUP(asking_done) struct asking asking = {0};
    char url[URL_MAX];
    uint16_t status;
    int fault;

    *ret_is_ready = false;
    ret_reason[0] = '\0';
    if (snprintf(url, sizeof(url), "http://%s/readyz", address) >= (int)sizeof(url))
        return ql_fail(call, QL_INVALID_ARGUMENT, "BAD_ADDRESS", "the address is too long");
    fault = asking_init(&asking, url);
    if (fault == 0)
        fault = talk(call, &asking);
    if (fault == NNG_ETIMEDOUT)
        return ql_fail(call, QL_DEADLINE_EXCEEDED, "NO_ANSWER", "no answer in time");
    if (fault != 0)
        return ql_fail(call, QL_UNAVAILABLE, "NO_ANSWER", "%s", nng_strerror(fault));
    status = nng_http_res_get_status(asking.response);
    if (status != NNG_HTTP_STATUS_OK && status != NNG_HTTP_STATUS_SERVICE_UNAVAILABLE)
        return ql_fail(call, QL_UNAVAILABLE, "NO_ANSWER", "HTTP status %u to /readyz", status);
    *ret_is_ready = status == NNG_HTTP_STATUS_OK;
    if (!*ret_is_ready)
        read_reason(call, &asking, ret_reason, reason_size);
    return QL_OK;
}
