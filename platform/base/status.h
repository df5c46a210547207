/* The status of a call: a google.rpc code (google/rpc/code.proto), a stable UPPER_SNAKE
 * reason that clients branch on, a message for people, and for invalid input the
 * violated fields (AIP-193). */
#ifndef QL_BASE_STATUS_H
#define QL_BASE_STATUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ql_code {
    QL_OK = 0,
    QL_CANCELLED = 1,
    QL_UNKNOWN = 2,
    QL_INVALID_ARGUMENT = 3,
    QL_DEADLINE_EXCEEDED = 4,
    QL_NOT_FOUND = 5,
    QL_ALREADY_EXISTS = 6,
    QL_PERMISSION_DENIED = 7,
    QL_RESOURCE_EXHAUSTED = 8,
    QL_FAILED_PRECONDITION = 9,
    QL_ABORTED = 10,
    QL_OUT_OF_RANGE = 11,
    QL_UNIMPLEMENTED = 12,
    QL_INTERNAL = 13,
    QL_UNAVAILABLE = 14,
    QL_DATA_LOSS = 15,
    QL_UNAUTHENTICATED = 16,
};

enum {
    QL_MESSAGE_MAX = 256,   /* bytes of a status message, NUL included */
    QL_REASON_MAX = 64,     /* bytes of a reason, NUL included */
    QL_VIOLATIONS_MAX = 16, /* field violations kept; further ones are dropped */
};

/* One violated field: its path in JSON spelling ("quest.eventTypes[2]"), a description, and
 * for programs the rule that it breaks ("TOO_LONG"; "" when it is no rule of the contract).
 * The strings are in the call's arena. */
struct ql_violation {
    const char *field;
    const char *description;
    const char *reason;
};

struct ql_status {
    enum ql_code code;
    char reason[QL_REASON_MAX];
    char message[QL_MESSAGE_MAX];
    struct ql_violation violations[QL_VIOLATIONS_MAX];
    size_t n_violations;
    bool is_violation;           /* set by ql_violate, also when memory for the list was missing */
    int64_t retry_delay_ms;      /* 0: none advised */
    bool is_conflict;            /* with a concurrent transaction: a rerun may succeed (rerun.h) */
    bool is_precondition_failed; /* the resource has none of the etags of the call's if_match */
};

/* "NOT_FOUND" for QL_NOT_FOUND; "UNKNOWN" for a number outside the enum. */
const char *ql_code_name(enum ql_code code);

#endif
