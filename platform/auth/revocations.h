/* Tokens that are refused before they expire: a bounded table in memory of accounts and
 * sessions, each with the first generation of tokens that is valid.
 *
 * The tokens of an account have a generation: a ban, a lost role, a new password or a
 * deletion starts the next one, in the transaction of the change. So no clock decides
 * which token is older, and a sign-in within the same millisecond gives a token of the new
 * generation. A session that ended has no valid generation.
 *
 * An entry expires with the last token that it refuses. When the table is full, all tokens
 * issued up to that second are refused and the entries are dropped: each client then
 * refreshes its session once, and no revoked token is accepted. Any thread. */
#ifndef QL_AUTH_REVOCATIONS_H
#define QL_AUTH_REVOCATIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platform/base/call.h"

enum { QLI_REVOCATIONS_MAX = 262144 }; /* in a table of 32 bytes for twice as many */

struct qli_revocations;

struct qli_revocations *qli_revocations_new(void); /* NULL without memory */
void qli_revocations_free(struct qli_revocations *revocations);

/* Tokens of this account or session of a generation before this one are refused
 * until forget_ms (Unix time). The highest generation counts. An id that is no UUID is
 * ignored. */
void qli_revocations_put(struct qli_revocations *revocations, const char *id, int64_t generation,
                         int64_t forget_ms);

/* Whether a token of this identity is refused. */
bool qli_revocations_hit(struct qli_revocations *revocations, const struct ql_identity *identity);

#endif
