/* Checks of texts that people read, and lower case. */
#ifndef QL_BASE_TEXT_H
#define QL_BASE_TEXT_H

#include <stdbool.h>

/* True when a valid UTF-8 text is empty or has nothing but white space (Unicode's
 * White_Space) and characters without width. */
bool ql_text_is_blank(const char *text);

/* True when a valid UTF-8 text can name something: not blank, without control characters
 * (Unicode's Cc: U+0001 to U+001F and U+007F to U+009F) and without U+2028 and U+2029,
 * since a name stands on one line of a list. */
bool ql_text_is_name(const char *text);

/* Converts A to Z to lower case, in place and independent of the locale. */
void ql_text_lower(char *text);

#endif
