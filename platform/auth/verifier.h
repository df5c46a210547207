/* Verifying tokens. */
#ifndef QL_AUTH_VERIFIER_H
#define QL_AUTH_VERIFIER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platform/auth/token.h"
#include "platform/base/buffer.h"
#include "platform/base/call.h"

struct ql_verifier;

/* audience is the verifying service's name; tokens of accounts are accepted by all
 * services. Caches up to 4096 verified tokens until they expire, and checks the JWKS file
 * for changes at most once a second. NULL with a text in error. */
struct ql_verifier *ql_verifier_new(const char *audience, const char *jwks_file, char *error,
                                    size_t error_size);
void ql_verifier_free(struct ql_verifier *verifier);

/* The difference that the clocks of signing and verifying machines may have: a token is
 * accepted that much before its time of issue and after its expiry. 5 s unless set; rounded
 * up to whole seconds. Call it before the first check. */
void ql_verifier_set_clock_skew(struct ql_verifier *verifier, int64_t skew_ms);

/* Refuses tokens of an account, or of a session, of an earlier generation than this one,
 * for as long as such a token can live. An id that is no UUID is ignored. Calls may come in
 * any order and repeatedly: the highest generation counts. Any thread. */
void ql_verifier_revoke(struct ql_verifier *verifier, const char *id, int64_t generation);

/* Sets whether the revocations of the last minutes are known. A verifier for which this is
 * never called counts as knowing them. While they are unknown, tokens of administrators are
 * refused, since one might have been revoked; those of players and game servers are
 * accepted. Any thread. */
void ql_verifier_set_knows_revocations(struct ql_verifier *verifier, bool knows);

/* Verifies a token and returns the identity that it names. UNAUTHENTICATED:
 * TOKEN_MALFORMED, TOKEN_EXPIRED, TOKEN_NOT_TRUSTED (signature, algorithm, kid, issuer,
 * audience, role), TOKEN_REVOKED; UNAVAILABLE (REVOCATIONS_UNKNOWN) for an administrator's
 * while revocations are unknown. Any thread. */
enum ql_code ql_verify_token(struct ql_call *call, struct ql_verifier *verifier, const char *token,
                             struct ql_identity *ret_identity) QL_MUST_CHECK;

/* Appends the public keys of all services as a JWKS (RFC 7517), for programs that verify
 * tokens themselves. Any thread; reads the file when it has changed. */
void ql_verifier_write_jwks(struct ql_verifier *verifier, struct ql_buffer *out);

/* The generation of the keys: another number after they changed. Any thread; reads the file
 * when it has changed. */
uint64_t ql_verifier_generation(struct ql_verifier *verifier);

/* Reads the cache only: true and the identity when this token was verified before, has not
 * expired and is not revoked. Never blocks long; for event loops. */
bool ql_verify_token_cached(struct ql_verifier *verifier, const char *token,
                            struct ql_identity *ret_identity);

#endif
