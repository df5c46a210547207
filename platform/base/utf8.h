/* UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing above U+10FFFF. */
#ifndef QL_BASE_UTF8_H
#define QL_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* The length of the sequence at text, 1 to 4; 0 when the bytes are no valid sequence, or
 * when length (at least 1) ends within it. */
size_t ql_utf8_sequence(const void *text, size_t length);

bool ql_utf8_is_valid(const void *bytes, size_t length);

/* For a text that was cut to length bytes: the length without an incomplete sequence at
 * its end. */
size_t ql_utf8_trim(const void *text, size_t length);

/* Code points of a valid text. */
size_t ql_utf8_count(const char *text);

#endif
