/* The gateway: JSON over HTTP outside, protobuf over nng inside.
 *
 *   main -> assembly -> server -> loop -> pipeline -> the steps of a request
 *                                                  -> reply -> access_log
 *
 * One struct holds the state that all parts share; gateway_start fills it, all threads read
 * it, and only is_draining changes afterwards. */
#ifndef QL_GATEWAY_GATEWAY_H
#define QL_GATEWAY_GATEWAY_H

#include <stdatomic.h>
#include <stdbool.h>

#include "gateway/client_address.h"
#include "gateway/forwarded_warning.h"
#include "gateway/settings.h"
#include "platform/auth/verifier.h"
#include "platform/limits/limits.h"
#include "platform/ops/ops.h"
#include "platform/pb/route/route.h"
#include "platform/process/description.h"

struct backend_settings;
struct backends;
struct document;
struct key_document;
struct token_pool;
struct server;

struct gateway {
    struct ql_process_settings process;
    struct gateway_settings settings;
    struct ql_limits_settings limits_settings;
    struct backend_settings *backend_settings;
    struct trusted_proxies proxies;
    struct forwarded_warning forwarded_warning;
    struct ql_routes *routes;
    struct document *openapi; /* the body of GET /openapi.json */
    struct ql_verifier *verifier;
    struct key_document *keys;
    struct ql_limits *limits;
    struct backends *backends;
    struct token_pool *token_pool;
    struct server *server;
    struct ql_ops *ops;
    bool is_local; /* QL_MODE */
    _Atomic bool is_draining;
};

#endif
