/* Invisible characters, as ranges of code points. */
#include "platform/base/text.h"

#include <stddef.h>
#include <stdint.h>

#include "platform/base/attributes.h"

static const struct range {
    uint32_t first, last;
} invisible[] = {
    {0x01, 0x20},     {0x7f, 0xa0},     {0xad, 0xad},     {0x1680, 0x1680}, {0x2000, 0x200f},
    {0x2028, 0x202f}, {0x205f, 0x2064}, {0x3000, 0x3000}, {0xfeff, 0xfeff},
};

/* The next code point of valid UTF-8; 0 at the end. */
static uint32_t next_point(const unsigned char **at)
{
    uint32_t first = **at, point;
    int n_more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : first >= 0xc0 ? 1 : 0;

    if (first == 0)
        return 0;
    point = n_more == 0 ? first : first & (0x3fu >> n_more);
    (*at)++;
    for (; n_more > 0 && **at != 0; n_more--)
        point = point << 6 | (*(*at)++ & 0x3f);
    return point;
}

static bool is_invisible(uint32_t point)
{
    for (size_t i = 0; i < QL_ARRAY_LENGTH(invisible); i++)
        if (point >= invisible[i].first && point <= invisible[i].last)
            return true;
    return false;
}

bool ql_text_is_blank(const char *text)
{
    const unsigned char *at = (const unsigned char *)text;
    uint32_t point;

    while ((point = next_point(&at)) != 0)
        if (!is_invisible(point))
            return false;
    return true;
}

static bool is_control(uint32_t point)
{
    return point < 0x20 || (point >= 0x7f && point < 0xa0) || point == 0x2028 || point == 0x2029;
}

bool ql_text_is_name(const char *text)
{
    const unsigned char *at = (const unsigned char *)text;
    uint32_t point;

    while ((point = next_point(&at)) != 0)
        if (is_control(point))
            return false;
    return !ql_text_is_blank(text);
}

void ql_text_lower(char *text)
{
    for (; *text != '\0'; text++)
        if (*text >= 'A' && *text <= 'Z')
            *text = (char)(*text - 'A' + 'a');
}
