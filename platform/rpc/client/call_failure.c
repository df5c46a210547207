/* Code, reason and text of each failure. */
#include "platform/rpc/client/call_failure.h"

static const struct {
    enum ql_code code;
    const char *reason, *message;
} failures[] = {
    [QLI_FAILED_CANCELLED] = {QL_CANCELLED, "CANCELLED", "the call was cancelled"},
    [QLI_FAILED_LATE] = {QL_DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED",
                         "the deadline passed before an answer came"},
    [QLI_FAILED_UNANSWERED] = {QL_DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED", "no answer in time"},
    [QLI_FAILED_TOO_LARGE] = {QL_INVALID_ARGUMENT, "REQUEST_TOO_LARGE",
                              "the request does not fit into a message"},
    [QLI_FAILED_UNCONNECTED] = {QL_UNAVAILABLE, "CHANNEL_DISCONNECTED",
                                "no connection to the service"},
    [QLI_FAILED_LOST] = {QL_UNAVAILABLE, "CONNECTION_LOST",
                         "the connection was lost before the answer came"},
    [QLI_FAILED_NO_MEMORY] = {QL_RESOURCE_EXHAUSTED, "MEMORY_LIMIT", "no memory for the request"},
    [QLI_FAILED_NO_MEMORY_FOR_REPLY] = {QL_RESOURCE_EXHAUSTED, "MEMORY_LIMIT",
                                        "no memory for the reply"},
};

void qli_call_fail(struct ql_call *call, const char *service, enum qli_call_failure failure)
{
    ql_fail(call, failures[failure].code, failures[failure].reason, "%s: %s", service,
            failures[failure].message);
}
