/* One Request in work: its calls, where they run and for whom. */
#ifndef QL_RPC_WORK_H
#define QL_RPC_WORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "questline/rpc/v1/names.h"
#include "platform/auth/verifier.h"
#include "platform/base/call.h"
#include "platform/limits/limits.h"
#include "platform/rpc/server/method_table.h"

/* What all calls of a server share. */
struct qli_dispatcher {
    struct qli_method_table table;
    struct ql_verifier *verifier;
    struct ql_limits *limits; /* NULL: none, and all callers are one client */
    struct ql_rpc_refusal heavy_full;
};

/* Whether the calls may run at all. */
enum qli_verdict {
    QLI_RUN = 0,
    QLI_REFUSE_DRAINING,
    QLI_REFUSE_BUSY,
    QLI_REFUSE_BUSY_HEAVY,
};

enum qli_route {
    QLI_ROUTE_INLINE = 0, /* nothing in it can block: on nng's thread */
    QLI_ROUTE_NORMAL,
    QLI_ROUTE_HEAVY,
};

struct qli_planned {
    const struct qli_method *method; /* NULL: unknown */
    int64_t deadline_ms;             /* monotonic */
    enum qli_route route;            /* as qli_work_admit found */
    const struct ql_client *client;  /* whom it is for; NULL when it is inline */
    enum qli_verdict verdict;        /* of this call alone */
    bool holds_hash;                 /* of the client's QL_LIMIT_HASHES */
};

struct qli_work {
    Request *request;
    struct qli_planned *planned; /* one for each call */
    size_t n_done;               /* calls that have their result */
    int64_t received_ms;
    enum qli_verdict verdict; /* of all calls that have none */
    bool may_block;           /* it runs in a pool */
    bool is_declined;         /* a fast handler did not answer: the handler does */
};

/* Checks and unpacks a Request into call's arena, where work's pointers live.
 * INVALID_ARGUMENT (MALFORMED_ENVELOPE, TOO_MANY_CALLS), RESOURCE_EXHAUSTED. */
enum ql_code qli_work_read(struct ql_call *call, const struct qli_dispatcher *dispatcher,
                           const void *bytes, size_t length, struct qli_work *work) QL_MUST_CHECK;

/* Decides where each call runs, and for those that need a pool whom they are for: the
 * client that the call names, else the peer, whose address this is. Password checks
 * beyond what a client may have are refused here, one by one. Again after a call was
 * declined. RESOURCE_EXHAUSTED without memory. */
enum ql_code qli_work_admit(struct ql_call *call, const struct qli_dispatcher *dispatcher,
                            struct qli_work *work, const char *peer) QL_MUST_CHECK;

/* Where the work must run; the heaviest of its calls decides. */
enum qli_route qli_work_route(const struct qli_work *work);

/* Ends the next call, which has its result, and gives back what it holds. */
void qli_work_end_call(const struct qli_dispatcher *dispatcher, struct qli_work *work);

/* Ends all calls that get no result. */
void qli_work_abandon(const struct qli_dispatcher *dispatcher, struct qli_work *work);

#endif
