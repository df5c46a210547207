/* Identifiers: UUIDs as the 36 lower-case characters of RFC 9562. */
#ifndef QL_BASE_ID_H
#define QL_BASE_ID_H

#include <stdbool.h>
#include <stddef.h>

enum { QL_UUID_SIZE = 37 }; /* 36 characters and the NUL */

/* A new UUIDv7 (RFC 9562 section 5.7): sorts by time, to the millisecond. Any
 * thread. */
void ql_uuid_new(char ret_uuid[QL_UUID_SIZE]);

/* The UUIDv8 derived from parts (SHA-256 over the length-prefixed parts): the same parts
 * give the same id. It names effects, so that a repeated effect has the same id again. */
void ql_uuid_derive(char ret_uuid[QL_UUID_SIZE], const char *const *parts, size_t n_parts);

/* True for exactly 36 characters of a UUID, upper or lower case. */
bool ql_uuid_is_valid(const char *text);

/* True for a valid UUIDv8, the kind that ql_uuid_derive makes. Publishers may not choose
 * such an id, because it can be computed before its effect exists. */
bool ql_uuid_is_derived(const char *text);

/* Copies an id in lower case, so that ids can be compared as texts. A text that is too
 * long for a UUID becomes "-", which is no valid id. */
void ql_uuid_copy(char ret_uuid[QL_UUID_SIZE], const char *text);

enum { QL_UUID_BYTES = 16 };

/* The bytes of a UUID in upper or lower case; false when the text is no UUID. */
bool ql_uuid_to_bytes(const char *text, unsigned char ret_bytes[QL_UUID_BYTES]);
void ql_uuid_from_bytes(char ret_uuid[QL_UUID_SIZE], const unsigned char bytes[QL_UUID_BYTES]);

/* Fills bytes with random ones, fit for secrets. Any thread. */
void ql_random_bytes(void *ret_bytes, size_t n_bytes);
/* Fills text with 2 * n_bytes random hexadecimal digits and a NUL. */
void ql_random_hex(char *ret_text, size_t n_bytes);

#endif
