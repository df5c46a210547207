/* Texts as people see them. */
#ifndef QL_BASE_TEXT_H
#define QL_BASE_TEXT_H

#include <stdbool.h>

/* True when there is nothing to see in a valid UTF-8 text: empty, or nothing but
 * white space (Unicode's White_Space) and characters without width. */
bool ql_text_is_blank(const char *text);

#endif
