/* Texts as people count them. */
#ifndef QL_CATALOG_TEXT_H
#define QL_CATALOG_TEXT_H

#include <stddef.h>

/* Code points of a valid UTF-8 text. */
size_t text_characters(const char *text);

#endif
