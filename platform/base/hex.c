/* Printing and reading hexadecimal digits. */
#include "platform/base/hex.h"

char *ql_hex(char *ret_text, const void *bytes, size_t length)
{
    static const char digits[] = "0123456789abcdef";
    const unsigned char *in = bytes;

    for (size_t i = 0; i < length; i++) {
        *ret_text++ = digits[in[i] >> 4];
        *ret_text++ = digits[in[i] & 15];
    }
    *ret_text = '\0';
    return ret_text;
}

int ql_hex_digit(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if (digit >= 'a' && digit <= 'f')
        return digit - 'a' + 10;
    return digit >= 'A' && digit <= 'F' ? digit - 'A' + 10 : -1;
}
