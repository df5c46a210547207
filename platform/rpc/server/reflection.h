/* ReflectionService, which every server answers. */
#ifndef QL_RPC_REFLECTION_H
#define QL_RPC_REFLECTION_H

#include "platform/rpc/server/method.h"
#include "platform/rpc/server/method_table.h"

struct qli_reflection {
    const char *service;
    const struct qli_method_table *table;
};

/* Their call->app is a struct qli_reflection. */
extern const struct ql_rpc_method qli_reflection_methods[];

#endif
