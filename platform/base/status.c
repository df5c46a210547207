/* Names of the status codes, as google/rpc/code.proto spells them. */
#include "platform/base/status.h"

#include "platform/base/attributes.h"

static const char *const code_names[] = {
    [QL_OK] = "OK",
    [QL_CANCELLED] = "CANCELLED",
    [QL_UNKNOWN] = "UNKNOWN",
    [QL_INVALID_ARGUMENT] = "INVALID_ARGUMENT",
    [QL_DEADLINE_EXCEEDED] = "DEADLINE_EXCEEDED",
    [QL_NOT_FOUND] = "NOT_FOUND",
    [QL_ALREADY_EXISTS] = "ALREADY_EXISTS",
    [QL_PERMISSION_DENIED] = "PERMISSION_DENIED",
    [QL_RESOURCE_EXHAUSTED] = "RESOURCE_EXHAUSTED",
    [QL_FAILED_PRECONDITION] = "FAILED_PRECONDITION",
    [QL_ABORTED] = "ABORTED",
    [QL_OUT_OF_RANGE] = "OUT_OF_RANGE",
    [QL_UNIMPLEMENTED] = "UNIMPLEMENTED",
    [QL_INTERNAL] = "INTERNAL",
    [QL_UNAVAILABLE] = "UNAVAILABLE",
    [QL_DATA_LOSS] = "DATA_LOSS",
    [QL_UNAUTHENTICATED] = "UNAUTHENTICATED",
};

const char *ql_code_name(enum ql_code code)
{
    size_t index = (size_t)code;

    if (index >= QL_ARRAY_LENGTH(code_names))
        return "UNKNOWN";
    return code_names[index];
}
