/* The reader's tokens as a tree. Its depth is bounded, so recursion is too. */
#include "platform/pb/json/value.h"

#include <stdlib.h>
#include <string.h>

#include "platform/pb/json/reader.h"

static bool read_value(struct qli_json_reader *reader, unsigned depth_left,
                       struct ql_json_value *ret_value);

static bool read_text(struct qli_json_reader *reader, struct ql_json_value *value)
{
    struct qli_text text;

    if (!qli_json_read_string(reader, &text))
        return false;
    value->kind = QL_JSON_TEXT;
    value->text = text.bytes;
    value->length = text.length;
    return true;
}

static bool read_number(struct qli_json_reader *reader, struct ql_json_value *value)
{
    struct qli_text text;
    char *copy;

    if (!qli_json_read_number(reader, &text))
        return false;
    copy = ql_arena_strndup(reader->arena, text.bytes, text.length);
    if (copy == NULL) {
        reader->is_out_of_memory = true;
        return false;
    }
    value->kind = QL_JSON_NUMBER;
    value->number = strtod(copy, NULL);
    return true;
}

static bool read_object(struct qli_json_reader *reader, unsigned depth_left,
                        struct ql_json_value *value)
{
    struct qli_text key;
    enum qli_json_step step;

    value->kind = QL_JSON_OBJECT;
    qli_json_enter(reader);
    while ((step = qli_json_next_member(reader, &key)) == QLI_JSON_MORE) {
        struct ql_json_value *member = ql_arena_calloc(reader->arena, 1, sizeof(*member));

        if (member == NULL) {
            reader->is_out_of_memory = true;
            return false;
        }
        if (!read_value(reader, depth_left - 1, member))
            return false;
        member->key = key.bytes;
        member->key_length = key.length;
        member->next = value->members;
        value->members = member;
    }
    return step == QLI_JSON_CLOSED;
}

static bool read_word(struct qli_json_reader *reader, char first, struct ql_json_value *value)
{
    value->kind = first == 'n' ? QL_JSON_NULL : QL_JSON_BOOL;
    value->truth = first == 't';
    return qli_json_read_word(reader, first == 'n' ? "null" : first == 't' ? "true" : "false");
}

static bool read_value(struct qli_json_reader *reader, unsigned depth_left,
                       struct ql_json_value *ret_value)
{
    char first = qli_json_next_byte(reader);

    if (depth_left == 0)
        return false;
    switch (first) {
    case '{':
        return read_object(reader, depth_left, ret_value);
    case '[':
        ret_value->kind = QL_JSON_ARRAY;
        return qli_json_skip(reader, depth_left);
    case '"':
        return read_text(reader, ret_value);
    case 'n':
    case 't':
    case 'f':
        return read_word(reader, first, ret_value);
    default:
        return read_number(reader, ret_value);
    }
}

enum ql_code ql_json_value_read(struct ql_arena *arena, const char *json, size_t length,
                                const struct ql_json_value **ret_value)
{
    struct ql_json_value *value = ql_arena_calloc(arena, 1, sizeof(*value));
    struct qli_json_reader reader;

    if (value == NULL)
        return QL_RESOURCE_EXHAUSTED;
    qli_json_reader_init(&reader, arena, json, length);
    if (!read_value(&reader, QL_JSON_VALUE_DEPTH, value) || !qli_json_at_end(&reader))
        return reader.is_out_of_memory ? QL_RESOURCE_EXHAUSTED : QL_INVALID_ARGUMENT;
    *ret_value = value;
    return QL_OK;
}

static const struct ql_json_value *member_of(const struct ql_json_value *object, const char *name,
                                             size_t length)
{
    const struct ql_json_value *member = object->members;

    while (member != NULL &&
           (member->key_length != length || memcmp(member->key, name, length) != 0))
        member = member->next;
    return member;
}

const struct ql_json_value *ql_json_value_at(const struct ql_json_value *value, const char *path)
{
    while (value != NULL) {
        size_t length = strcspn(path, ".");

        value = member_of(value, path, length);
        if (path[length] == '\0')
            break;
        path += length + 1;
    }
    return value;
}
