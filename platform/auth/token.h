/* Tokens: JWTs signed with ES256 (RFC 7519, RFC 7518), verified by every
 * process on its own.
 *
 * Each service has a key pair; the public keys of all lie in one JWKS file
 * (RFC 7517), re-read when it changes. A key's `kid` is "<issuer>-<digits>" and
 * is bound to that issuer: a key of catalog never verifies a token of user.
 * User tokens are issued by "user" only (role user or admin, or publisher for a
 * game server's account, with the event types it may publish in the claim
 * "evt"); they carry the generation of the account's tokens (claim "gen") and the
 * session they belong to ("sid"), by which they can be revoked before they expire.
 * A service signs its own tokens (iss = sub = its name, aud = the callee). */
#ifndef QL_AUTH_TOKEN_H
#define QL_AUTH_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platform/base/buffer.h"
#include "platform/base/call.h"

enum {
    QL_TOKEN_MAX = 2048,
    QL_EVENT_GRANT_SIZE = 256,
    QL_USER_TOKEN_LIFE_S = 600,
    QL_SERVICE_TOKEN_LIFE_S = 60,
};

#define QL_USER_AUDIENCE "questline"
#define QL_USER_ISSUER   "user"

/* Whose tokens are an operator's: of the command line, with a key of its own. */
#define QL_OPERATOR_ISSUER "questctl"

struct ql_signer;
struct ql_verifier;

/* Reads a PEM private key (P-256). issuer is the service's name; the kid is
 * found by the key's public half in the JWKS file. NULL with a text in error. */
struct ql_signer *ql_signer_new(const char *issuer, const char *key_file, const char *jwks_file,
                                char *error, size_t error_size);
void ql_signer_free(struct ql_signer *signer);

/* Signs a token with QL_USER_AUDIENCE for an account: a user (role QL_ROLE_USER or
 * QL_ROLE_ADMIN; event_grant NULL), or a game server's account (QL_ROLE_PUBLISHER),
 * which may publish events of the types in event_grant: types and prefixes ending in
 * ".*", by spaces, at most 255 bytes. Takes subject, session and generation from the
 * identity; when it was issued is now. ret_token ends with a NUL. Any thread. */
enum ql_code ql_sign_account_token(struct ql_call *call, struct ql_signer *signer,
                                   const struct ql_identity *account, const char *event_grant,
                                   char ret_token[QL_TOKEN_MAX]) QL_MUST_CHECK;

/* The same for a user or a game server's account without a session, none of whose
 * tokens were ever revoked. */
enum ql_code ql_sign_user_token(struct ql_call *call, struct ql_signer *signer, const char *user_id,
                                enum ql_role role, char ret_token[QL_TOKEN_MAX]) QL_MUST_CHECK;
enum ql_code ql_sign_publisher_token(struct ql_call *call, struct ql_signer *signer,
                                     const char *account_id, const char *event_grant,
                                     char ret_token[QL_TOKEN_MAX]) QL_MUST_CHECK;

/* The signer's own token for calls to audience; signed anew when less than half
 * of its life is left, else the same one again. Any thread. */
enum ql_code ql_sign_service_token(struct ql_call *call, struct ql_signer *signer,
                                   const char *audience,
                                   char ret_token[QL_TOKEN_MAX]) QL_MUST_CHECK;

/* audience is the verifying service's name; user tokens are accepted by all.
 * Keeps up to 4096 verified tokens (by full compare) until they expire, and
 * looks at the JWKS file's mtime at most once a second. NULL with a text. */
struct ql_verifier *ql_verifier_new(const char *audience, const char *jwks_file, char *error,
                                    size_t error_size);
void ql_verifier_free(struct ql_verifier *verifier);

/* By how much the clocks of the machines that sign and verify may differ: so much
 * longer a token is taken after its end and before its beginning. 5 s unless set, in
 * whole seconds, rounded up. To be called before the first check. */
void ql_verifier_set_clock_skew(struct ql_verifier *verifier, int64_t skew_ms);

/* From now on refuses the tokens of an account, or of a session, that are of an
 * earlier generation than this one; for as long as such a token can live. id is a
 * UUID, anything else is ignored. In any order, and again: the highest generation
 * counts. Any thread. */
void ql_verifier_revoke(struct ql_verifier *verifier, const char *id, int64_t generation);

/* Whether this process knows the revocations of the last minutes. Without a call it
 * counts as known: for who leaves refusing to others. While it does not, tokens of
 * administrators are refused, since one of them might have been revoked; players
 * and game servers are let in. Any thread. */
void ql_verifier_set_knows_revocations(struct ql_verifier *verifier, bool knows);

/* Who the token says the caller is. UNAUTHENTICATED: TOKEN_MALFORMED,
 * TOKEN_EXPIRED, TOKEN_NOT_TRUSTED (signature, algorithm, kid, issuer, audience,
 * role), TOKEN_REVOKED; UNAVAILABLE (REVOCATIONS_UNKNOWN) for an administrator's
 * while the verifier waits for revocations. Clocks that differ by so much as the
 * skew are tolerated. Any thread. */
enum ql_code ql_verify_token(struct ql_call *call, struct ql_verifier *verifier, const char *token,
                             struct ql_identity *ret_identity) QL_MUST_CHECK;

/* Appends the public keys of all of us as a JWKS (RFC 7517), for whoever verifies
 * tokens on its own. Any thread; reads a file of a few kilobytes when that changed. */
void ql_verifier_write_jwks(struct ql_verifier *verifier, struct ql_buffer *out);

/* A number that differs after the keys have changed. Any thread; reads the file when
 * that changed. */
uint64_t ql_verifier_generation(struct ql_verifier *verifier);

/* Looks only into the cache: true and the identity when the very token was
 * verified before, still lives and is not revoked. Never blocks long; for event
 * loops. */
bool ql_verify_token_cached(struct ql_verifier *verifier, const char *token,
                            struct ql_identity *ret_identity);

/* Makes a key pair for issuer: a PEM file of mode 0600 at key_file, and its
 * public JWK (one JSON object, use "sig", alg "ES256") into ret_jwk. */
bool ql_key_make(const char *issuer, const char *key_file, char *ret_jwk, size_t jwk_size,
                 char *error, size_t error_size);

#endif
