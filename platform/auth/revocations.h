/* Which tokens are refused before they expire: a bounded table in memory of
 * accounts and sessions, each with the first generation of tokens that is good.
 *
 * An account's tokens are counted in generations: a ban, a lost role, a new
 * password or a deletion begins the next one, in the transaction that does it. So
 * no clock decides which token is older, and who signs in again in the same
 * millisecond gets a token of the new generation. A session that ended has no good
 * generation any more.
 *
 * An entry is forgotten when no token that it refuses can live any longer. When the
 * table is full of others, everybody's tokens of up to that second are refused
 * instead and the entries are dropped: each client refreshes its session once, and
 * nothing that was revoked is let in. Any thread. */
#ifndef QL_AUTH_REVOCATIONS_H
#define QL_AUTH_REVOCATIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platform/base/call.h"

enum { QLI_REVOCATIONS_MAX = 262144 }; /* entries of 32 bytes each, twice as many places */

struct qli_revocations;

struct qli_revocations *qli_revocations_new(void); /* NULL without memory */
void qli_revocations_free(struct qli_revocations *revocations);

/* Tokens of this account or session of a generation before this one are refused
 * until forget_ms (Unix time). The highest generation counts. What is no UUID names
 * nobody and is ignored. */
void qli_revocations_put(struct qli_revocations *revocations, const char *id, int64_t generation,
                         int64_t forget_ms);

/* Whether a token of this identity is refused. */
bool qli_revocations_hit(struct qli_revocations *revocations, const struct ql_identity *identity);

#endif
