/* SHA-256, as text: to tell whether two things are the same without keeping
 * them. Not for passwords (platform/auth). */
#ifndef QL_BASE_DIGEST_H
#define QL_BASE_DIGEST_H

#include <stddef.h>

enum { QL_SHA256_HEX_SIZE = 65 }; /* 64 lower-case hexadecimal digits and the NUL */

/* Any thread. */
void ql_sha256_hex(char ret_hex[QL_SHA256_HEX_SIZE], const void *bytes, size_t length);

#endif
