/* Handlers: how a service says which function answers which method.
 *
 *   static enum ql_code quest_rpc_get(struct ql_call *call, const GetQuestRequest *in,
 *                                     GetQuestResponse *out);
 *   QL_RPC_SERVE(QuestQueryService_GetQuest, quest_rpc_get)
 *
 * The name is the contract's, from the package's generated server.h, which declares
 * QuestQueryService_GetQuest_method and lists the methods of the package
 * (CATALOG_METHODS): a program that serves the package does not link while a handler
 * is missing. The macro checks the handler's types at compile time, the server checks
 * the messages' names against the contract when it starts. `out` is initialised; what
 * it points to must live in the call's arena. */
#ifndef QL_RPC_METHOD_H
#define QL_RPC_METHOD_H

#include <stdbool.h>
#include <stddef.h>
#include <protobuf-c/protobuf-c.h>

#include "platform/base/call.h"

typedef enum ql_code ql_rpc_handler(struct ql_call *call, const void *in, void *out);

/* An answer in wire bytes, of the method's output message; in the call's arena. */
struct ql_rpc_bytes {
    const void *data;
    size_t length;
};

/* The quick half of a `fast` method that has two: answers from memory, or declines
 * by false, at once and without blocking. What it declines the handler answers, on
 * a thread that may block; a coalesced call is sent again alone for that. */
typedef bool ql_rpc_fast_handler(struct ql_call *call, const void *in,
                                 struct ql_rpc_bytes *ret_out);

/* Where a method runs. Methods with the contract's `fast` option and without a fast
 * handler run on nng's callback whatever is said here, and must never block. */
enum ql_rpc_pool {
    QL_RPC_POOL_NORMAL = 0, /* the worker threads */
    QL_RPC_POOL_HEAVY,      /* one thread per core, for password hashing */
};

/* What a pool that is full answers, RESOURCE_EXHAUSTED besides. */
struct ql_rpc_refusal {
    const char *reason; /* NULL: SERVER_BUSY, in general words */
    const char *message;
};

struct ql_rpc_method {
    const char *name; /* NULL ends a list */
    ql_rpc_handler *handler;
    const ProtobufCMessageDescriptor *input;
    const ProtobufCMessageDescriptor *output;
    enum ql_rpc_pool pool;
    ql_rpc_fast_handler *fast; /* NULL: there is only the handler */
};

/* The handler of a method, which runs on the worker threads. */
#define QL_RPC_SERVE(served, function)                                                             \
    QL_RPC_SERVE_WHOLE(served, served##_, QL_RPC_POOL_NORMAL, function, NULL)

/* The same on this pool. */
#define QL_RPC_SERVE_ON(served, pool, function)                                                    \
    QL_RPC_SERVE_WHOLE(served, served##_, pool, function, NULL)

/* The same with a fast handler: bool quest_rpc_get_fast(struct ql_call *call,
 * const GetQuestRequest *in, struct ql_rpc_bytes *ret_out). */
#define QL_RPC_SERVE_FAST(served, fast_function, function)                                         \
    static bool served##_fast(struct ql_call *call, const void *in, struct ql_rpc_bytes *ret_out)  \
    {                                                                                              \
        return fast_function(call, (const served##_input *)in, ret_out);                           \
    }                                                                                              \
    QL_RPC_SERVE_WHOLE(served, served##_, QL_RPC_POOL_NORMAL, function, served##_fast)

/* What the three above come to. `name` is the text; what belongs to the method begins with
 * `prefix`, since the text cannot be pasted. */
#define QL_RPC_SERVE_WHOLE(name, prefix, pool, function, fast)                                     \
    static enum ql_code prefix##handler(struct ql_call *call, const void *in, void *out)           \
    {                                                                                              \
        return function(call, (const prefix##input *)in, (prefix##output *)out);                   \
    }                                                                                              \
    const struct ql_rpc_method prefix##method[] = {{(name), prefix##handler,                       \
                                                    &prefix##input_descriptor,                     \
                                                    &prefix##output_descriptor, (pool), (fast)},   \
                                                   {0}};

/* The same by a name that the contract may not have, for servers that stand in for others. */
#define QL_RPC_HANDLER(function, Input, Output)                                                    \
    static enum ql_code function##_checked(struct ql_call *call, const void *in, void *out)        \
    {                                                                                              \
        return function(call, (const Input *)in, (Output *)out);                                   \
    }

#define QL_RPC_METHOD(name, function, Input, Output, pool)                                         \
    {                                                                                              \
        (name), function##_checked, &Input##_descriptor, &Output##_descriptor, (pool), NULL        \
    }

/* The same with a fast handler: bool quest_rpc_get_fast(struct ql_call *call,
 * const GetQuestRequest *in, struct ql_rpc_bytes *ret_out). */
#define QL_RPC_FAST_HANDLER(function, Input)                                                       \
    static bool function##_checked(struct ql_call *call, const void *in,                           \
                                   struct ql_rpc_bytes *ret_out)                                   \
    {                                                                                              \
        return function(call, (const Input *)in, ret_out);                                         \
    }

#define QL_RPC_FAST_METHOD(name, fast_function, function, Input, Output, pool)                     \
    {                                                                                              \
        (name), function##_checked, &Input##_descriptor, &Output##_descriptor, (pool),             \
            fast_function##_checked                                                                \
    }

#endif
