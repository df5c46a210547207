/* Running the calls of a Request, one after the other, into one Reply. */
#ifndef QL_RPC_WORK_RUN_H
#define QL_RPC_WORK_RUN_H

#include "platform/rpc/server/reply.h"
#include "platform/rpc/server/work.h"

enum qli_progress {
    QLI_WORK_DONE = 0, /* every call has its result */
    QLI_WORK_GOES_ON,  /* there is a next call */
    QLI_WORK_DECLINED, /* by its fast handler: the only call must run where it may
                        * block; is_declined is set, and nothing was added */
};

/* Runs the next call and adds its result. arena is reset afterwards. */
enum qli_progress qli_work_run_next(const struct qli_dispatcher *dispatcher, struct qli_work *work,
                                    struct ql_arena *arena, struct qli_reply *reply);

/* Runs every call that is left. False: declined. */
bool qli_work_run(const struct qli_dispatcher *dispatcher, struct qli_work *work,
                  struct ql_arena *arena, struct qli_reply *reply);

#endif
