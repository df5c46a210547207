/* Length-delimited fields of the wire format. */
#include "platform/readside/answer.h"

#include <string.h>

#include "platform/pb/wire/varint.h"

enum { LENGTH_DELIMITED = 2 };

uint8_t *qli_answer_put_field(uint8_t *at, unsigned number, const void *bytes, size_t length)
{
    *at++ = (uint8_t)(number << 3 | LENGTH_DELIMITED);
    at += ql_varint_write(at, length);
    if (length > 0)
        memcpy(at, bytes, length);
    return at + length;
}
