/* The context of one piece of work: a call, a batch of events, a start-up step.
 *
 * It carries what functions of every layer need: the arena its memory comes from, the
 * deadline, the caller's identity, the trace, and the status that the first failing
 * function fills. A call belongs to one thread. */
#ifndef QL_BASE_CALL_H
#define QL_BASE_CALL_H

#include <stdbool.h>
#include <stdint.h>

#include "platform/base/arena.h"
#include "platform/base/attributes.h"
#include "platform/base/id.h"
#include "platform/base/status.h"
#include "platform/base/trace.h"

enum ql_role {
    QL_ROLE_NONE = 0,  /* no token */
    QL_ROLE_USER,      /* a player; subject is the user's id */
    QL_ROLE_ADMIN,     /* a user with the administrator role */
    QL_ROLE_SERVICE,   /* one of our services; subject is its name */
    QL_ROLE_PUBLISHER, /* a game server's account */
};

struct ql_identity {
    enum ql_role role;
    char subject[64];
    /* Of a token: the claims by which it can be revoked (platform/auth/revocations.h). */
    char session_id[QL_UUID_SIZE]; /* "": the token belongs to no session */
    int64_t generation;            /* of the account's tokens, counted from 0 */
    int64_t issued_s;              /* Unix time */
};

enum { QL_REQUEST_ID_SIZE = 65 };

struct ql_call {
    struct ql_arena *arena;
    int64_t deadline_ms; /* monotonic */
    struct ql_identity identity;
    struct ql_trace trace;
    char request_id[QL_REQUEST_ID_SIZE];
    const char *authorization;   /* the token that the identity was read from; NULL: none */
    const char *method;          /* full RPC name, or the work's name in the log */
    const char *idempotency_key; /* NULL: none */
    const char *if_match;        /* as the header has it (RFC 9110 13.1.1); NULL: none */
    const char *client_address;  /* of the client for which a gateway calls; NULL: not given */
    const char *etag;            /* set by a handler: validator of what it returns; NULL: none */
    bool is_replayed;            /* the answer is that of an earlier call with its key */
    void *app;                   /* the service's own struct */
    bool has_effects;            /* something was committed or sent, which a rerun would repeat */
    struct ql_status status;
};

/* A call for work that no request started (start-up, consumers, relays): fresh
 * trace and request id, the deadline timeout_ms from now. */
void ql_call_init(struct ql_call *call, struct ql_arena *arena, const char *method,
                  int64_t timeout_ms);

/* Milliseconds until the deadline, 0 when it has passed. */
int64_t ql_call_remaining_ms(const struct ql_call *call);

/* Fills the call's status and returns code, so that failing is one expression:
 * return ql_fail(call, QL_NOT_FOUND, "QUEST_NOT_FOUND", "quest %s ...", id); */
enum ql_code ql_fail(struct ql_call *call, enum ql_code code, const char *reason,
                     const char *format, ...) QL_PRINTF(4, 5);

/* Adds one field violation; the status becomes INVALID_ARGUMENT with reason
 * INVALID_FIELD and names the first field. Always returns QL_INVALID_ARGUMENT. */
enum ql_code ql_violate(struct ql_call *call, const char *field, const char *format, ...)
    QL_PRINTF(3, 4);

/* The same with a reason, which outlives the call. Names no field a second time. */
enum ql_code ql_violate_as(struct ql_call *call, const char *field, const char *reason,
                           const char *format, ...) QL_PRINTF(4, 5);

/* The failure of a call whose if_match the resource does not fulfil: ABORTED
 * (ETAG_MISMATCH). Always returns QL_ABORTED. */
enum ql_code ql_fail_precondition(struct ql_call *call, const char *message);

/* Advises the caller to wait before a retry. */
void ql_retry_after(struct ql_call *call, int64_t delay_ms);

/* The failure of an arena that reached its limit. */
enum ql_code ql_fail_memory(struct ql_call *call);

/* Resets the status to QL_OK, before the same work is tried again. */
void ql_call_clear_status(struct ql_call *call);

#endif
