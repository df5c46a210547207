/* Writing JSON, member by member; commas come by themselves. key NULL: an element
 * of an array, or the outermost value. */
#ifndef QUESTCTL_OBJECT_H
#define QUESTCTL_OBJECT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "platform/base/buffer.h"

void object_open(struct ql_buffer *out, const char *key);
void object_close(struct ql_buffer *out);
void array_open(struct ql_buffer *out, const char *key);
void array_close(struct ql_buffer *out);
void object_text(struct ql_buffer *out, const char *key, const char *text);
void object_number(struct ql_buffer *out, const char *key, int64_t number);
void object_flag(struct ql_buffer *out, const char *key, bool flag);
void object_raw(struct ql_buffer *out, const char *key, const char *json); /* JSON already */

/* Prints JSON for people, two blanks for each level. */
void json_print_indented(const char *json, FILE *out);

#endif
