/* Initialising a call and filling its status. */
#include "platform/base/call.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "platform/base/clock.h"
#include "platform/base/utf8.h"

/* The input determines the length of a path. It is cut in the message, whose size is
 * fixed, so that the description fits behind it. */
enum { PATH_IN_MESSAGE_MAX = 101 };

void ql_call_init(struct ql_call *call, struct ql_arena *arena, const char *method,
                  int64_t timeout_ms)
{
    int64_t now = ql_monotonic_ms();

    memset(call, 0, sizeof(*call));
    call->arena = arena;
    call->method = method;
    call->deadline_ms = timeout_ms > INT64_MAX - now ? INT64_MAX : now + timeout_ms;
    ql_trace_new(&call->trace);
    ql_uuid_new(call->request_id);
}

int64_t ql_call_remaining_ms(const struct ql_call *call)
{
    int64_t now = ql_monotonic_ms();

    return call->deadline_ms > now ? call->deadline_ms - now : 0;
}

/* A message is a protobuf string: after a cut it still has to be valid UTF-8. */
static void drop_cut_sequence(char *text)
{
    text[ql_utf8_trim(text, strlen(text))] = '\0';
}

/* The texts may lie in the status itself, so they are copied before it changes. */
static void status_set(struct ql_status *status, enum ql_code code, const char *reason,
                       const char *message)
{
    char reason_copy[QL_REASON_MAX];

    snprintf(reason_copy, sizeof(reason_copy), "%s", reason);
    status->code = code;
    status->is_conflict = status->is_violation = status->is_precondition_failed = false;
    memcpy(status->reason, reason_copy, sizeof(reason_copy));
    snprintf(status->message, sizeof(status->message), "%s", message);
    drop_cut_sequence(status->message);
}

enum ql_code ql_fail(struct ql_call *call, enum ql_code code, const char *reason,
                     const char *format, ...)
{
    char message[QL_MESSAGE_MAX];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(message, sizeof(message), format, arguments);
    va_end(arguments);
    status_set(&call->status, code, reason, message);
    call->status.n_violations = 0; /* those of an earlier failure */
    return code;
}

enum { DESCRIPTION_MAX = QL_MESSAGE_MAX - 2 };

static enum ql_code violation_add(struct ql_call *call, const char *field, const char *reason,
                                  char description[DESCRIPTION_MAX])
{
    struct ql_status *status = &call->status;
    struct ql_violation violation = {.reason = reason};
    char message[QL_MESSAGE_MAX];

    drop_cut_sequence(description);
    if (!status->is_violation) {
        size_t length;

        snprintf(message, PATH_IN_MESSAGE_MAX, "%s", field);
        drop_cut_sequence(message);
        length = strlen(message);
        snprintf(message + length, sizeof(message) - length, ": %s", description);
        status_set(status, QL_INVALID_ARGUMENT, "INVALID_FIELD", message);
        status->n_violations = 0;
        status->is_violation = true;
    }
    if (status->n_violations == QL_VIOLATIONS_MAX)
        return QL_INVALID_ARGUMENT;
    violation.field = ql_arena_strdup(call->arena, field);
    violation.description = ql_arena_strdup(call->arena, description);
    if (violation.field != NULL && violation.description != NULL)
        status->violations[status->n_violations++] = violation;
    return QL_INVALID_ARGUMENT;
}

enum ql_code ql_violate(struct ql_call *call, const char *field, const char *format, ...)
{
    char description[DESCRIPTION_MAX];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(description, sizeof(description), format, arguments);
    va_end(arguments);
    return violation_add(call, field, "", description);
}

enum ql_code ql_violate_as(struct ql_call *call, const char *field, const char *reason,
                           const char *format, ...)
{
    char description[DESCRIPTION_MAX];
    va_list arguments;

    for (size_t i = 0; i < call->status.n_violations; i++)
        if (strcmp(call->status.violations[i].field, field) == 0)
            return QL_INVALID_ARGUMENT;
    va_start(arguments, format);
    vsnprintf(description, sizeof(description), format, arguments);
    va_end(arguments);
    return violation_add(call, field, reason, description);
}

enum ql_code ql_fail_precondition(struct ql_call *call, const char *message)
{
    ql_fail(call, QL_ABORTED, "ETAG_MISMATCH", "%s", message);
    call->status.is_precondition_failed = true;
    return QL_ABORTED;
}

void ql_retry_after(struct ql_call *call, int64_t delay_ms)
{
    call->status.retry_delay_ms = delay_ms;
}

enum ql_code ql_fail_memory(struct ql_call *call)
{
    return ql_fail(call, QL_RESOURCE_EXHAUSTED, "MEMORY_LIMIT",
                   "the call needs more memory than one call may use");
}

void ql_call_clear_status(struct ql_call *call)
{
    memset(&call->status, 0, sizeof(call->status));
}
