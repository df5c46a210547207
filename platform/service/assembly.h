/* The inside of a service: its settings, its parts and what starts them. Lives
 * on the stack of ql_service_main. */
#ifndef QL_SERVICE_ASSEMBLY_H
#define QL_SERVICE_ASSEMBLY_H

#include "platform/ops/ops.h"
#include "platform/process/process.h"
#include "platform/rpc/server/server.h"
#include "platform/service/callees.h"
#include "platform/service/readiness.h"
#include "platform/service/revocation_watch.h"
#include "platform/service/service.h"

enum { QLI_SUBSCRIPTIONS_MAX = 8 };

struct qli_redis_settings {
    char *url;
};

extern const struct ql_setting qli_redis_settings_table[];

struct qli_service_settings {
    char *rpc_address;
    char *ops_address;
    char *pg_url;
    char *pg_owner_url;
    int64_t pg_connections;
    char *amqp_url;
    int64_t consumer_patience_ms;
    char *jwks_file;
    int64_t clock_skew_ms;
    char *key_file;
    int64_t workers;
    int64_t heavy_workers;
    int64_t heavy_queue;
};

extern const struct ql_setting qli_service_settings_table[];

struct qli_assembly {
    const struct ql_service *service;
    struct ql_process_settings process;
    struct qli_service_settings settings;
    struct ql_limits_settings limits;
    struct qli_callees_settings callees;
    struct qli_redis_settings redis;
    struct ql_ops *ops;
    struct qli_readiness *readiness;
    struct qli_revocation_watch *revocations;
    struct ql_rpc_server *rpc;
    struct ql_consumer *consumers[QLI_SUBSCRIPTIONS_MAX];
};

#endif
