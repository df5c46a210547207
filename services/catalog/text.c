/* Counting characters. */
#include "services/catalog/text.h"

size_t text_characters(const char *text)
{
    size_t n = 0;

    for (; *text != '\0'; text++)
        if (((unsigned char)*text & 0xc0) != 0x80) /* not a continuation byte */
            n++;
    return n;
}
