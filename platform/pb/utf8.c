/* Validity of UTF-8 (RFC 3629). Most text is ASCII, so eight bytes are looked at
 * in one step as long as they are. */
#include <stdint.h>
#include <string.h>

#include "platform/pb/wire_check.h"

/* The bytes of the sequence at text, which starts outside ASCII; 0 for none. */
static size_t sequence_length(const uint8_t *text, size_t length)
{
    uint8_t lead = text[0], lowest = 0x80, highest = 0xbf;
    size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;

    if (lead < 0xc2 || lead > 0xf4 || size > length)
        return 0;
    /* No overlong forms, no surrogates, nothing above U+10FFFF. */
    if (lead == 0xe0)
        lowest = 0xa0;
    else if (lead == 0xed)
        highest = 0x9f;
    else if (lead == 0xf0)
        lowest = 0x90;
    else if (lead == 0xf4)
        highest = 0x8f;
    if (text[1] < lowest || text[1] > highest)
        return 0;
    for (size_t i = 2; i < size; i++)
        if ((text[i] & 0xc0) != 0x80)
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
        if (text[i] < 0x80) {
            i++;
            continue;
        }
        size = sequence_length(text + i, length - i);
        if (size == 0)
            return false;
        i += size;
    }
    return true;
}
