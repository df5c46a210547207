/* Any: {"@type": "type.googleapis.com/questline.user.v1.User", ...}. The type may
 * stand anywhere in the object, so it is looked for first; the object is then
 * read again as that type. A type with a JSON form of its own has it in "value". */
#include "platform/pb/json/any.h"

#include <string.h>

#include "platform/pb/json/parser.h"
#include "platform/pb/json/reader.h"
#include "platform/pb/schema/build.h"
#include "platform/pb/wire/wire.h"

enum { ANY_TYPE_URL = 1, ANY_VALUE = 2 };

static const char type_key[] = "@type";

static bool key_is(struct qli_text key, const char *name)
{
    return key.length == strlen(name) && memcmp(key.bytes, name, key.length) == 0;
}

static enum ql_code violate_type(struct qli_json_parse *parse, const struct qli_path *path,
                                 const char *problem)
{
    struct qli_path inner = qli_path_field(path, type_key, strlen(type_key));

    return qli_json_violate(parse, &inner, "%s", problem);
}

/* Reads the object that begins here for its type and goes back to its start. No
 * type, and no other member either: ret_url stays empty. */
static enum ql_code find_type(struct qli_json_parse *parse, const struct qli_path *path,
                              struct qli_text *ret_url)
{
    struct qli_json_reader *reader = &parse->reader;
    const char *begin = reader->at;
    enum qli_json_step step;
    struct qli_text key;
    size_t n_members = 0;
    enum ql_code rc;

    rc = qli_json_enter_object(parse, path);
    if (rc != QL_OK)
        return rc;
    while ((step = qli_json_next_member(reader, &key)) == QLI_JSON_MORE) {
        n_members++;
        if (!key_is(key, type_key)) {
            rc = qli_json_pass(parse, path);
            if (rc != QL_OK)
                return rc;
            continue;
        }
        if (ret_url->bytes != NULL)
            return violate_type(parse, path, "appears twice");
        if (qli_json_next_byte(reader) != '"')
            return violate_type(parse, path, "must be a string");
        if (!qli_json_read_string(reader, ret_url))
            return qli_json_malformed(parse, path);
    }
    if (step != QLI_JSON_CLOSED)
        return qli_json_malformed(parse, path);
    if (ret_url->bytes == NULL && n_members != 0)
        return violate_type(parse, path, "is missing");
    if (ret_url->bytes != NULL)
        reader->at = begin;
    return QL_OK;
}

/* The type behind the last slash of the URL. */
static const struct ql_message *type_of(struct qli_json_parse *parse, struct qli_text url)
{
    const char *slash = memrchr(url.bytes, '/', url.length);
    char *name;

    if (slash == NULL)
        return NULL;
    name = ql_arena_strndup(parse->call->arena, slash + 1,
                            (size_t)(url.bytes + url.length - slash - 1));
    return name == NULL ? NULL : qli_any_type(parse->schema, name, parse->adds_well_known);
}

/* The form {"@type": ..., "value": ...}. */
static enum ql_code parse_value_form(struct qli_json_parse *parse, const struct qli_path *path,
                                     const struct ql_message *type)
{
    struct qli_json_reader *reader = &parse->reader;
    bool has_value = false;
    enum qli_json_step step;
    struct qli_text key;
    enum ql_code rc;

    while ((step = qli_json_next_member(reader, &key)) == QLI_JSON_MORE) {
        struct qli_path inner = qli_path_field(path, key.bytes, key.length);

        if (key_is(key, type_key)) {
            if (!qli_json_skip(reader, 0))
                return qli_json_malformed(parse, path);
            continue;
        }
        if (!key_is(key, "value") && parse->ignores_unknown) {
            rc = qli_json_pass(parse, &inner);
            if (rc != QL_OK)
                return rc;
            continue;
        }
        if (!key_is(key, "value"))
            return qli_json_violate(parse, &inner, "is no field of %s", type->full_name);
        if (has_value)
            return qli_json_violate(parse, &inner, "appears twice");
        has_value = true;
        rc = parse->message(parse, &inner, type);
        if (rc != QL_OK)
            return rc;
    }
    if (step != QLI_JSON_CLOSED)
        return qli_json_malformed(parse, path);
    return has_value ? QL_OK : qli_json_violate(parse, path, "needs a member \"value\"");
}

/* Bytes in an Any are compared as bytes by many, so their order should not be the
 * JSON's. */
static enum ql_code content_normalize(struct qli_json_parse *parse, const struct ql_message *type,
                                      size_t mark)
{
    QL_CLEANUP(ql_buffer_done) struct ql_buffer normal;
    struct ql_buffer *out = parse->out;
    enum ql_code rc;

    ql_buffer_init(&normal, out->limit);
    if (out->failed)
        return QL_OK; /* reported at the end */
    rc = parse->normalize(parse->call, type, out->data + mark, out->length - mark,
                          parse->max_depth - parse->depth, false, &normal);
    out->length = mark;
    ql_buffer_append(out, normal.data, normal.length);
    return rc;
}

enum ql_code qli_json_parse_any(struct qli_json_parse *parse, const struct qli_path *path)
{
    struct qli_text url = {.bytes = NULL};
    const struct ql_message *type;
    size_t begin, mark;
    enum ql_code rc;

    rc = find_type(parse, path, &url);
    if (rc != QL_OK || url.bytes == NULL)
        return rc;
    type = type_of(parse, url);
    if (type == NULL)
        return violate_type(parse, path, "is no type that is known here");
    qli_wire_put_bytes(parse->out, ANY_TYPE_URL, url.bytes, url.length);
    begin = parse->out->length;
    rc = qli_json_open(parse, path, ANY_VALUE, &mark);
    if (rc != QL_OK)
        return rc;
    qli_json_enter(&parse->reader);
    rc = type->well_known != QL_WELL_KNOWN_NONE ? parse_value_form(parse, path, type)
                                                : parse->members(parse, path, type, type_key);
    if (rc == QL_OK && parse->normalize != NULL && parse->out->length > mark)
        rc = content_normalize(parse, type, mark);
    if (parse->out->length > mark || parse->out->failed)
        qli_wire_close(parse->out, mark);
    else
        parse->out->length = begin; /* no content: no field */
    parse->depth--;
    return rc;
}
