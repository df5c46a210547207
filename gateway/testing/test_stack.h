/* A gateway in this process, before a fake service (fake_services.h), with keys of its
 * own. Nothing listens at the addresses of the other backends. */
#ifndef QL_GATEWAY_TESTING_TEST_STACK_H
#define QL_GATEWAY_TESTING_TEST_STACK_H

#include "gateway/gateway.h"
#include "platform/auth/signer.h"
#include "platform/auth/verifier.h"
#include "platform/rpc/server/server.h"

struct test_stack {
    struct gateway gateway;
    int port;
    int ops_port;
    char folder[64];
    char key_file[128];
    char jwks_file[128];
    char service_address[64];
    char closed_address[64];
    char ops_address[64];
    char http_address[32];
    char https_address[32]; /* as the next two, empty unless a test fills it */
    char tls_cert_file[128];
    char tls_key_file[128];
    char http_hosts[64];
    char cors_origins[64];
    char trusted_proxies[64];
    struct ql_signer *signer;
    struct ql_verifier *verifier; /* the fake service's */
    struct ql_rpc_server *service;
};

/* Settings that suit tests; change them before the start. */
void test_stack_init(struct test_stack *stack);
void test_stack_start(struct test_stack *stack);
void test_stack_stop(struct test_stack *stack);

/* "Authorization: Bearer ...\r\n" for a user with this role, in a static buffer. */
const char *test_stack_authorization(struct test_stack *stack, enum ql_role role);

#endif
