/* Starting the parts of the gateway, and stopping them in the opposite order. */
#include "gateway/assembly.h"

#include <stdio.h>

#include "gateway/backend.h"
#include "gateway/document.h"
#include "gateway/key_document.h"
#include "gateway/metrics.h"
#include "gateway/well_known.h"
#include "gateway/server.h"
#include "gateway/token_pool.h"

/* The audience of tokens for the gateway itself. No service signs such a token: the gateway
 * verifies tokens of accounts only. */
#define GATEWAY_AUDIENCE "gateway"

enum { ERROR_SIZE = 256 };

/* generated/openapi.json, which tools/ql-openapi writes: generated/CMakeLists.txt. */
extern const unsigned char ql_openapi_document[];
extern const size_t ql_openapi_document_length;

static bool start_parts(struct gateway *gateway, char *error, size_t size)
{
    const struct gateway_settings *settings = &gateway->settings;
    int64_t max_in_flight = settings->max_in_flight * server_loop_count(settings);

    if (!trusted_proxies_read(settings->trusted_proxies, &gateway->proxies)) {
        snprintf(error, size, "QL_TRUSTED_PROXIES: \"%s\" is not a list of up to %d networks",
                 settings->trusted_proxies, TRUSTED_PROXIES_MAX);
        return false;
    }
    gateway->routes = ql_routes_new(ql_schema_embedded(), error, size);
    if (gateway->routes == NULL)
        return false;
    gateway->openapi = document_new((const char *)ql_openapi_document, ql_openapi_document_length);
    gateway->verifier = ql_verifier_new(GATEWAY_AUDIENCE, settings->jwks_file, error, size);
    if (gateway->verifier == NULL)
        return false;
    ql_verifier_set_clock_skew(gateway->verifier, settings->clock_skew_ms);
    gateway->keys = key_document_new(gateway->verifier);
    gateway->limits = ql_limits_new(&gateway->limits_settings);
    if (gateway->openapi == NULL || gateway->keys == NULL || gateway->limits == NULL) {
        snprintf(error, size, "out of memory");
        return false;
    }
    gateway->backends = backends_new(gateway->backend_settings, max_in_flight, error, size);
    if (gateway->backends == NULL)
        return false;
    gateway->token_pool = token_pool_new(gateway->verifier, error, size);
    if (gateway->token_pool == NULL)
        return false;
    gateway->server = server_start(gateway, error, size);
    if (gateway->server == NULL)
        return false;
    /* Last, since clients connect once /readyz answers "ready". */
    gateway->ops = ql_ops_start(settings->ops_address, well_known_is_ready, gateway, error, size);
    return gateway->ops != NULL;
}

enum ql_code gateway_start(struct ql_call *call, void *context)
{
    struct gateway *gateway = context;
    char error[ERROR_SIZE] = "";

    ql_metrics_register(gateway_metrics, GATEWAY_METRICS_COUNT);
    gateway->is_local = gateway->process.mode != NULL && ql_process_is_local(&gateway->process);
    if (start_parts(gateway, error, sizeof(error)))
        return QL_OK;
    gateway_stop(gateway); /* the process does not stop a part whose start failed */
    return ql_fail(call, QL_FAILED_PRECONDITION, "GATEWAY_NOT_STARTED", "%s", error);
}

/* Leaves a quarter of the process's time for cutting the remaining connections and for the
 * stop. */
void gateway_drain(void *context)
{
    struct gateway *gateway = context;

    atomic_store(&gateway->is_draining, true);
    server_drain(gateway->server, gateway->process.drain_timeout_ms * 3 / 4);
}

/* The server stops first: token pool and channels post to its loops. */
void gateway_stop(void *context)
{
    struct gateway *gateway = context;

    atomic_store(&gateway->is_draining, true);
    server_stop(gateway->server);
    gateway->server = NULL;
    ql_ops_stop(gateway->ops);
    gateway->ops = NULL;
    token_pool_free(gateway->token_pool);
    gateway->token_pool = NULL;
    backends_free(gateway->backends);
    gateway->backends = NULL;
    key_document_free(gateway->keys);
    gateway->keys = NULL;
    ql_verifier_free(gateway->verifier);
    gateway->verifier = NULL;
    ql_limits_free(gateway->limits);
    gateway->limits = NULL;
    document_release(gateway->openapi);
    gateway->openapi = NULL;
    ql_routes_free(gateway->routes);
    gateway->routes = NULL;
}

/* Returns an exit status. */
static int print_bytes(const void *bytes, size_t length)
{
    return fwrite(bytes, 1, length, stdout) == length && fflush(stdout) == 0 ? 0 : 1;
}

int gateway_print_routes(struct ql_call *call, void *context)
{
    enum { TEXT_BYTES = 1024 * 1024 };
    char error[ERROR_SIZE];
    struct ql_routes *routes = ql_routes_new(ql_schema_embedded(), error, sizeof(error));
    QL_CLEANUP(ql_buffer_done) struct ql_buffer text = {0};

    (void)call;
    (void)context;
    if (routes == NULL) {
        fprintf(stderr, "%s\n", error);
        return 1;
    }
    ql_buffer_init(&text, TEXT_BYTES);
    ql_routes_print(routes, &text);
    ql_routes_free(routes);
    return text.failed ? 1 : print_bytes(text.data, text.length);
}

int gateway_print_openapi(struct ql_call *call, void *context)
{
    (void)call;
    (void)context;
    return print_bytes(ql_openapi_document, ql_openapi_document_length);
}
