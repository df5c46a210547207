/* Identifiers: UUIDs as the 36 lower-case characters of RFC 9562. */
#ifndef QL_BASE_ID_H
#define QL_BASE_ID_H

#include <stdbool.h>
#include <stddef.h>

enum { QL_UUID_SIZE = 37 }; /* 36 characters and the NUL */

/* A new UUIDv7 (RFC 9562 section 5.7): sorts by time, to the millisecond. Any
 * thread. */
void ql_uuid_new(char ret_uuid[QL_UUID_SIZE]);

/* The UUIDv8 that is the same for the same parts, however often it is computed
 * (SHA-256 over the length-prefixed parts): ids of effects, so that a repeated
 * effect has a known id. */
void ql_uuid_derive(char ret_uuid[QL_UUID_SIZE], const char *const *parts, size_t n_parts);

/* True for exactly 36 characters of a UUID, upper or lower case. */
bool ql_uuid_is_valid(const char *text);

/* True for an id of the kind that ql_uuid_derive makes: a valid UUIDv8. Nobody else
 * may choose such an id, since it can be known before its effect is there. */
bool ql_uuid_is_derived(const char *text);

/* The one spelling of an id, so that ids compare as texts: lower case. A text that is
 * too long for a UUID becomes "-", which is none either. */
void ql_uuid_copy(char ret_uuid[QL_UUID_SIZE], const char *text);

enum { QL_UUID_BYTES = 16 };

/* The bytes of a UUID in either case; false when the text is none. */
bool ql_uuid_to_bytes(const char *text, unsigned char ret_bytes[QL_UUID_BYTES]);
void ql_uuid_from_bytes(char ret_uuid[QL_UUID_SIZE], const unsigned char bytes[QL_UUID_BYTES]);

/* Fills text with 2 * n_bytes random hexadecimal digits and a NUL. */
void ql_random_hex(char *ret_text, size_t n_bytes);

#endif
