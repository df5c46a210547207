/* A key ring: a folder with one private key per issuer, <issuer>.pem, and
 * jwks.json, the public halves of all of them. */
#ifndef QL_KEYS_KEY_RING_H
#define QL_KEYS_KEY_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Makes the folder if there is none, a key for each issuer without one, and
 * jwks.json anew if it is not what the keys make it. Says on out what it
 * changed. False with a text in error. */
bool key_ring_update(const char *dir, char *const *issuers, size_t n_issuers, FILE *out,
                     char *error, size_t error_size);

#endif
