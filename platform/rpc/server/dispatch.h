/* One call through its checks (README.md) to its handler. */
#ifndef QL_RPC_DISPATCH_H
#define QL_RPC_DISPATCH_H

#include "platform/rpc/server/work.h"

/* What a call comes to, when it does not fail. */
struct qli_answer {
    ProtobufCMessage *message; /* NULL: the bytes */
    struct ql_rpc_bytes bytes;
    bool is_declined;    /* neither: by the fast handler, where nothing may block */
    bool is_turned_away; /* a failure: the process takes no calls */
};

/* Executes the call of the work with this index, and fills call. The answer lies in arena,
 * or in the Request. */
enum ql_code qli_dispatch(struct ql_call *call, const struct qli_dispatcher *dispatcher,
                          const struct qli_work *work, size_t index, struct ql_arena *arena,
                          struct qli_answer *ret_answer) QL_MUST_CHECK;

#endif
