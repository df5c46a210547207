/* Keys, ports, a service, a gateway. */
#include "gateway/testing/test_stack.h"

#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include "gateway/assembly.h"
#include "gateway/backend_settings.h"
#include "gateway/server.h"
#include "gateway/testing/fake_services.h"
#include "platform/auth/key.h"
#include "platform/base/arena.h"
#include "platform/base/log.h"

static int free_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t length = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &length), 0);
    close(fd);
    return ntohs(address.sin_port);
}

static void make_keys(struct test_stack *stack)
{
    char jwk[1024], error[256] = "";
    FILE *file;

    snprintf(stack->folder, sizeof(stack->folder), "/tmp/ql-gateway-test-XXXXXX");
    assert_non_null(mkdtemp(stack->folder));
    snprintf(stack->key_file, sizeof(stack->key_file), "%s/" FAKE_SERVICE ".pem", stack->folder);
    snprintf(stack->jwks_file, sizeof(stack->jwks_file), "%s/jwks.json", stack->folder);
    if (!ql_key_make(FAKE_SERVICE, stack->key_file, jwk, sizeof(jwk), error, sizeof(error)))
        fail_msg("%s", error);
    file = fopen(stack->jwks_file, "w");
    assert_non_null(file);
    assert_true(fprintf(file, "{\"keys\":[%s]}\n", jwk) > 0);
    assert_int_equal(fclose(file), 0);
}

static void set_backends(struct test_stack *stack)
{
    struct backend_settings *backends = backend_settings_new(ql_schema_embedded());

    assert_non_null(backends);
    for (size_t i = 0; i < backends->n; i++)
        backends->addresses[i] = strcmp(backends->names[i], FAKE_SERVICE) == 0
                                     ? stack->service_address
                                     : stack->closed_address;
    stack->gateway.backend_settings = backends;
}

void test_stack_init(struct test_stack *stack)
{
    memset(stack, 0, sizeof(*stack));
    signal(SIGPIPE, SIG_IGN);
    ql_log_setup("gateway-test", QL_LOG_ERROR);
    make_keys(stack);
    stack->ops_port = free_port();
    snprintf(stack->service_address, sizeof(stack->service_address), "tcp://127.0.0.1:%d",
             free_port());
    snprintf(stack->closed_address, sizeof(stack->closed_address), "tcp://127.0.0.1:%d",
             free_port());
    snprintf(stack->ops_address, sizeof(stack->ops_address), "127.0.0.1:%d", stack->ops_port);
    snprintf(stack->http_address, sizeof(stack->http_address), "127.0.0.1:0");
    set_backends(stack);
    stack->gateway.process.drain_timeout_ms = 10000;
    stack->gateway.settings = (struct gateway_settings){
        .http_address = stack->http_address,
        .https_address = stack->https_address,
        .tls_cert_file = stack->tls_cert_file,
        .tls_key_file = stack->tls_key_file,
        .http2 = true,
        .http_hosts = stack->http_hosts,
        .cors_origins = stack->cors_origins,
        .trusted_proxies = stack->trusted_proxies,
        .answer_timeout_ms = 10000,
        .max_header_bytes = 32768,
        .max_held_bytes = 256 * 1024 * 1024,
        .ops_address = stack->ops_address,
        .jwks_file = stack->jwks_file,
        .loops = 2,
        .max_connections = 1000,
        .max_in_flight = 100,
        .request_timeout_ms = 10000,
        .max_body_bytes = 10000,
        .http_idle_timeout_ms = 10000,
    };
}

static void start_service(struct test_stack *stack)
{
    struct ql_rpc_server_options options = {
        .service = FAKE_SERVICE,
        .address = stack->service_address,
        .methods = fake_user_methods,
        .n_workers = 4,
        .n_heavy_workers = 1,
        .heavy_queue = 4,
    };
    char error[256] = "";

    stack->signer =
        ql_signer_new(FAKE_SERVICE, stack->key_file, stack->jwks_file, error, sizeof(error));
    if (stack->signer == NULL)
        fail_msg("%s", error);
    stack->verifier = ql_verifier_new(FAKE_SERVICE, stack->jwks_file, error, sizeof(error));
    if (stack->verifier == NULL)
        fail_msg("%s", error);
    options.verifier = stack->verifier;
    stack->service = ql_rpc_server_start(&options, error, sizeof(error));
    if (stack->service == NULL)
        fail_msg("%s", error);
}

void test_stack_start(struct test_stack *stack)
{
    QL_CLEANUP(ql_arena_freep) struct ql_arena *arena = ql_arena_new(65536);
    struct ql_call call;

    fake_gate_shut();
    start_service(stack);
    ql_call_init(&call, arena, "test", 10000);
    if (gateway_start(&call, &stack->gateway) != QL_OK)
        fail_msg("%s", call.status.message);
    stack->port = server_port(stack->gateway.server);
}

void test_stack_stop(struct test_stack *stack)
{
    fake_gate_open();
    gateway_stop(&stack->gateway);
    backend_settings_free(stack->gateway.backend_settings);
    ql_rpc_server_stop(stack->service);
    ql_verifier_free(stack->verifier);
    ql_signer_free(stack->signer);
    unlink(stack->key_file);
    unlink(stack->jwks_file);
    rmdir(stack->folder);
}

const char *test_stack_authorization(struct test_stack *stack, enum ql_role role)
{
    static char field[QL_TOKEN_MAX + 64];
    QL_CLEANUP(ql_arena_freep) struct ql_arena *arena = ql_arena_new(65536);
    char token[QL_TOKEN_MAX];
    struct ql_call call;

    ql_call_init(&call, arena, "test", 10000);
    if (ql_sign_user_token(&call, stack->signer, "0198c0de-0000-7000-8000-000000000001", role,
                           token) != QL_OK)
        fail_msg("%s", call.status.message);
    snprintf(field, sizeof(field), "Authorization: Bearer %s\r\n", token);
    return field;
}
