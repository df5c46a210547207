/* JSON to wire bytes: the value of one field, be it single, an array or a map. */
#include "platform/pb/json/field.h"

#include "platform/pb/json/keys.h"
#include "platform/pb/json/parser.h"
#include "platform/pb/json/reader.h"
#include "platform/pb/json/scalar.h"
#include "platform/pb/schema/build.h"
#include "platform/pb/wire/wire.h"

static enum ql_code parse_nested(struct qli_json_parse *parse, const struct qli_path *path,
                                 const struct ql_field *field)
{
    size_t mark;
    enum ql_code rc;

    if (field->type == QL_TYPE_GROUP) {
        rc = qli_json_deeper(parse, path);
        if (rc != QL_OK)
            return rc;
        qli_wire_put_tag(parse->out, field->number, QLI_WIRE_GROUP);
        rc = parse->message(parse, path, field->message);
        qli_wire_put_tag(parse->out, field->number, QLI_WIRE_GROUP_END);
        parse->depth--;
        return rc;
    }
    rc = qli_json_open(parse, path, field->number, &mark);
    if (rc != QL_OK)
        return rc;
    rc = parse->message(parse, path, field->message);
    qli_json_close(parse, mark);
    return rc;
}

static bool is_default(const struct ql_field *field, const struct qli_value *value)
{
    return !field->has_presence && !field->is_repeated && value->bits == 0 &&
           value->bytes.length == 0;
}

bool qli_takes_null(const struct ql_field *field)
{
    return qli_field_is_null_value(field) ||
           (field->message != NULL && field->message->well_known == QL_WELL_KNOWN_VALUE);
}

static enum ql_code parse_scalar(struct qli_json_parse *parse, const struct qli_path *path,
                                 const struct ql_field *field, struct qli_value *ret_value)
{
    struct qli_scalar scalar;
    enum ql_code rc;

    *ret_value = (struct qli_value){.bits = 0};
    parse->has_ignored = false;
    if (qli_json_next_byte(&parse->reader) == 'n' && qli_takes_null(field))
        return qli_json_read_word(&parse->reader, "null") ? QL_OK : qli_json_malformed(parse, path);
    rc = qli_scalar_read(parse, path, &scalar);
    if (rc != QL_OK)
        return rc;
    return qli_scalar_convert(parse, path, field, &scalar, ret_value);
}

enum ql_code qli_json_parse_single(struct qli_json_parse *parse, const struct qli_path *path,
                                   const struct ql_field *field)
{
    struct qli_scalar ignored;
    struct qli_value value;
    enum ql_code rc = qli_json_count(parse, path);

    if (rc != QL_OK)
        return rc;
    if (field->message != NULL) {
        if (qli_json_next_byte(&parse->reader) == 'n' && !qli_takes_null(field))
            return qli_scalar_read(parse, path, &ignored); /* fails: null */
        return parse_nested(parse, path, field);
    }
    rc = parse_scalar(parse, path, field, &value);
    if (rc != QL_OK)
        return rc;
    if (parse->has_ignored)
        return QL_OK;
    if (parse->writes_defaults || !is_default(field, &value))
        qli_value_put(parse->out, field, &value);
    return QL_OK;
}

/* One element of a packed field: like single, without a tag. */
static enum ql_code parse_packed_element(struct qli_json_parse *parse, const struct qli_path *path,
                                         const struct ql_field *field)
{
    struct qli_value value;
    enum ql_code rc = qli_json_count(parse, path);

    if (rc != QL_OK)
        return rc;
    rc = parse_scalar(parse, path, field, &value);
    if (rc != QL_OK)
        return rc;
    if (!parse->has_ignored)
        qli_value_put_bare(parse->out, field->type, &value);
    return QL_OK;
}

static enum ql_code parse_elements(struct qli_json_parse *parse, const struct qli_path *path,
                                   const struct ql_field *field)
{
    struct qli_path element = qli_path_element(path, 0);
    enum qli_json_step step;
    enum ql_code rc;

    for (; (step = qli_json_next_element(&parse->reader)) == QLI_JSON_MORE; element.index++) {
        rc = field->is_packed ? parse_packed_element(parse, &element, field)
                              : qli_json_parse_single(parse, &element, field);
        if (rc != QL_OK)
            return rc;
    }
    return step == QLI_JSON_CLOSED ? QL_OK : qli_json_malformed(parse, path);
}

static enum ql_code parse_array(struct qli_json_parse *parse, const struct qli_path *path,
                                const struct ql_field *field)
{
    size_t begin = parse->out->length, mark;
    enum ql_code rc;

    rc = qli_json_enter_array(parse, path);
    if (rc != QL_OK)
        return rc;
    if (!field->is_packed)
        return parse_elements(parse, path, field);
    parse->n_elements++;
    qli_wire_put_tag(parse->out, field->number, QLI_WIRE_BYTES);
    mark = qli_wire_open(parse->out);
    rc = parse_elements(parse, path, field);
    if (rc != QL_OK)
        return rc;
    if (parse->out->length == mark)
        parse->out->length = begin; /* no element: no field */
    else
        qli_wire_close(parse->out, mark);
    return QL_OK;
}

static enum ql_code parse_entry(struct qli_json_parse *parse, const struct qli_path *path,
                                const struct ql_field *field, struct qli_text key_text,
                                struct qli_keys *keys)
{
    const struct qli_scalar scalar = {.kind = QLI_SCALAR_PLAIN, .text = key_text};
    const struct ql_field *key = ql_message_field_by_number(field->message, 1);
    const struct ql_field *value_field = ql_message_field_by_number(field->message, 2);
    size_t begin = parse->out->length, mark;
    struct qli_value value;
    enum ql_code rc;

    parse->n_elements += 2; /* the entry and its key; the value counts itself */
    rc = qli_json_open(parse, path, field->number, &mark);
    if (rc != QL_OK)
        return rc;
    rc = qli_scalar_convert(parse, path, key, &scalar, &value);
    if (rc != QL_OK)
        return rc;
    rc = qli_keys_add(parse, keys, key_text, value.bits);
    if (rc != QL_OK)
        return rc;
    qli_value_put(parse->out, key, &value);
    rc = qli_json_parse_single(parse, path, value_field);
    qli_json_close(parse, mark);
    if (value_field->enumeration != NULL && parse->has_ignored)
        parse->out->length = begin; /* no value: no entry */
    return rc;
}

enum ql_code qli_json_parse_map(struct qli_json_parse *parse, const struct qli_path *path,
                                const struct ql_field *field)
{
    const struct ql_field *key_field = ql_message_field_by_number(field->message, 1);
    struct qli_keys keys = {.are_numbers = key_field->type != QL_TYPE_STRING};
    enum qli_json_step step;
    struct qli_text key;
    enum ql_code rc;

    rc = qli_json_enter_object(parse, path);
    if (rc != QL_OK)
        return rc;
    while ((step = qli_json_next_member(&parse->reader, &key)) == QLI_JSON_MORE) {
        struct qli_path inner = qli_path_field(path, key.bytes, key.length);

        rc = parse_entry(parse, &inner, field, key, &keys);
        if (rc != QL_OK)
            return rc;
    }
    if (step != QLI_JSON_CLOSED)
        return qli_json_malformed(parse, path);
    return qli_keys_check(parse, path, &keys);
}

enum ql_code qli_json_parse_field(struct qli_json_parse *parse, const struct qli_path *path,
                                  const struct ql_field *field)
{
    if (field->is_map)
        return qli_json_parse_map(parse, path, field);
    return field->is_repeated ? parse_array(parse, path, field)
                              : qli_json_parse_single(parse, path, field);
}
