/* The mapping of google/rpc/code.proto to HTTP, and AIP-193 error bodies. */
#include "platform/base/http_status.h"

#include <inttypes.h>
#include <string.h>

#define TYPE_PREFIX "{\"@type\":\"type.googleapis.com/google.rpc."

int ql_http_status_from_code(enum ql_code code)
{
    switch (code) {
    case QL_OK:
        return 200;
    case QL_INVALID_ARGUMENT:
    case QL_FAILED_PRECONDITION:
    case QL_OUT_OF_RANGE:
        return 400;
    case QL_UNAUTHENTICATED:
        return 401;
    case QL_PERMISSION_DENIED:
        return 403;
    case QL_NOT_FOUND:
        return 404;
    case QL_ALREADY_EXISTS:
    case QL_ABORTED:
        return 409;
    case QL_RESOURCE_EXHAUSTED:
        return 429;
    case QL_CANCELLED:
        return 499;
    case QL_UNIMPLEMENTED:
        return 501;
    case QL_UNAVAILABLE:
        return 503;
    case QL_DEADLINE_EXCEEDED:
        return 504;
    case QL_UNKNOWN:
    case QL_INTERNAL:
    case QL_DATA_LOSS:
        break;
    }
    return 500;
}

const char *ql_http_status_phrase(int http_status)
{
    static const struct {
        int http_status;
        const char *phrase;
    } phrases[] = {
        {200, "OK"},
        {204, "No Content"},
        {304, "Not Modified"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {406, "Not Acceptable"},
        {409, "Conflict"},
        {412, "Precondition Failed"},
        {413, "Content Too Large"},
        {414, "URI Too Long"},
        {415, "Unsupported Media Type"},
        {417, "Expectation Failed"},
        {421, "Misdirected Request"},
        {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"},
        {499, "Client Closed Request"},
        {500, "Internal Server Error"},
        {501, "Not Implemented"},
        {503, "Service Unavailable"},
        {504, "Gateway Timeout"},
    };

    for (size_t i = 0; i < QL_ARRAY_LENGTH(phrases); i++)
        if (phrases[i].http_status == http_status)
            return phrases[i].phrase;
    return "Unknown";
}

bool ql_http_status_hides_detail(enum ql_code code)
{
    return ql_http_status_from_code(code) == 500;
}

static void append_text(struct ql_buffer *out, const char *text)
{
    ql_buffer_append_json_string(out, text, strlen(text));
}

static void append_violations(struct ql_buffer *out, const struct ql_status *status)
{
    ql_buffer_append_text(out, "," TYPE_PREFIX "BadRequest\",\"fieldViolations\":[");
    for (size_t i = 0; i < status->n_violations; i++) {
        ql_buffer_append_text(out, i == 0 ? "{\"field\":" : ",{\"field\":");
        append_text(out, status->violations[i].field);
        ql_buffer_append_text(out, ",\"description\":");
        append_text(out, status->violations[i].description);
        if (status->violations[i].reason[0] != '\0') {
            ql_buffer_append_text(out, ",\"reason\":");
            append_text(out, status->violations[i].reason);
        }
        ql_buffer_append_byte(out, '}');
    }
    ql_buffer_append_text(out, "]}");
}

static void append_retry(struct ql_buffer *out, int64_t delay_ms)
{
    ql_buffer_printf(out, "," TYPE_PREFIX "RetryInfo\",\"retryDelay\":\"%" PRId64, delay_ms / 1000);
    if (delay_ms % 1000 != 0)
        ql_buffer_printf(out, ".%03d", (int)(delay_ms % 1000));
    ql_buffer_append_text(out, "s\"}");
}

void ql_http_status_write_error(struct ql_buffer *out, int http_status,
                                const struct ql_status *status, const char *request_id)
{
    bool hides = ql_http_status_hides_detail(status->code);
    const char *reason = status->reason[0] != '\0' ? status->reason : ql_code_name(status->code);

    ql_buffer_printf(out, "{\"error\":{\"code\":%d,\"status\":", http_status);
    append_text(out, ql_code_name(status->code));
    ql_buffer_append_text(out, ",\"message\":");
    append_text(out, hides ? "internal error" : status->message);
    ql_buffer_append_text(out, ",\"details\":[" TYPE_PREFIX "ErrorInfo\",\"reason\":");
    append_text(out, hides ? "INTERNAL" : reason);
    ql_buffer_append_text(out, ",\"domain\":\"questline\",\"metadata\":{\"requestId\":");
    append_text(out, request_id);
    ql_buffer_append_text(out, "}}");
    if (!hides && status->n_violations > 0)
        append_violations(out, status);
    if (status->retry_delay_ms > 0)
        append_retry(out, status->retry_delay_ms);
    ql_buffer_append_text(out, "]}}");
}
