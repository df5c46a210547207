/* One Request in work: its calls, where they run, and running them.
 *
 * The calls of a Request run one after the other on one thread; their results
 * go into one Reply. */
#ifndef QL_RPC_WORK_H
#define QL_RPC_WORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "questline/rpc/v1/names.h"
#include "platform/auth/token.h"
#include "platform/base/call.h"
#include "platform/rpc/method_table.h"
#include "platform/rpc/reply.h"

/* What all calls of a server share. */
struct qli_dispatcher {
    struct qli_method_table table;
    struct ql_verifier *verifier;
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
};

struct qli_work {
    Request *request;
    struct qli_planned *planned; /* one for each call */
    int64_t received_ms;
    enum qli_verdict verdict;
    bool may_block;   /* it runs in a lane */
    bool is_declined; /* a fast handler did not answer: the handler does */
};

/* Checks and unpacks a Request into call's arena, where work's pointers live.
 * INVALID_ARGUMENT (MALFORMED_ENVELOPE, TOO_MANY_CALLS), RESOURCE_EXHAUSTED. */
enum ql_code qli_work_read(struct ql_call *call, const struct qli_dispatcher *dispatcher,
                           const void *bytes, size_t length, struct qli_work *work) QL_MUST_CHECK;

/* Where the work must run; the heaviest of its calls decides. */
enum qli_route qli_work_route(const struct qli_dispatcher *dispatcher, const struct qli_work *work);

/* Runs every call and adds every result. arena is reset between the calls. False:
 * the only call was declined by its fast handler and must run where it may block;
 * is_declined is set, and nothing was added. */
bool qli_work_run(const struct qli_dispatcher *dispatcher, struct qli_work *work,
                  struct ql_arena *arena, struct qli_reply *reply);

#endif
