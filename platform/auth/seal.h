/* Sealing: bytes stored in a table, and texts handed to clients, which only a process with
 * the secret can read or make (XChaCha20-Poly1305). Any thread. */
#ifndef QL_AUTH_SEAL_H
#define QL_AUTH_SEAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platform/base/call.h"
#include "platform/base/digest.h"

/* context names the purpose of the bytes; they can be unsealed only with the same one. The
 * result is in the call's arena. RESOURCE_EXHAUSTED. */
enum ql_code ql_seal(struct ql_call *call, const struct ql_digest_key *secret, const char *context,
                     const void *bytes, size_t length, uint8_t **ret_sealed,
                     size_t *ret_length) QL_MUST_CHECK;

/* DATA_LOSS (SEAL_BROKEN) for bytes that were not sealed with this secret and context. */
enum ql_code ql_unseal(struct ql_call *call, const struct ql_digest_key *secret,
                       const char *context, const void *sealed, size_t sealed_length,
                       uint8_t **ret_bytes, size_t *ret_length) QL_MUST_CHECK;

enum {
    QL_SEAL_TEXT_SIZE = 64,    /* of a text to be sealed, with its NUL */
    QL_SEALED_TEXT_SIZE = 139, /* of the longest of them sealed, with its NUL */
};

/* Seals a text shorter than QL_SEAL_TEXT_SIZE as base64url, for clients to send back. The
 * same secret, context and text give the same result, so that an answer which contains it
 * can be compared with an earlier one. */
void ql_seal_text(const struct ql_digest_key *secret, const char *context, const char *text,
                  char ret_sealed[QL_SEALED_TEXT_SIZE]);

/* False for a text, of any length, that was not sealed with this secret and context. */
bool ql_unseal_text(const struct ql_digest_key *secret, const char *context, const char *sealed,
                    char ret_text[QL_SEAL_TEXT_SIZE]) QL_MUST_CHECK;

#endif
