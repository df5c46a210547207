/* Decimal numbers as people type them, held exactly: no floating point takes part.
 *
 *   [+-]? (digits [.digits?] | .digits) ([eE][+-]?d{1,2})?
 *
 * Blanks at both ends are dropped, and one comma may stand instead of the point. */
#ifndef QL_BASE_DECIMAL_H
#define QL_BASE_DECIMAL_H

#include "platform/base/attributes.h"

enum {
    QL_DECIMAL_PLACES = 15, /* behind the point; further digits are cut */
    QL_DECIMAL_DIGITS = 20, /* in front of it */
};

/* A number in units of 10⁻¹⁵, rounded toward zero: |value| < 10³⁵. */
__extension__ typedef __int128 ql_decimal;

enum ql_decimal_verdict {
    QL_DECIMAL_IS_READ,
    QL_DECIMAL_IS_TOO_LARGE, /* a number, of 10²⁰ or more in either direction */
    QL_DECIMAL_IS_NO_NUMBER,
};

/* Reads a text of any length. *ret_value is 0 unless it is read. Any thread. */
enum ql_decimal_verdict ql_decimal_read(const char *text, ql_decimal *ret_value) QL_MUST_CHECK;

#endif
