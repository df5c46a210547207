/* Signing tokens with a service's own key. */
#ifndef QL_AUTH_SIGNER_H
#define QL_AUTH_SIGNER_H

#include <stddef.h>

#include "platform/auth/token.h"
#include "platform/base/call.h"

struct ql_digest_key;
struct ql_signer;

/* Reads a PEM private key (P-256). issuer is the service's name; the kid is that of the
 * public key in the JWKS file. NULL with a text in error. */
struct ql_signer *ql_signer_new(const char *issuer, const char *key_file, const char *jwks_file,
                                char *error, size_t error_size);
void ql_signer_free(struct ql_signer *signer);

/* Signs a token with QL_ACCOUNT_AUDIENCE for an account: a user (role QL_ROLE_USER or
 * QL_ROLE_ADMIN; event_grant NULL), or a game server's account (QL_ROLE_PUBLISHER),
 * which may publish events of the types in event_grant: types and prefixes ending in
 * ".*", separated by spaces, at most 255 bytes. Subject, session and generation are the
 * identity's; the time of issue is now. ret_token ends with a NUL. Any thread. */
enum ql_code ql_sign_account_token(struct ql_call *call, struct ql_signer *signer,
                                   const struct ql_identity *account, const char *event_grant,
                                   char ret_token[QL_TOKEN_MAX]) QL_MUST_CHECK;

/* The same for a user or a game server's account without a session, of generation 0. */
enum ql_code ql_sign_user_token(struct ql_call *call, struct ql_signer *signer, const char *user_id,
                                enum ql_role role, char ret_token[QL_TOKEN_MAX]) QL_MUST_CHECK;
enum ql_code ql_sign_publisher_token(struct ql_call *call, struct ql_signer *signer,
                                     const char *account_id, const char *event_grant,
                                     char ret_token[QL_TOKEN_MAX]) QL_MUST_CHECK;

/* The signer's own token for calls to audience: a new one when less than half of the
 * last one's life is left, else the same. Any thread. */
enum ql_code ql_sign_service_token(struct ql_call *call, struct ql_signer *signer,
                                   const char *audience,
                                   char ret_token[QL_TOKEN_MAX]) QL_MUST_CHECK;

/* Derives a secret for one purpose from the private key: the same in every process that
 * has the key, another one after the key is replaced. */
void ql_signer_derive(const struct ql_signer *signer, const char *purpose,
                      struct ql_digest_key *ret_secret);

#endif
