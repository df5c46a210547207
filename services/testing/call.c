/* Calls of a test, and handlers called without a server. */
#include "services/testing/call.h"

#include <stdlib.h>

#include "platform/base/rerun.h"
#include "platform/pb/validate/request.h"

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

static enum ql_code validate_request(struct ql_call *call, const struct ql_rpc_method *method,
                                     const void *in)
{
    const struct ql_method *contract = ql_schema_method(ql_schema_embedded(), method->name);
    struct ql_request_rules rules;
    char error[256];

    if (contract == NULL ||
        !ql_request_rules_read(contract, method->input, &rules, error, sizeof(error)))
        abort();
    return ql_request_validate(call, &rules, in);
}

enum ql_code test_rpc(struct ql_call *call, const struct ql_rpc_method *method, const void *in,
                      void *out)
{
    enum ql_code rc = validate_request(call, method, in);
    int n_runs = 1;

    if (rc != QL_OK)
        return rc;
    /* As the RPC server does, lest a conflict of two threads of a test fails it. */
    while ((rc = method->handler(call, in, out)) != QL_OK && !call->has_effects &&
           ql_rerun(call, n_runs))
        n_runs++;
    return rc;
}
