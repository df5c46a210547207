/* Validity of UTF-8. Most text is ASCII, so eight bytes are checked in one step. */
#include "platform/base/utf8.h"

#include <stdint.h>
#include <string.h>

enum { SEQUENCE_MAX = 4 };

static bool is_continuation(uint8_t byte)
{
    return (byte & 0xc0) == 0x80;
}

size_t ql_utf8_sequence(const void *bytes, size_t length)
{
    const uint8_t *text = bytes;
    uint8_t lead = text[0], lowest = 0x80, highest = 0xbf;
    size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;

    if (lead < 0x80)
        return 1;
    if (lead < 0xc2 || lead > 0xf4 || size > length)
        return 0;
    if (lead == 0xe0)
        lowest = 0xa0; /* below are overlong forms */
    else if (lead == 0xed)
        highest = 0x9f; /* above are surrogates */
    else if (lead == 0xf0)
        lowest = 0x90;
    else if (lead == 0xf4)
        highest = 0x8f;
    if (text[1] < lowest || text[1] > highest)
        return 0;
    for (size_t i = 2; i < size; i++)
        if (!is_continuation(text[i]))
            return 0;
    return size;
}

bool ql_utf8_is_valid(const void *bytes, size_t length)
{
    const uint8_t *text = bytes;
    size_t i = 0;

    while (i < length) {
        uint64_t word;
        size_t size;

        if (length - i >= sizeof(word)) {
            memcpy(&word, text + i, sizeof(word));
            if ((word & UINT64_C(0x8080808080808080)) == 0) {
                i += sizeof(word);
                continue;
            }
        }
        size = ql_utf8_sequence(text + i, length - i);
        if (size == 0)
            return false;
        i += size;
    }
    return true;
}

size_t ql_utf8_trim(const void *bytes, size_t length)
{
    const uint8_t *text = bytes;
    size_t start = length;

    while (start > 0 && length - start < SEQUENCE_MAX - 1 && is_continuation(text[start - 1]))
        start--;
    if (start == 0)
        return length;
    start--;
    return text[start] >= 0xc0 && ql_utf8_sequence(text + start, length - start) == 0 ? start
                                                                                      : length;
}

size_t ql_utf8_count(const char *text)
{
    size_t n = 0;

    for (; *text != '\0'; text++)
        n += !is_continuation((uint8_t)*text);
    return n;
}
