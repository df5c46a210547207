/* Threads that verify tokens which are not cached: that takes some 100 microseconds and may
 * read the key file, too long for an event loop. */
#ifndef QL_GATEWAY_TOKEN_POOL_H
#define QL_GATEWAY_TOKEN_POOL_H

#include <stdbool.h>
#include <stddef.h>

#include "platform/auth/verifier.h"

struct token_pool;
struct token_check;

/* Called once, on a thread of the pool, when identity and status are filled. */
typedef void token_check_done(struct token_check *check);

struct token_check {
    char token[QL_TOKEN_MAX];
    struct ql_identity identity;
    struct ql_status status; /* QL_OK: the identity is valid */
    token_check_done *done;
};

/* NULL with a text in error. verifier must outlive the pool. */
struct token_pool *token_pool_new(struct ql_verifier *verifier, char *error, size_t error_size);
/* Finishes the checks that wait, then ends the threads. NULL is fine. */
void token_pool_free(struct token_pool *pool);

/* Queues a check, which belongs to the pool until done is called. False, and no
 * call of done, when too many wait. Any thread. */
bool token_pool_submit(struct token_pool *pool, struct token_check *check) QL_MUST_CHECK;

#endif
