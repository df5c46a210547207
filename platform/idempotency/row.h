/* What the row of a kept answer is named by, and what its request is known by.
 * Module-internal. */
#ifndef QL_IDEMPOTENCY_ROW_H
#define QL_IDEMPOTENCY_ROW_H

#include "platform/base/call.h"
#include "platform/base/digest.h"
#include "platform/idempotency/key.h"

enum { QLI_IDEMPOTENCY_DIGEST_SIZE = 2 * QL_KEYED_DIGEST_BYTES + 1 };

/* Places of the names among the parameters of statements; one more place is behind them. */
enum {
    QLI_IDEMPOTENCY_CALLER,
    QLI_IDEMPOTENCY_METHOD,
    QLI_IDEMPOTENCY_KEY,
    QLI_IDEMPOTENCY_NAMES,
};

/* Stays where it is while its parameters are used. */
struct qli_idempotency_row {
    const struct ql_idempotency_seal *seal; /* NULL: everything lies open */
    const char *parameters[QLI_IDEMPOTENCY_NAMES + 1];
    char caller[QLI_IDEMPOTENCY_DIGEST_SIZE];
    char key[QLI_IDEMPOTENCY_DIGEST_SIZE];
    char digest[QL_SHA256_HEX_SIZE]; /* what two equal requests have in common */
};

/* The row of a call with a key. RESOURCE_EXHAUSTED. */
enum ql_code qli_idempotency_name_row(struct ql_call *call, const struct ql_idempotency_seal *seal,
                                      struct qli_idempotency_row *ret_row) QL_MUST_CHECK;

/* The same with the digest of the request. INVALID_ARGUMENT names the Idempotency-Key. */
enum ql_code qli_idempotency_row_of_request(struct ql_call *call,
                                            const struct ql_idempotency_seal *seal,
                                            const void *request,
                                            struct qli_idempotency_row *ret_row) QL_MUST_CHECK;

/* What a sealed row has for its caller. */
enum ql_code qli_idempotency_caller_digest(struct ql_call *call,
                                           const struct ql_idempotency_seal *seal,
                                           char ret_hex[QLI_IDEMPOTENCY_DIGEST_SIZE]) QL_MUST_CHECK;

#endif
