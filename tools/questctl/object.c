/* JSON, written and laid out. */
#include "tools/questctl/object.h"

#include <inttypes.h>
#include <string.h>

/* Everything but the first member of its parent follows a comma. */
static void begin(struct ql_buffer *out, const char *key)
{
    char last = out->length > 0 ? out->data[out->length - 1] : '{';

    if (last != '{' && last != '[')
        ql_buffer_append_byte(out, ',');
    if (key != NULL) {
        ql_buffer_append_json_string(out, key, strlen(key));
        ql_buffer_append_byte(out, ':');
    }
}

void object_open(struct ql_buffer *out, const char *key)
{
    begin(out, key);
    ql_buffer_append_byte(out, '{');
}

void object_close(struct ql_buffer *out)
{
    ql_buffer_append_byte(out, '}');
}

void array_open(struct ql_buffer *out, const char *key)
{
    begin(out, key);
    ql_buffer_append_byte(out, '[');
}

void array_close(struct ql_buffer *out)
{
    ql_buffer_append_byte(out, ']');
}

void object_text(struct ql_buffer *out, const char *key, const char *text)
{
    begin(out, key);
    ql_buffer_append_json_string(out, text, strlen(text));
}

void object_number(struct ql_buffer *out, const char *key, int64_t number)
{
    begin(out, key);
    ql_buffer_printf(out, "%" PRId64, number);
}

void object_flag(struct ql_buffer *out, const char *key, bool flag)
{
    begin(out, key);
    ql_buffer_append_text(out, flag ? "true" : "false");
}

void object_raw(struct ql_buffer *out, const char *key, const char *json)
{
    begin(out, key);
    ql_buffer_append_text(out, json);
}

static void new_line(int depth, FILE *out)
{
    fprintf(out, "\n%*s", 2 * depth, "");
}

/* The text from its quotation mark to the other one. */
static const char *print_string(const char *json, FILE *out)
{
    fputc(*json, out);
    for (json++; *json != '\0' && *json != '"'; json++) {
        if (*json == '\\' && json[1] != '\0')
            fputc(*json++, out);
        fputc(*json, out);
    }
    if (*json == '"')
        fputc(*json++, out);
    return json;
}

void json_print_indented(const char *json, FILE *out)
{
    int depth = 0;

    while (*json != '\0') {
        char c = *json;

        if (c == '"') {
            json = print_string(json, out);
            continue;
        }
        json++;
        if ((c == '{' || c == '[') && (*json == '}' || *json == ']')) {
            fprintf(out, "%c%c", c, *json++);
        } else if (c == '{' || c == '[') {
            fputc(c, out);
            new_line(++depth, out);
        } else if (c == '}' || c == ']') {
            new_line(--depth, out);
            fputc(c, out);
        } else if (c == ',') {
            fputc(c, out);
            new_line(depth, out);
        } else {
            fputs(c == ':' ? ": " : (char[]){c, '\0'}, out);
        }
    }
    fputc('\n', out);
}
