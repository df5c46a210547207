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

#include <protobuf-c/protobuf-c.h>

#include "platform/base/call.h"

typedef enum ql_code ql_rpc_handler(struct ql_call *call, const void *in, void *out);

/* Where a method runs. Methods with the contract's `fast` option run on nng's
 * callback whatever is said here, and must never block. */
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
};

#define QL_RPC_HANDLER(function, Input, Output)                                                    \
    static enum ql_code function##_checked(struct ql_call *call, const void *in, void *out)        \
    {                                                                                              \
        return function(call, (const Input *)in, (Output *)out);                                   \
    }

#define QL_RPC_METHOD(name, function, Input, Output, lane)                                         \
    {                                                                                              \
        (name), function##_checked, &Input##_descriptor, &Output##_descriptor, (lane)              \
    }

#endif
