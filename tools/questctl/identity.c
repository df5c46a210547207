/* Tokens: given, got by signing in, or signed here. */
#include "tools/questctl/identity.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "platform/auth/key.h"
#include "platform/base/clock.h"
#include "platform/rpc/client/unary_call.h"
#include "questline/user/v1/client.h"

/* The key's file is named after its issuer: questctl.pem. */
static bool issuer_of(const char *key_file, char ret_issuer[QL_ISSUER_MAX])
{
    const char *slash = strrchr(key_file, '/'), *name = slash == NULL ? key_file : slash + 1;
    const char *dot = strrchr(name, '.');
    int length = (int)(dot == NULL ? strlen(name) : (size_t)(dot - name));

    return snprintf(ret_issuer, QL_ISSUER_MAX, "%.*s", length, name) < QL_ISSUER_MAX &&
           ql_issuer_is_valid(ret_issuer);
}

static bool use_key(struct identity *identity, const char *key_file, const struct stack *stack,
                    char *error, size_t error_size)
{
    char issuer[QL_ISSUER_MAX];

    if (stack->jwks_file[0] == '\0') {
        snprintf(error, error_size, "a key needs QL_JWKS_FILE, where its public half stands");
        return false;
    }
    if (!issuer_of(key_file, issuer)) {
        snprintf(error, error_size, "%.200s is not named after its issuer", key_file);
        return false;
    }
    identity->signer = ql_signer_new(issuer, key_file, stack->jwks_file, error, error_size);
    return identity->signer != NULL;
}

static bool use_token(struct identity *identity, const char *token, char *error, size_t error_size)
{
    if (snprintf(identity->token, sizeof(identity->token), "%s", token) < QL_TOKEN_MAX)
        return true;
    snprintf(error, error_size, "the token is too long");
    return false;
}

bool identity_open(struct identity *identity, const struct options *options,
                   const struct stack *stack, char *error, size_t error_size)
{
    const struct stack_service *users = stack_service_find(stack, "user");

    memset(identity, 0, sizeof(*identity));
    if (options->token != NULL)
        return use_token(identity, options->token, error, error_size);
    if (options->login != NULL) {
        identity->user = options->login;
        identity->password = stack->password;
        identity->users = users == NULL ? "" : users->addresses;
        if (users == NULL)
            snprintf(error, error_size, "to sign in, the user service is needed: QL_USER_ADDRESS");
        return users != NULL;
    }
    if (options->key != NULL)
        return use_key(identity, options->key, stack, error, error_size);
    if (stack->token[0] != '\0')
        return use_token(identity, stack->token, error, error_size);
    if (stack->key_file[0] != '\0')
        return use_key(identity, stack->key_file, stack, error, error_size);
    return true;
}

void identity_close(struct identity *identity)
{
    ql_signer_free(identity->signer);
    explicit_bzero(identity, sizeof(*identity));
}

/* From the terminal, without showing it. */
static enum ql_code ask_password(struct ql_call *call, struct identity *identity)
{
    int fd = open("/dev/tty", O_RDWR | O_CLOEXEC);
    struct termios shown, hidden;
    ssize_t n;

    if (fd < 0 || tcgetattr(fd, &shown) != 0) {
        if (fd >= 0)
            close(fd);
        return ql_fail(call, QL_UNAUTHENTICATED, "PASSWORD_MISSING",
                       "there is no terminal to ask for the password: set QL_PASSWORD");
    }
    hidden = shown;
    hidden.c_lflag &= ~(tcflag_t)ECHO;
    dprintf(fd, "Password of %s: ", identity->user);
    tcsetattr(fd, TCSAFLUSH, &hidden);
    n = read(fd, identity->typed, sizeof(identity->typed) - 1);
    tcsetattr(fd, TCSAFLUSH, &shown);
    dprintf(fd, "\n");
    close(fd);
    identity->typed[n > 0 ? n : 0] = '\0';
    identity->typed[strcspn(identity->typed, "\n")] = '\0';
    identity->password = identity->typed;
    return QL_OK;
}

static enum ql_code create_session(struct ql_call *call, struct identity *identity,
                                   struct ql_rpc_channel *channel)
{
    CreateSessionResponse *out;
    CreateSessionRequest in;
    enum ql_code rc;

    CreateSessionRequest_init(&in);
    in.user_name = (char *)(uintptr_t)identity->user;
    in.password = (char *)(uintptr_t)identity->password;
    rc = session_service_create_session_as(call, channel, "", &in, &out);
    if (rc != QL_OK)
        return rc;
    if (snprintf(identity->token, sizeof(identity->token), "%s", out->access_token) >= QL_TOKEN_MAX)
        return ql_fail(call, QL_INTERNAL, "BAD_REPLY", "the token is too long");
    identity->renew_at_ms = ql_monotonic_ms() + (int64_t)out->expires_in * 1000 / 2;
    return QL_OK;
}

static enum ql_code sign_in(struct ql_call *call, struct identity *identity)
{
    struct ql_rpc_channel *channel;
    char error[QL_MESSAGE_MAX] = "";
    enum ql_code rc = QL_OK;

    if (identity->password[0] == '\0')
        rc = ask_password(call, identity);
    if (rc != QL_OK)
        return rc;
    channel = ql_rpc_channel_new(&(const struct ql_rpc_channel_options){.service = "user",
                                                                        .address = identity->users,
                                                                        .max_in_flight = 1},
                                 error, sizeof(error));
    if (channel == NULL)
        return ql_fail(call, QL_FAILED_PRECONDITION, "BAD_ADDRESS", "%s", error);
    rc = create_session(call, identity, channel);
    ql_rpc_channel_free(channel);
    return rc;
}

enum ql_code identity_token(struct ql_call *call, struct identity *identity, const char *service,
                            char ret_token[QL_TOKEN_MAX])
{
    if (identity->signer != NULL)
        return ql_sign_service_token(call, identity->signer, service, ret_token);
    if (identity->user != NULL && ql_monotonic_ms() >= identity->renew_at_ms) {
        enum ql_code rc = sign_in(call, identity);

        if (rc != QL_OK)
            return rc;
    }
    memcpy(ret_token, identity->token, sizeof(identity->token));
    return QL_OK;
}
