/* A growing byte buffer with a hard cap.
 *
 * Appending past the cap, or without memory, marks the buffer failed and drops the
 * bytes: callers append without checks and read `failed` once, at the end. */
#ifndef QL_BASE_BUFFER_H
#define QL_BASE_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

#include "platform/base/attributes.h"

struct ql_buffer {
    char *data; /* NUL-terminated whenever not NULL */
    size_t length;
    size_t capacity;
    size_t limit;
    bool failed;
};

/* An empty buffer that will hold at most limit bytes. Allocates nothing. */
void ql_buffer_init(struct ql_buffer *buffer, size_t limit);
void ql_buffer_done(struct ql_buffer *buffer); /* releases; usable for QL_CLEANUP */

void ql_buffer_append(struct ql_buffer *buffer, const void *bytes, size_t length);
void ql_buffer_append_text(struct ql_buffer *buffer, const char *text);
void ql_buffer_append_byte(struct ql_buffer *buffer, char byte);
void ql_buffer_printf(struct ql_buffer *buffer, const char *format, ...) QL_PRINTF(2, 3);

/* Appends text as a JSON string, quotes included (RFC 8259); bytes that are not
 * UTF-8 become U+FFFD. */
void ql_buffer_append_json_string(struct ql_buffer *buffer, const char *text, size_t length);

/* Empties without releasing and clears `failed`. */
void ql_buffer_clear(struct ql_buffer *buffer);

/* Moves the bytes out: the caller frees them with free(3). NULL when failed
 * (the bytes are released then) or empty. */
char *ql_buffer_take(struct ql_buffer *buffer, size_t *ret_length);

#endif
