/* Reading header fields. h2o's names are in lower case, and values have no NUL. */
#include "gateway/request_headers.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "gateway/negotiation.h"
#include "gateway/response_field.h"

enum { IF_MATCH_MAX = 512 };

enum found { FOUND_NONE, FOUND_ONE, FOUND_MANY };

/* Finds a field that may occur once; sets *ret_value if it does. */
static enum found find_single(h2o_req_t *req, const char *name, h2o_iovec_t *ret_value)
{
    ssize_t at = h2o_find_header_by_str(&req->headers, name, strlen(name), -1);

    if (at < 0)
        return FOUND_NONE;
    if (h2o_find_header_by_str(&req->headers, name, strlen(name), at) >= 0)
        return FOUND_MANY;
    *ret_value = req->headers.entries[at].value;
    return FOUND_ONE;
}

static void copy_text(char *to, size_t size, const char *from, size_t length)
{
    if (length >= size)
        length = size - 1;
    memcpy(to, from, length);
    to[length] = '\0';
}

static bool is_request_id(h2o_iovec_t value)
{
    if (value.len == 0 || value.len >= QL_REQUEST_ID_SIZE)
        return false;
    for (size_t i = 0; i < value.len; i++) {
        char c = value.base[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '.' || c == '_' || c == '-'))
            return false;
    }
    return true;
}

/* The fields of X-Forwarded-For in their order; of too many the last ones, which the nearest
 * proxies appended. */
static size_t find_forwarded(h2o_req_t *req, struct forwarded_field fields[FORWARDED_FIELDS_MAX])
{
    static const char name[] = "x-forwarded-for";
    const h2o_headers_t *headers = &req->headers;
    size_t n = 0;

    for (ssize_t at = -1; (at = h2o_find_header_by_str(headers, name, sizeof(name) - 1, at)) >= 0;
         n++) {
        if (n == FORWARDED_FIELDS_MAX) {
            memmove(fields, fields + 1,
                    (FORWARDED_FIELDS_MAX - 1) * sizeof(struct forwarded_field));
            n--;
        }
        fields[n] = (struct forwarded_field){headers->entries[at].value.base,
                                             headers->entries[at].value.len};
    }
    return n;
}

static void find_client(struct request *request)
{
    struct gateway *gateway = request->gateway;
    const char *peer = request->connection->address;
    struct forwarded_field fields[FORWARDED_FIELDS_MAX];
    size_t n = find_forwarded(request->req, fields);

    if (n > 0 && gateway->proxies.n_networks == 0)
        forwarded_warning_give(&gateway->forwarded_warning, peer);
    client_address_find(&gateway->proxies, peer, fields, n, request->record.client);
}

void request_headers_identify(struct request *request)
{
    struct access_record *record = &request->record;
    h2o_req_t *req = request->req;
    char traceparent[QL_TRACEPARENT_SIZE * 2];
    h2o_iovec_t value;

    find_client(request);
    copy_text(record->verb, sizeof(record->verb), req->method.base, req->method.len);
    copy_text(record->path, sizeof(record->path), req->path.base,
              req->query_at != SIZE_MAX ? req->query_at : req->path.len);
    if (find_single(req, "x-request-id", &value) == FOUND_ONE && is_request_id(value)) {
        copy_text(record->request_id, sizeof(record->request_id), value.base, value.len);
    } else {
        char uuid[QL_UUID_SIZE];

        ql_uuid_new(uuid);
        memcpy(record->request_id, uuid, sizeof(uuid));
    }
    if (find_single(req, "traceparent", &value) == FOUND_ONE && value.len < sizeof(traceparent)) {
        copy_text(traceparent, sizeof(traceparent), value.base, value.len);
        ql_trace_continue(&record->trace, traceparent);
    } else {
        ql_trace_new(&record->trace);
    }
}

/* Several fields are one list: any coding but identity counts. */
static bool is_coded(const h2o_headers_t *headers)
{
    static const char name[] = "content-encoding", identity[] = "identity";

    for (ssize_t at = -1;
         (at = h2o_find_header_by_str(headers, name, sizeof(name) - 1, at)) >= 0;) {
        h2o_iovec_t coding = headers->entries[at].value;

        if (coding.len > 0 && (coding.len != sizeof(identity) - 1 ||
                               strncasecmp(coding.base, identity, coding.len) != 0))
            return true;
    }
    return false;
}

