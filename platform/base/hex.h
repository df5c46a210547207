/* Hexadecimal digits. */
#ifndef QL_BASE_HEX_H
#define QL_BASE_HEX_H

#include <stddef.h>

/* Writes 2 * length lower-case digits and a NUL; returns a pointer to the NUL. */
char *ql_hex(char *ret_text, const void *bytes, size_t length);

/* The value of a digit in either case; -1 for any other character. */
int ql_hex_digit(char digit);

#endif
