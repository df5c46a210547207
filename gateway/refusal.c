/* Refusals, each with its HTTP status. */
#include "gateway/refusal.h"

#include <stdarg.h>
#include <stdio.h>

#include "platform/base/http_status.h"

enum { RETRY_MS = 1000 };

bool refusal_set(struct refusal *ret_refusal, int http_status, enum ql_code code,
                 const char *reason, const char *format, ...)
{
    struct ql_status *status = &ret_refusal->status;
    va_list arguments;

    *ret_refusal = (struct refusal){.http_status = http_status, .status = {.code = code}};
    snprintf(status->reason, sizeof(status->reason), "%s", reason);
    va_start(arguments, format);
    vsnprintf(status->message, sizeof(status->message), format, arguments);
    va_end(arguments);
    return false;
}

bool refusal_set_status(struct refusal *ret_refusal, const struct ql_status *status)
{
    ret_refusal->http_status = ql_http_status_from_code(status->code);
    ret_refusal->status = *status;
    return false;
}

bool refusal_set_busy(struct refusal *ret_refusal)
{
    refusal_set(ret_refusal, 503, QL_UNAVAILABLE, "GATEWAY_BUSY",
                "too many requests are under way");
    ret_refusal->status.retry_delay_ms = RETRY_MS;
    return false;
}

bool refusal_set_limited(struct refusal *ret_refusal, const char *reason, const char *message)
{
    refusal_set(ret_refusal, 429, QL_RESOURCE_EXHAUSTED, reason, "%s", message);
    ret_refusal->status.retry_delay_ms = RETRY_MS;
    return false;
}

bool refusal_set_too_many_requests(struct refusal *ret_refusal)
{
    return refusal_set_limited(ret_refusal, "TOO_MANY_REQUESTS",
                               "you have too many requests under way at once");
}
