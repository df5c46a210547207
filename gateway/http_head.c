/* h2o does not expose the fields that decide where a request ends, but the bytes are
 * available: a request with its body stays in the socket's input buffer until its answer is
 * sent, with its head unchanged except for the case of names.
 * docs/adr/0011-a-second-look-at-heads.md names the lines of h2o. */
#include "gateway/http_head.h"

#include <sys/socket.h>

#include "gateway/framing.h"

enum {
    FIELDS_MAX = 100,   /* h2o's limit in HTTP/1; parser.c removes all fields of a longer head */
    FIELD_OVERHEAD = 4, /* colon, space, CR LF */
};

/* The bytes of an HTTP/1 head; NULL for HTTP/2. */
static const h2o_buffer_t *find_bytes(h2o_req_t *req)
{
    return req->version < 0x200 ? req->conn->callbacks->get_socket(req->conn)->input : NULL;
}

static size_t field_bytes(const h2o_req_t *req)
{
    size_t length = req->method.len + req->path.len + req->authority.len;

    for (size_t i = 0; i < req->headers.size; i++) {
        const h2o_header_t *field = &req->headers.entries[i];

        length += field->name->len + field->value.len + FIELD_OVERHEAD;
    }
    return length;
}

/* Reads nothing after this request: the next bytes may belong to its body. */
static void end_connection(struct request *request)
{
    request->req->http1_is_persistent = 0;
    if (request->req->version >= 0x200)
        shutdown(h2o_socket_get_fd(request->connection->socket), SHUT_RD);
}

static bool check_framing(struct request *request, const h2o_buffer_t *bytes, size_t *ret_length,
                          size_t *ret_fields, struct refusal *ret_refusal)
{
    struct framing framing;

    if (!framing_read(bytes->bytes, bytes->size, &framing)) {
        end_connection(request);
        return refusal_set(ret_refusal, 400, QL_INVALID_ARGUMENT, "MALFORMED_REQUEST",
                           "the request is not well-formed HTTP: %s", framing.fault);
    }
    /* h2o accepts any bytes after a chunk's size and lines that end in LF, and does not keep
     * the chunks, so the end of a chunked body is not trusted as a boundary. */
    if (framing.is_chunked)
        request->req->http1_is_persistent = 0;
    if (framing.n_fields > FIELDS_MAX)
        end_connection(request); /* it may have a body, which was not read */
    *ret_length = framing.head_length;
    *ret_fields = framing.n_fields;
    return true;
}

bool http_head_check(struct request *request, struct refusal *ret_refusal)
{
    size_t limit = (size_t)request->gateway->settings.max_header_bytes, length, n_fields;
    h2o_req_t *req = request->req;
    const h2o_buffer_t *bytes = find_bytes(req);

    length = bytes == NULL ? field_bytes(req) : 0;
    n_fields = req->headers.size;
    if (bytes != NULL && !check_framing(request, bytes, &length, &n_fields, ret_refusal))
        return false;
    if (req->path.len > limit)
        return refusal_set(ret_refusal, 414, QL_INVALID_ARGUMENT, "URI_TOO_LONG",
                           "the path and query are longer than %zu bytes", limit);
    if (length > limit || n_fields > FIELDS_MAX)
        return refusal_set(ret_refusal, 431, QL_INVALID_ARGUMENT, "HEADER_TOO_LARGE",
                           "the header has more than %zu bytes or %d fields", limit,
                           (int)FIELDS_MAX);
    return true;
}
