/* Length-delimited fields of the wire format. */
#include "services/catalog/cache/answer.h"

#include <string.h>

enum { LENGTH_DELIMITED = 2 };

uint8_t *answer_put_field(uint8_t *at, unsigned number, const void *bytes, size_t length)
{
    size_t rest = length;

    *at++ = (uint8_t)(number << 3 | LENGTH_DELIMITED);
    while (rest >= 0x80) {
        *at++ = (uint8_t)(rest | 0x80);
        rest >>= 7;
    }
    *at++ = (uint8_t)rest;
    if (length > 0)
        memcpy(at, bytes, length);
    return at + length;
}
