/* Who calls: a token that was given, a user who signs in, an operator's own key,
 * or nobody. */
#ifndef QUESTCTL_IDENTITY_H
#define QUESTCTL_IDENTITY_H

#include <stddef.h>
#include <stdint.h>

#include "platform/auth/signer.h"
#include "platform/base/call.h"
#include "tools/questctl/options.h"
#include "tools/questctl/stack.h"

struct identity {
    const char *user;     /* who signs in; NULL: nobody */
    const char *password; /* "" : asked for */
    const char *users;    /* where the user service is */
    char typed[256];
    char token[QL_TOKEN_MAX]; /* given, or of the sign-in */
    int64_t renew_at_ms;      /* monotonic; when a sign-in's token is half spent */
    struct ql_signer *signer; /* NULL: no key */
};

/* Chooses: --token, --login, --key, QL_TOKEN, QL_KEY_FILE. Signs nobody in yet.
 * False with a text in error. */
bool identity_open(struct identity *identity, const struct options *options,
                   const struct stack *stack, char *error, size_t error_size);
void identity_close(struct identity *identity);

/* The token for a call to a service; "" for nobody. Signs in when it must. */
enum ql_code identity_token(struct ql_call *call, struct identity *identity, const char *service,
                            char ret_token[QL_TOKEN_MAX]) QL_MUST_CHECK;

#endif
