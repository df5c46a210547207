/* Keys of idempotent calls, and sealing what is kept for them. */
#ifndef QL_IDEMPOTENCY_KEY_H
#define QL_IDEMPOTENCY_KEY_H

enum { QL_IDEMPOTENCY_KEY_MAX = 255 }; /* visible ASCII characters */

/* For what nobody may read in a table: answers with tokens or keys in them, requests
 * with passwords, and callers whom no token names. Caller, key and digest are kept as
 * keyed digests; the answer is sealed so that it takes both the secret and the
 * client's key, which is stored nowhere, to read it. */
struct ql_digest_key;
struct ql_idempotency_seal {
    const struct ql_digest_key *secret; /* ql_signer_derive(platform/auth/signer.h) */
    const char *owner;                  /* whose key it is: "name:ada", "user:0192…" */
};

#endif
