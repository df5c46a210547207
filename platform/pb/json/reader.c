/* The tokens of JSON. */
#include "platform/pb/json/reader.h"

#include <stdint.h>
#include <string.h>

#include "platform/base/hex.h"
#include "platform/base/utf8.h"
#include "platform/pb/json/number.h"
#include "platform/pb/schema/wire_check.h"

void qli_json_reader_init(struct qli_json_reader *reader, struct ql_arena *arena, const char *json,
                          size_t length)
{
    const char *begin = length == 0 ? "" : json;

    *reader = (struct qli_json_reader){
        .begin = begin, .at = begin, .end = begin + length, .arena = arena};
}

static bool fail_reader(struct qli_json_reader *reader, const char *problem)
{
    reader->problem = problem;
    return false;
}

char qli_json_next_byte(struct qli_json_reader *reader)
{
    while (reader->at < reader->end && (*reader->at == ' ' || *reader->at == '\n' ||
                                        *reader->at == '\r' || *reader->at == '\t'))
        reader->at++;
    return reader->at < reader->end ? *reader->at : '\0';
}

bool qli_json_at_end(struct qli_json_reader *reader)
{
    qli_json_next_byte(reader);
    return reader->at == reader->end || fail_reader(reader, "there is more after the value");
}

/* The four digits after "\u"; negative when they are not there. */
static int32_t code_unit(const char *at, const char *end)
{
    int32_t unit = 0;

    if (end - at < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        int digit = ql_hex_digit(at[i]);

        if (digit < 0)
            return -1;
        unit = unit * 16 + digit;
    }
    return unit;
}

static size_t utf8_write(char *out, uint32_t code)
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (char)(0xc0 | code >> 6);
        out[1] = (char)(0x80 | (code & 0x3f));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (char)(0xe0 | code >> 12);
        out[1] = (char)(0x80 | (code >> 6 & 0x3f));
        out[2] = (char)(0x80 | (code & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | code >> 18);
    out[1] = (char)(0x80 | (code >> 12 & 0x3f));
    out[2] = (char)(0x80 | (code >> 6 & 0x3f));
    out[3] = (char)(0x80 | (code & 0x3f));
    return 4;
}

/* Decodes what follows "\u" and, for a surrogate, its partner. Returns the bytes
 * read after the 'u'; 0 with the problem set. */
static size_t unicode_decode(struct qli_json_reader *reader, const char *at, const char *end,
                             uint32_t *ret_code)
{
    int32_t unit = code_unit(at, end), low;

    if (unit < 0)
        return fail_reader(reader, "\\u needs four hexadecimal digits");
    if (unit == 0 && !reader->takes_nul)
        return fail_reader(reader, "a string contains NUL");
    *ret_code = (uint32_t)unit;
    if (unit < 0xd800 || unit > 0xdfff)
        return 4;
    low = end - at >= 10 && at[4] == '\\' && at[5] == 'u' ? code_unit(at + 6, end) : -1;
    if (unit > 0xdbff || low < 0xdc00 || low > 0xdfff)
        return fail_reader(reader, "a string contains half a surrogate pair");
    *ret_code = 0x10000 + (((uint32_t)unit - 0xd800) << 10) + ((uint32_t)low - 0xdc00);
    return 10;
}

