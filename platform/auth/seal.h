/* Sealing: bytes that lie in a table, and texts that clients carry, which only a
 * process with the right secret can read or make (XChaCha20-Poly1305). Any thread. */
#ifndef QL_AUTH_SEAL_H
#define QL_AUTH_SEAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platform/auth/token.h"
#include "platform/base/call.h"
#include "platform/base/digest.h"

/* A secret of the service for one purpose, from its private key: the same in every
 * process that has the key, another one after the key was replaced. */
void ql_signer_derive(const struct ql_signer *signer, const char *purpose,
                      struct ql_digest_key *ret_secret);

/* context, a text, says what is sealed: it opens under the same one only. The result
 * lies in the call's arena. RESOURCE_EXHAUSTED. */
enum ql_code ql_seal(struct ql_call *call, const struct ql_digest_key *secret, const char *context,
                     const void *bytes, size_t length, uint8_t **ret_sealed,
                     size_t *ret_length) QL_MUST_CHECK;

/* DATA_LOSS (SEAL_BROKEN) for what was not sealed with this secret and context. */
enum ql_code ql_unseal(struct ql_call *call, const struct ql_digest_key *secret,
                       const char *context, const void *sealed, size_t sealed_length,
                       uint8_t **ret_bytes, size_t *ret_length) QL_MUST_CHECK;

enum {
    QL_SEAL_TEXT_SIZE = 64,    /* of a text to be sealed, with its NUL */
    QL_SEALED_TEXT_SIZE = 139, /* of the longest of them sealed, with its NUL */
};

/* Seals a text shorter than QL_SEAL_TEXT_SIZE as one of base64url's characters, for
 * clients to bring back. The same secret, context and text give the same result, so
 * that an answer which holds it can be compared with an earlier one. */
void ql_seal_text(const struct ql_digest_key *secret, const char *context, const char *text,
                  char ret_sealed[QL_SEALED_TEXT_SIZE]);

/* False for what was not sealed with this secret and context, of any length. */
bool ql_unseal_text(const struct ql_digest_key *secret, const char *context, const char *sealed,
                    char ret_text[QL_SEAL_TEXT_SIZE]) QL_MUST_CHECK;

#endif
