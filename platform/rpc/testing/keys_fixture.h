/* For the tests of the module: keys, tokens, and a free port.
 *
 * The service "user" and an operator have keys; the verifier is user's. */
#ifndef QL_RPC_KEYS_FIXTURE_H
#define QL_RPC_KEYS_FIXTURE_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "platform/auth/key.h"
#include "platform/auth/signer.h"
#include "platform/auth/verifier.h"

#define FIXTURE_USER_ID  "0192d3a4-0000-7000-8000-000000000001"
#define FIXTURE_ADMIN_ID "0192d3a4-0000-7000-8000-00000000000a"
#define FIXTURE_OTHER_ID "0192d3a4-0000-7000-8000-000000000002"

enum { FIXTURE_PATH_SIZE = 128, FIXTURE_ADDRESS_SIZE = 64 };

struct keys_fixture {
    char folder[FIXTURE_PATH_SIZE / 2];
    char user_key[FIXTURE_PATH_SIZE], operator_key[FIXTURE_PATH_SIZE], jwks[FIXTURE_PATH_SIZE];
    struct ql_signer *user, *operator;
    struct ql_verifier *verifier;
    char user_token[QL_TOKEN_MAX], admin_token[QL_TOKEN_MAX], service_token[QL_TOKEN_MAX];
    struct ql_arena *arena;
};

static inline void fixture_must(bool holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "fixture: %s\n", what);
        abort();
    }
}

static inline void keys_write_jwks(struct keys_fixture *keys)
{
    char user_jwk[1024], operator_jwk[1024], error[256] = "";
    FILE *file;

    fixture_must(
        ql_key_make("user", keys->user_key, user_jwk, sizeof(user_jwk), error, sizeof(error)) &&
            ql_key_make(QL_OPERATOR_ISSUER, keys->operator_key, operator_jwk, sizeof(operator_jwk),
                        error, sizeof(error)),
        error);
    file = fopen(keys->jwks, "w");
    fixture_must(file != NULL, "cannot write the JWKS file");
    fprintf(file, "{\"keys\":[%s,%s]}", user_jwk, operator_jwk);
    fclose(file);
}

static inline void keys_sign_tokens(struct keys_fixture *keys)
{
    struct ql_call call;

    ql_call_init(&call, keys->arena, "fixture", 10000);
    fixture_must(
        ql_sign_user_token(&call, keys->user, FIXTURE_USER_ID, QL_ROLE_USER, keys->user_token) ==
                QL_OK &&
            ql_sign_user_token(&call, keys->user, FIXTURE_ADMIN_ID, QL_ROLE_ADMIN,
                               keys->admin_token) == QL_OK &&
            ql_sign_service_token(&call, keys->operator, "user", keys->service_token) == QL_OK,
        call.status.message);
}

static inline void keys_set_up(struct keys_fixture *keys)
{
    char error[256] = "";

    memset(keys, 0, sizeof(*keys));
    snprintf(keys->folder, sizeof(keys->folder), "/tmp/ql-rpc-test-XXXXXX");
    fixture_must(mkdtemp(keys->folder) != NULL, "mkdtemp");
    snprintf(keys->user_key, sizeof(keys->user_key), "%s/user.pem", keys->folder);
    snprintf(keys->operator_key, sizeof(keys->operator_key), "%s/operator.pem", keys->folder);
    snprintf(keys->jwks, sizeof(keys->jwks), "%s/jwks.json", keys->folder);
    keys_write_jwks(keys);
    keys->arena = ql_arena_new(1024 * 1024);
    keys->user = ql_signer_new("user", keys->user_key, keys->jwks, error, sizeof(error));
    fixture_must(keys->user != NULL, error);
    keys->operator=
        ql_signer_new(QL_OPERATOR_ISSUER, keys->operator_key, keys->jwks, error, sizeof(error));
    fixture_must(keys->operator!= NULL, error);
    keys->verifier = ql_verifier_new("user", keys->jwks, error, sizeof(error));
    fixture_must(keys->verifier != NULL, error);
    keys_sign_tokens(keys);
}

static inline void keys_tear_down(struct keys_fixture *keys)
{
    ql_verifier_free(keys->verifier);
    ql_signer_free(keys->user);
    ql_signer_free(keys->operator);
    ql_arena_free(keys->arena);
    unlink(keys->user_key);
    unlink(keys->operator_key);
    unlink(keys->jwks);
    rmdir(keys->folder);
}

/* A port of loopback that was free a moment ago. */
static inline void fixture_free_address(char ret_address[FIXTURE_ADDRESS_SIZE])
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof(in);
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    fixture_must(bind(fd, (struct sockaddr *)&in, sizeof(in)) == 0 &&
                     getsockname(fd, (struct sockaddr *)&in, &size) == 0,
                 "no free port");
    close(fd);
    snprintf(ret_address, FIXTURE_ADDRESS_SIZE, "tcp://127.0.0.1:%d", ntohs(in.sin_port));
}

#endif
