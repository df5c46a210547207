/* Free-form JSON: Struct, Value and ListValue. Their fields are what
 * google/protobuf/struct.proto says; schema_well_known.c has made sure of it. */
#include "platform/pb/json/struct.h"

#include <string.h>

#include "platform/pb/json/keys.h"
#include "platform/pb/json/number.h"
#include "platform/pb/json/parser.h"
#include "platform/pb/json/reader.h"
#include "platform/pb/wire/wire.h"

enum {
    STRUCT_FIELDS = 1,
    ENTRY_KEY = 1,
    ENTRY_VALUE = 2,
    LIST_VALUES = 1,
    VALUE_NULL = 1,
    VALUE_NUMBER = 2,
    VALUE_STRING = 3,
    VALUE_BOOL = 4,
    VALUE_STRUCT = 5,
    VALUE_LIST = 6,
};

static enum ql_code parse_word(struct qli_json_parse *parse, const struct qli_path *path,
                               const char *word, uint32_t number, uint64_t bits)
{
    if (!qli_json_read_word(&parse->reader, word))
        return qli_json_malformed(parse, path);
    qli_wire_put_tag(parse->out, number, QLI_WIRE_VARINT);
    qli_wire_put_varint(parse->out, bits);
    return QL_OK;
}

static enum ql_code parse_number(struct qli_json_parse *parse, const struct qli_path *path)
{
    struct qli_text text;
    uint64_t bits;
    double value;

    if (!qli_json_read_number(&parse->reader, &text))
        return qli_json_malformed(parse, path);
    if (!qli_double_read(text.bytes, text.length, &value))
        return qli_json_violate(parse, path, "must be a number of 64 bits");
    memcpy(&bits, &value, sizeof(bits));
    qli_wire_put_tag(parse->out, VALUE_NUMBER, QLI_WIRE_FIXED64);
    qli_wire_put_fixed(parse->out, 8, bits);
    return QL_OK;
}

static enum ql_code parse_container(struct qli_json_parse *parse, const struct qli_path *path,
                                    bool is_struct)
{
    size_t mark;
    enum ql_code rc;

    rc = qli_json_open(parse, path, is_struct ? VALUE_STRUCT : VALUE_LIST, &mark);
    if (rc != QL_OK)
        return rc;
    rc = is_struct ? qli_json_parse_struct(parse, path) : qli_json_parse_list(parse, path);
    qli_json_close(parse, mark);
    return rc;
}

enum ql_code qli_json_parse_value(struct qli_json_parse *parse, const struct qli_path *path)
{
    struct qli_text text;
    enum ql_code rc = qli_json_count(parse, path);

    if (rc != QL_OK)
        return rc;
    switch (qli_json_next_byte(&parse->reader)) {
    case '{':
        return parse_container(parse, path, true);
    case '[':
        return parse_container(parse, path, false);
    case '"':
        if (!qli_json_read_string(&parse->reader, &text))
            return qli_json_malformed(parse, path);
        qli_wire_put_bytes(parse->out, VALUE_STRING, text.bytes, text.length);
        return QL_OK;
    case 't':
        return parse_word(parse, path, "true", VALUE_BOOL, 1);
    case 'f':
        return parse_word(parse, path, "false", VALUE_BOOL, 0);
    case 'n':
        return parse_word(parse, path, "null", VALUE_NULL, 0);
    default:
        return parse_number(parse, path);
    }
}

/* A Value as the field `number` of what surrounds it. */
static enum ql_code parse_inner_value(struct qli_json_parse *parse, const struct qli_path *path,
                                      uint32_t number)
{
    size_t mark;
    enum ql_code rc = qli_json_count(parse, path);

    if (rc != QL_OK)
        return rc;
    rc = qli_json_open(parse, path, number, &mark);
    if (rc != QL_OK)
        return rc;
    rc = qli_json_parse_value(parse, path);
    qli_json_close(parse, mark);
    return rc;
}

static enum ql_code parse_member(struct qli_json_parse *parse, const struct qli_path *path,
                                 struct qli_text key)
{
    size_t mark;
    enum ql_code rc;

    parse->n_elements += 2; /* the entry and its key */
    rc = qli_json_open(parse, path, STRUCT_FIELDS, &mark);
    if (rc != QL_OK)
        return rc;
    qli_wire_put_bytes(parse->out, ENTRY_KEY, key.bytes, key.length);
    rc = parse_inner_value(parse, path, ENTRY_VALUE);
    qli_json_close(parse, mark);
    return rc;
}

enum ql_code qli_json_parse_struct(struct qli_json_parse *parse, const struct qli_path *path)
{
    struct qli_keys keys = {.n = 0};
    enum qli_json_step step;
    struct qli_text key;
    enum ql_code rc;

    rc = qli_json_enter_object(parse, path);
    if (rc != QL_OK)
        return rc;
    while ((step = qli_json_next_member(&parse->reader, &key)) == QLI_JSON_MORE) {
        struct qli_path inner = qli_path_field(path, key.bytes, key.length);

        rc = qli_keys_add(parse, &keys, key, 0);
        if (rc != QL_OK)
            return rc;
        rc = parse_member(parse, &inner, key);
        if (rc != QL_OK)
            return rc;
    }
    if (step != QLI_JSON_CLOSED)
        return qli_json_malformed(parse, path);
    return qli_keys_check(parse, path, &keys);
}

enum ql_code qli_json_parse_list(struct qli_json_parse *parse, const struct qli_path *path)
{
    struct qli_path element = qli_path_element(path, 0);
    enum qli_json_step step;
    enum ql_code rc;

    rc = qli_json_enter_array(parse, path);
    if (rc != QL_OK)
        return rc;
    for (; (step = qli_json_next_element(&parse->reader)) == QLI_JSON_MORE; element.index++) {
        rc = parse_inner_value(parse, &element, LIST_VALUES);
        if (rc != QL_OK)
            return rc;
    }
    return step == QLI_JSON_CLOSED ? QL_OK : qli_json_malformed(parse, path);
}