static bool check_media_types(struct request *request, struct refusal *ret_refusal)
{
    h2o_req_t *req = request->req;
    struct accepted accepted = {0};
    h2o_iovec_t type;

    if (is_coded(&req->headers)) {
        response_field_add(req, "accept-encoding", "identity");
        return refusal_set(ret_refusal, 415, QL_INVALID_ARGUMENT, "UNSUPPORTED_MEDIA_TYPE",
                           "a body must have no Content-Encoding");
    }
    if (req->entity.len > 0 && (find_single(req, "content-type", &type) != FOUND_ONE ||
                                !content_type_is_json(type.base, type.len)))
        return refusal_set(ret_refusal, 415, QL_INVALID_ARGUMENT, "UNSUPPORTED_MEDIA_TYPE",
                           "a body must have Content-Type application/json");
    for (ssize_t at = -1; (at = h2o_find_header(&req->headers, H2O_TOKEN_ACCEPT, at)) >= 0;)
        accepted_read(&accepted, req->headers.entries[at].value.base,
                      req->headers.entries[at].value.len);
    if (!accepted_json(&accepted))
        return refusal_set(ret_refusal, 406, QL_INVALID_ARGUMENT, "NOT_ACCEPTABLE",
                           "only application/json is served here");
    return true;
}

static bool take_idempotency_key(struct request *request, struct refusal *ret_refusal)
{
    h2o_iovec_t value;
    enum found found = find_single(request->req, "idempotency-key", &value);
    bool is_good;

    if (found == FOUND_NONE)
        return true;
    if (found == FOUND_MANY)
        return refusal_set(ret_refusal, 400, QL_INVALID_ARGUMENT, "BAD_IDEMPOTENCY_KEY",
                           "a request may have one Idempotency-Key");
    is_good = value.len > 0 && value.len <= REQUEST_IDEMPOTENCY_KEY_MAX;
    for (size_t i = 0; is_good && i < value.len; i++)
        is_good = value.base[i] > ' ' && value.base[i] <= '~';
    if (!is_good)
        return refusal_set(ret_refusal, 400, QL_INVALID_ARGUMENT, "BAD_IDEMPOTENCY_KEY",
                           "Idempotency-Key must be 1 to %d visible ASCII characters",
                           REQUEST_IDEMPOTENCY_KEY_MAX);
    copy_text(request->idempotency_key, sizeof(request->idempotency_key), value.base, value.len);
    return true;
}

/* Several fields are one list. */
static bool take_if_match(struct request *request, struct refusal *ret_refusal)
{
    h2o_req_t *req = request->req;
    char *list;
    size_t length = 0;

    if (h2o_find_header(&req->headers, H2O_TOKEN_IF_MATCH, -1) < 0)
        return true;
    list = h2o_mem_alloc_pool(&req->pool, IF_MATCH_MAX + 1);
    for (ssize_t at = -1; (at = h2o_find_header(&req->headers, H2O_TOKEN_IF_MATCH, at)) >= 0;) {
        h2o_iovec_t value = req->headers.entries[at].value;
        bool is_good = value.len + 1 < IF_MATCH_MAX - length;

        for (size_t i = 0; is_good && i < value.len; i++)
            is_good = (value.base[i] >= ' ' && value.base[i] <= '~') || value.base[i] == '\t';
        if (!is_good)
            return refusal_set(ret_refusal, 400, QL_INVALID_ARGUMENT, "BAD_IF_MATCH",
                               "If-Match must be at most %d printable ASCII characters",
                               IF_MATCH_MAX);
        if (length > 0)
            list[length++] = ',';
        memcpy(list + length, value.base, value.len);
        length += value.len;
    }
    list[length] = '\0';
    request->if_match = list;
    return true;
}

bool request_headers_check(struct request *request, struct refusal *ret_refusal)
{
    int64_t limit = request->gateway->settings.max_body_bytes;

    if (request->req->entity.len > (size_t)limit)
        return refusal_set(ret_refusal, 413, QL_INVALID_ARGUMENT, "BODY_TOO_LARGE",
                           "the body is larger than %lld bytes", (long long)limit);
    return check_media_types(request, ret_refusal) && take_idempotency_key(request, ret_refusal) &&
           take_if_match(request, ret_refusal);
}

bool request_headers_token(struct request *request, struct refusal *ret_refusal)
{
    static const char scheme[] = "Bearer ";
    const size_t scheme_length = sizeof(scheme) - 1;
    h2o_headers_t *headers = &request->req->headers;
    ssize_t at = h2o_find_header(headers, H2O_TOKEN_AUTHORIZATION, -1);
    h2o_iovec_t value;

    if (at < 0)
        return refusal_set(ret_refusal, 401, QL_UNAUTHENTICATED, "TOKEN_MISSING",
                           "sign in and send Authorization: Bearer <token>");
    value = headers->entries[at].value;
    if (h2o_find_header(headers, H2O_TOKEN_AUTHORIZATION, at) >= 0 || value.len <= scheme_length ||
        strncasecmp(value.base, scheme, scheme_length) != 0 ||
        value.len - scheme_length >= QL_TOKEN_MAX ||
        memchr(value.base + scheme_length, ' ', value.len - scheme_length) != NULL)
        return refusal_set(ret_refusal, 401, QL_UNAUTHENTICATED, "TOKEN_MALFORMED",
                           "Authorization must be one bearer token");
    copy_text(request->check.token, sizeof(request->check.token), value.base + scheme_length,
              value.len - scheme_length);
    return true;
}