/* Decodes one escape, the backslash already read. Returns the bytes read. */
static size_t escape_decode(struct qli_json_reader *reader, const char *at, const char *end,
                            char **out)
{
    static const char escapes[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    const char *found;
    uint32_t code = 0;
    size_t read;

    if (*at == 'u') {
        read = unicode_decode(reader, at + 1, end, &code);
        if (read == 0)
            return 0;
        *out += utf8_write(*out, code);
        return read + 1;
    }
    found = *at == '\0' ? NULL : strchr(escapes, *at);
    if (found == NULL)
        return fail_reader(reader, "a string has an unknown escape");
    *(*out)++ = meanings[found - escapes];
    return 1;
}

/* Decoded text is never longer than its escaped form. */
static bool string_decode(struct qli_json_reader *reader, struct qli_text *text)
{
    const char *at = text->bytes, *end = at + text->length;
    char *decoded = ql_arena_alloc(reader->arena, text->length), *out = decoded;

    if (decoded == NULL) {
        reader->is_out_of_memory = true;
        return fail_reader(reader, "out of memory");
    }
    while (at < end) {
        const char *escape = memchr(at, '\\', (size_t)(end - at));
        size_t plain = (size_t)((escape == NULL ? end : escape) - at), read;

        memcpy(out, at, plain);
        out += plain;
        at += plain;
        if (escape == NULL)
            break;
        read = escape_decode(reader, at + 1, end, &out);
        if (read == 0)
            return false;
        at += 1 + read;
    }
    *text = (struct qli_text){.bytes = decoded, .length = (size_t)(out - decoded)};
    return true;
}

bool qli_json_read_string(struct qli_json_reader *reader, struct qli_text *ret_text)
{
    bool has_escape = false, is_ascii = true;
    const char *at;

    if (qli_json_next_byte(reader) != '"')
        return fail_reader(reader, "a string is expected");
    for (at = reader->at + 1; at < reader->end && *at != '"'; at++) {
        if ((unsigned char)*at < 0x20)
            return fail_reader(reader, "a string contains a control character");
        if ((unsigned char)*at >= 0x80)
            is_ascii = false;
        if (*at == '\\') {
            has_escape = true;
            if (++at == reader->end)
                break;
        }
    }
    if (at >= reader->end)
        return fail_reader(reader, "a string does not end");
    *ret_text = (struct qli_text){.bytes = reader->at + 1, .length = (size_t)(at - reader->at - 1)};
    if (!is_ascii && !ql_utf8_is_valid(ret_text->bytes, ret_text->length))
        return fail_reader(reader, "a string is not valid UTF-8");
    if (has_escape && !string_decode(reader, ret_text))
        return false;
    reader->at = at + 1;
    return true;
}

bool qli_json_read_number(struct qli_json_reader *reader, struct qli_text *ret_text)
{
    size_t length;

    qli_json_next_byte(reader);
    length = qli_number_length(reader->at, (size_t)(reader->end - reader->at));
    if (length == 0)
        return fail_reader(reader, "a value is expected");
    *ret_text = (struct qli_text){.bytes = reader->at, .length = length};
    reader->at += length;
    return true;
}

bool qli_json_read_word(struct qli_json_reader *reader, const char *word)
{
    size_t length = strlen(word);

    qli_json_next_byte(reader);
    if ((size_t)(reader->end - reader->at) < length || memcmp(reader->at, word, length) != 0)
        return fail_reader(reader, "a value is expected");
    reader->at += length;
    return true;
}

void qli_json_enter(struct qli_json_reader *reader)
{
    qli_json_next_byte(reader);
    reader->at++;
    reader->is_first = true;
}

/* Moves to the next member or element, over the comma in front of it. */
static enum qli_json_step step_on(struct qli_json_reader *reader, char closing, const char *problem)
{
    bool is_first = reader->is_first;
    char next = qli_json_next_byte(reader);

    reader->is_first = false;
    if (next == closing) {
        reader->at++;
        return QLI_JSON_CLOSED;
    }
    if (is_first)
        return QLI_JSON_MORE;
    if (next != ',') {
        fail_reader(reader, problem);
        return QLI_JSON_BROKEN;
    }
    reader->at++;
    return QLI_JSON_MORE;
}

enum qli_json_step qli_json_next_member(struct qli_json_reader *reader, struct qli_text *ret_key)
{
    enum qli_json_step step = step_on(reader, '}', "',' or '}' is expected");

    if (step != QLI_JSON_MORE)
        return step;
    if (!qli_json_read_string(reader, ret_key))
        return QLI_JSON_BROKEN;
    if (qli_json_next_byte(reader) != ':') {
        fail_reader(reader, "':' is expected");
        return QLI_JSON_BROKEN;
    }
    reader->at++;
    return QLI_JSON_MORE;
}

enum qli_json_step qli_json_next_element(struct qli_json_reader *reader)
{
    return step_on(reader, ']', "',' or ']' is expected");
}

static bool skip_members(struct qli_json_reader *reader, unsigned depth_left)
{
    struct qli_text key;
    enum qli_json_step step;

    qli_json_enter(reader);
    while ((step = qli_json_next_member(reader, &key)) == QLI_JSON_MORE)
        if (!qli_json_skip(reader, depth_left - 1))
            return false;
    return step == QLI_JSON_CLOSED;
}

static bool skip_elements(struct qli_json_reader *reader, unsigned depth_left)
{
    enum qli_json_step step;

    qli_json_enter(reader);
    while ((step = qli_json_next_element(reader)) == QLI_JSON_MORE)
        if (!qli_json_skip(reader, depth_left - 1))
            return false;
    return step == QLI_JSON_CLOSED;
}

bool qli_json_skip(struct qli_json_reader *reader, unsigned depth_left)
{
    struct qli_text ignored;
    char next = qli_json_next_byte(reader);

    if ((next == '{' || next == '[') && depth_left == 0)
        return fail_reader(reader, "it is nested too deep");
    switch (next) {
    case '{':
        return skip_members(reader, depth_left);
    case '[':
        return skip_elements(reader, depth_left);
    case '"':
        return qli_json_read_string(reader, &ignored);
    case 't':
        return qli_json_read_word(reader, "true");
    case 'f':
        return qli_json_read_word(reader, "false");
    case 'n':
        return qli_json_read_word(reader, "null");
    default:
        return qli_json_read_number(reader, &ignored);
    }
}
