/* Handlers: how a service says which function answers which method.
 *
 *   static enum ql_code quest_rpc_get(struct ql_call *call, const GetQuestRequest *in,
 *                                     GetQuestResponse *out);
 *   QL_RPC_HANDLER(quest_rpc_get, GetQuestRequest, GetQuestResponse)
 *   const struct ql_rpc_method quest_query_methods[] = {
 *       QL_RPC_METHOD("questline.catalog.v1.QuestQueryService/GetQuest", quest_rpc_get,
 *                     GetQuestRequest, GetQuestResponse, QL_LANE_NORMAL),
 *       {0},
 *   };
 *
 * The macro checks the handler's types at compile time, the server checks the
 * messages' names against the contract when it starts. `out` is initialised;
 * what it points to must live in the call's arena. */
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
 * a thread that may block; a call that was gathered is sent again alone for that. */
typedef bool ql_rpc_fast_handler(struct ql_call *call, const void *in,
                                 struct ql_rpc_bytes *ret_out);

/* Where a method runs. Methods with the contract's `fast` option and without a fast
 * handler run on nng's callback whatever is said here, and must never block. */
enum ql_lane {
    QL_LANE_NORMAL = 0, /* the worker threads */
    QL_LANE_HEAVY,      /* one thread per core, for password hashing */
};

struct ql_rpc_method {
    const char *name; /* NULL ends a list */
    ql_rpc_handler *handler;
    const ProtobufCMessageDescriptor *input;
    const ProtobufCMessageDescriptor *output;
    enum ql_lane lane;
    ql_rpc_fast_handler *fast; /* NULL: there is only the handler */
};

#define QL_RPC_HANDLER(function, Input, Output)                                                    \
    static enum ql_code function##_checked(struct ql_call *call, const void *in, void *out)        \
    {                                                                                              \
        return function(call, (const Input *)in, (Output *)out);                                   \
    }

#define QL_RPC_METHOD(name, function, Input, Output, lane)                                         \
    {                                                                                              \
        (name), function##_checked, &Input##_descriptor, &Output##_descriptor, (lane), NULL        \
    }

/* The same with a fast handler: bool quest_rpc_peek(struct ql_call *call,
 * const GetQuestRequest *in, struct ql_rpc_bytes *ret_out). */
#define QL_RPC_FAST_HANDLER(function, Input)                                                       \
    static bool function##_checked(struct ql_call *call, const void *in,                           \
                                   struct ql_rpc_bytes *ret_out)                                   \
    {                                                                                              \
        return function(call, (const Input *)in, ret_out);                                         \
    }

#define QL_RPC_FAST_METHOD(name, fast_function, function, Input, Output, lane)                     \
    {                                                                                              \
        (name), function##_checked, &Input##_descriptor, &Output##_descriptor, (lane),             \
            fast_function##_checked                                                                \
    }

#endif
