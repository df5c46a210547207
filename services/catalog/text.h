/* Texts as people count them. */
#ifndef QL_CATALOG_TEXT_H
#define QL_CATALOG_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* Code points of a valid UTF-8 text. */
size_t text_characters(const char *text);

/* True when there is nothing to see: empty, or ASCII white space alone. */
bool text_is_blank(const char *text);

#endif
