/* Checking ES256 signatures (RFC 7518 section 3.4) with keys that are parsed once: parsing
 * a key takes ten times as long as the check. Any thread. */
#ifndef QL_AUTH_EC_VERIFY_H
#define QL_AUTH_EC_VERIFY_H

#include <stdbool.h>
#include <stddef.h>

#include "platform/auth/ec_key.h"

enum { QLI_SIGNATURE_BYTES = 64 }; /* r and s */

/* A public key, shared by all who use it. */
struct evp_pkey_st;

/* For the caller to release; NULL when the point is not on the curve. */
struct evp_pkey_st *qli_ec_public_new(const struct qli_point *point);
struct evp_pkey_st *qli_ec_public_use(struct evp_pkey_st *key); /* returns it */
void qli_ec_public_release(struct evp_pkey_st *key);            /* NULL is fine */

/* False for any failure, lack of memory included. */
bool qli_ec_verify(struct evp_pkey_st *key, const void *bytes, size_t length,
                   const unsigned char signature[QLI_SIGNATURE_BYTES]);

#endif
