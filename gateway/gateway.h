/* The gateway: JSON over HTTP outside, protobuf over nng inside.
 *
 *   server -> request -> (token_pool) -> backend -> reply -> access_log
 *
 * One struct holds what every part shares; it is filled by gateway_start, read
 * by all threads, and changed by none of them but for is_draining. */
#ifndef QL_GATEWAY_GATEWAY_H
#define QL_GATEWAY_GATEWAY_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "gateway/client_address.h"
#include "gateway/forwarded_warning.h"
#include "platform/auth/token.h"
#include "platform/base/call.h"
#include "platform/base/settings.h"
#include "platform/limits/limits.h"
#include "platform/ops/ops.h"
#include "platform/pb/route.h"
#include "platform/process/process.h"

struct gateway_settings {
    char *http_address;
    char *https_address; /* "": no TLS */
    char *tls_cert_file;
    char *tls_key_file;
    bool http2;
    char *http_hosts;      /* "": loopback names in local mode, else any */
    char *cors_origins;    /* "": off */
    char *trusted_proxies; /* "": none */
    char *ops_address;
    char *jwks_file;
    int64_t clock_skew_ms;
    int64_t loops; /* 0: one per core */
    int64_t max_connections;
    int64_t max_in_flight; /* of one loop */
    int64_t request_timeout_ms;
    int64_t answer_timeout_ms;
    int64_t max_header_bytes;
    int64_t max_body_bytes;
    int64_t max_held_bytes;
    int64_t http_idle_timeout_ms;
};

extern const struct ql_setting gateway_settings_table[];

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
    struct document *openapi; /* what GET /openapi.json answers */
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

/* The three phases of the one part that main.c runs; context is the gateway,
 * its settings filled. Stopping is also right after a failed start. */
enum ql_code gateway_start(struct ql_call *call, void *context) QL_MUST_CHECK;
void gateway_drain(void *context);
void gateway_stop(void *context);

/* Prints the routes of the contract to standard output: the --routes flag. */
int gateway_print_routes(struct ql_call *call, void *context);

/* Prints the description of the API to standard output: the --openapi flag. */
int gateway_print_openapi(struct ql_call *call, void *context);

#endif
