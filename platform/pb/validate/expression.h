/* The text of a pattern: whether it is of the language that pattern.h describes. */
#ifndef QLI_PB_VALIDATE_EXPRESSION_H
#define QLI_PB_VALIDATE_EXPRESSION_H

/* Copies text to out, which is as large, as a POSIX extended regular expression.
 * What is wrong with it, a text that lives as long as the program, or NULL. */
const char *qli_expression_read(const char *text, char *out);

#endif
