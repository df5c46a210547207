/* The growing buffer. `capacity` counts the byte for the closing NUL, `limit`
 * does not. */
#include "platform/base/buffer.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/base/utf8.h"

enum { SMALLEST_CAPACITY = 256 };

void ql_buffer_init(struct ql_buffer *buffer, size_t limit)
{
    *buffer = (struct ql_buffer){.limit = limit < SIZE_MAX ? limit : SIZE_MAX - 1};
}

void ql_buffer_done(struct ql_buffer *buffer)
{
    free(buffer->data);
    ql_buffer_init(buffer, buffer->limit);
}

/* Reserves length more bytes and the NUL, or marks the buffer failed. */
static bool buffer_reserve(struct ql_buffer *buffer, size_t length)
{
    size_t needed, capacity;
    char *data;

    if (buffer->failed)
        return false;
    if (length > buffer->limit - buffer->length) {
        buffer->failed = true;
        return false;
    }
    needed = buffer->length + length + 1;
    if (needed <= buffer->capacity)
        return true;
    capacity = buffer->capacity < SMALLEST_CAPACITY ? SMALLEST_CAPACITY : buffer->capacity;
    while (capacity < needed)
        capacity = capacity > SIZE_MAX / 2 ? needed : capacity * 2;
    if (capacity > buffer->limit + 1)
        capacity = buffer->limit + 1;
    data = realloc(buffer->data, capacity);
    if (data == NULL) {
        buffer->failed = true;
        return false;
    }
    buffer->data = data;
    buffer->capacity = capacity;
    return true;
}

void ql_buffer_append(struct ql_buffer *buffer, const void *bytes, size_t length)
{
    if (length == 0 || !buffer_reserve(buffer, length))
        return;
    memcpy(buffer->data + buffer->length, bytes, length);
    buffer->length += length;
    buffer->data[buffer->length] = '\0';
}

void ql_buffer_append_text(struct ql_buffer *buffer, const char *text)
{
    ql_buffer_append(buffer, text, strlen(text));
}

void ql_buffer_append_byte(struct ql_buffer *buffer, char byte)
{
    ql_buffer_append(buffer, &byte, 1);
}

void ql_buffer_printf(struct ql_buffer *buffer, const char *format, ...)
{
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length < 0) {
        buffer->failed = true;
        return;
    }
    if (length == 0 || !buffer_reserve(buffer, (size_t)length))
        return;
    va_start(arguments, format);
    vsnprintf(buffer->data + buffer->length, (size_t)length + 1, format, arguments);
    va_end(arguments);
    buffer->length += (size_t)length;
}

static bool needs_no_escape(unsigned char byte)
{
    return byte >= 0x20 && byte < 0x7f && byte != '"' && byte != '\\';
}

static void append_escaped(struct ql_buffer *buffer, unsigned char byte)
{
    switch (byte) {
    case '"':
        ql_buffer_append(buffer, "\\\"", 2);
        break;
    case '\\':
        ql_buffer_append(buffer, "\\\\", 2);
        break;
    case '\n':
        ql_buffer_append(buffer, "\\n", 2);
        break;
    case '\r':
        ql_buffer_append(buffer, "\\r", 2);
        break;
    case '\t':
        ql_buffer_append(buffer, "\\t", 2);
        break;
    default:
        ql_buffer_printf(buffer, "\\u%04x", byte);
    }
}

void ql_buffer_append_json_string(struct ql_buffer *buffer, const char *text, size_t length)
{
    const unsigned char *bytes = (const unsigned char *)text;
    size_t i = 0;

    ql_buffer_append_byte(buffer, '"');
    while (i < length) {
        size_t run = i, size;

        while (run < length && needs_no_escape(bytes[run]))
            run++;
        ql_buffer_append(buffer, text + i, run - i);
        i = run;
        if (i == length)
            break;
        size = ql_utf8_sequence(bytes + i, length - i);
        if (size == 0)
            ql_buffer_append_text(buffer, "\xef\xbf\xbd");
        else if (size == 1)
            append_escaped(buffer, bytes[i]);
        else
            ql_buffer_append(buffer, bytes + i, size);
        i += size == 0 ? 1 : size;
    }
    ql_buffer_append_byte(buffer, '"');
}

void ql_buffer_clear(struct ql_buffer *buffer)
{
    buffer->length = 0;
    buffer->failed = false;
    if (buffer->data != NULL)
        buffer->data[0] = '\0';
}

char *ql_buffer_take(struct ql_buffer *buffer, size_t *ret_length)
{
    char *data = buffer->data;

    *ret_length = 0;
    if (buffer->failed || buffer->length == 0) {
        ql_buffer_done(buffer);
        return NULL;
    }
    *ret_length = buffer->length;
    ql_buffer_init(buffer, buffer->limit);
    return data;
}
