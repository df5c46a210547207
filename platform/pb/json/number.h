/* Numbers between text and binary, exactly: integers of 64 bits in any spelling
 * that is integral ("100", "1e2", "1.0"), and floating-point numbers in the
 * shortest digits that read back the same. */
#ifndef QLI_PB_JSON_NUMBER_H
#define QLI_PB_JSON_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { QLI_NUMBER_SIZE = 32 };

/* The bytes of the JSON number at text; 0 when there is none. */
size_t qli_number_length(const char *text, size_t length);

enum qli_integer { QLI_INTEGER_OK, QLI_INTEGER_FRACTION, QLI_INTEGER_RANGE, QLI_INTEGER_NONE };

/* The integer that the whole of text spells: sign and magnitude. RANGE above
 * 64 bits, FRACTION for 1.5, NONE when it is no JSON number. */
enum qli_integer qli_integer_read(const char *text, size_t length, bool *ret_is_negative,
                                  uint64_t *ret_magnitude);

/* The same for floating point; false when it is no JSON number, out of range
 * (never infinite), or longer than anybody writes a number. */
bool qli_double_read(const char *text, size_t length, double *ret_value);
bool qli_float_read(const char *text, size_t length, float *ret_value);

/* Print finite numbers into QLI_NUMBER_SIZE bytes, without a NUL that anybody
 * should rely on; return the length. */
size_t qli_double_print(char *out, double value);
size_t qli_float_print(char *out, float value);
size_t qli_unsigned_print(char *out, uint64_t value);
size_t qli_signed_print(char *out, int64_t value);

#endif
