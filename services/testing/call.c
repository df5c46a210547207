/* Calls of a test, and handlers called without a server. */
#include "services/testing/call.h"

#include <stdlib.h>

#include "platform/base/rerun.h"

enum { ARENA_BYTES = 8 * 1024 * 1024, DEADLINE_MS = 30000 };

struct ql_call *test_call_new(void *app)
{
    struct ql_call *call = malloc(sizeof(*call));
    struct ql_arena *arena = ql_arena_new(ARENA_BYTES);

    if (call == NULL || arena == NULL)
        abort();
    ql_call_init(call, arena, "test", DEADLINE_MS);
    call->app = app;
    return call;
}

void test_call_freep(struct ql_call **call)
{
    if (*call == NULL)
        return;
    ql_arena_free((*call)->arena);
    free(*call);
    *call = NULL;
}

enum ql_code test_rpc(struct ql_call *call, const struct ql_rpc_method *method, const void *in,
                      void *out)
{
    enum ql_code rc;
    int n_runs = 1;

    /* As the RPC server does, lest a conflict of two threads of a test fails it. */
    while ((rc = method->handler(call, in, out)) != QL_OK && !call->has_effects &&
           ql_rerun(call, n_runs))
        n_runs++;
    return rc;
}
