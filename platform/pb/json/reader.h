/* A strict reader of JSON text (RFC 8259), token by token, in place: nothing is
 * built, numbers stay as they were written, strings without escapes point into
 * the input. Every function returns false on broken input and leaves in
 * `problem` what is wrong; `at` is where.
 *
 *     qli_json_enter(reader);
 *     while ((step = qli_json_next_member(reader, &key)) == QLI_JSON_MORE)
 *         ... read one value ...
 */
#ifndef QLI_PB_JSON_READER_H
#define QLI_PB_JSON_READER_H

#include <stdbool.h>
#include <stddef.h>

#include "platform/base/arena.h"

struct qli_text {
    const char *bytes; /* no NUL at the end */
    size_t length;
};

struct qli_json_reader {
    const char *begin;
    const char *at;
    const char *end;
    struct ql_arena *arena; /* for strings with escapes */
    const char *problem;
    bool takes_nul; /* in strings */
    bool is_out_of_memory;
    bool is_first; /* of an object or array just entered */
};

enum qli_json_step { QLI_JSON_CLOSED, QLI_JSON_MORE, QLI_JSON_BROKEN };

void qli_json_reader_init(struct qli_json_reader *reader, struct ql_arena *arena, const char *json,
                          size_t length);

/* The first byte of the next token, '\0' at the end of the input. */
char qli_json_next_byte(struct qli_json_reader *reader);

bool qli_json_read_string(struct qli_json_reader *reader, struct qli_text *ret_text);
/* The number as written, its grammar checked. */
bool qli_json_read_number(struct qli_json_reader *reader, struct qli_text *ret_text);
/* "true", "false" or "null". */
bool qli_json_read_word(struct qli_json_reader *reader, const char *word);

/* Steps into an object or array, whose brace or bracket is next. Then before
 * each member or element, and once more at its end: */
void qli_json_enter(struct qli_json_reader *reader);
enum qli_json_step qli_json_next_member(struct qli_json_reader *reader, struct qli_text *ret_key);
enum qli_json_step qli_json_next_element(struct qli_json_reader *reader);

/* Moves over any one value, its syntax checked. */
bool qli_json_skip(struct qli_json_reader *reader, unsigned depth_left);

/* True when nothing but white space is left. */
bool qli_json_at_end(struct qli_json_reader *reader);

#endif
