/* HealthService, which every server answers. */
#ifndef QL_RPC_HEALTH_H
#define QL_RPC_HEALTH_H

#include <stdatomic.h>
#include <stdbool.h>

#include "platform/rpc/server/method.h"

struct qli_health {
    const char *service;
    bool (*is_serving)(void *argument); /* NULL: always */
    void *is_serving_argument;
    atomic_bool is_draining;
};

/* Their call->app is a struct qli_health. */
extern const struct ql_rpc_method qli_health_methods[];

#endif
