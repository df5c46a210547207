/* For the services' tests: calls, and handlers called as the rpc server does.
 * Included by tests only. */
#ifndef QL_SERVICES_CALL_FIXTURE_H
#define QL_SERVICES_CALL_FIXTURE_H

#include <stdlib.h>
#include <string.h>

#include "platform/base/call.h"
#include "platform/rpc/server/method.h"

enum { TEST_ARENA_BYTES = 8 * 1024 * 1024 };

/* A call with an arena of its own; ends the process when there is no memory. */
static inline struct ql_call *test_call_new(void *app)
{
    struct ql_call *call = malloc(sizeof(*call));
    struct ql_arena *arena = ql_arena_new(TEST_ARENA_BYTES);

    if (call == NULL || arena == NULL)
        abort();
    ql_call_init(call, arena, "test", 30000);
    call->app = app;
    return call;
}

static inline void test_call_freep(struct ql_call **call)
{
    if (*call == NULL)
        return;
    ql_arena_free((*call)->arena);
    free(*call);
    *call = NULL;
}

/* Calls the handler of a method, as the rpc server does. */
static inline enum ql_code test_rpc(struct ql_call *call, const struct ql_rpc_method *methods,
                                    const char *name, const void *in, void *out)
{
    for (; methods->name != NULL; methods++)
        if (strcmp(methods->name, name) == 0)
            return methods->handler(call, in, out);
    abort();
}

#endif
