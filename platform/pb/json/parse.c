/* JSON to wire bytes: messages and their members. */
#include "platform/pb/json/parse.h"

#include <string.h>

#include "platform/pb/json/field.h"
#include "platform/pb/json/reader.h"
#include "platform/pb/json/well_known.h"
#include "platform/pb/schema/build.h"
#include "platform/pb/wire/wire.h"

void qli_json_parse_init(struct qli_json_parse *parse, struct ql_call *call,
                         const struct ql_schema *schema, struct ql_buffer *out, const char *prefix)
{
    *parse = (struct qli_json_parse){.call = call,
                                     .schema = schema,
                                     .out = out,
                                     .prefix = prefix,
                                     .message = qli_json_parse_message,
                                     .members = qli_json_parse_members,
                                     .max_depth = QL_WIRE_MAX_DEPTH,
                                     .max_elements = QL_WIRE_MAX_ELEMENTS};
}

/* Which fields and oneofs of a message were there: one bit each. */
struct seen {
    uint8_t *fields;
    uint8_t *oneofs;
};

static bool mark_seen(uint8_t *bits, size_t index)
{
    bool was_set = bits[index / 8] >> (index % 8) & 1;

    bits[index / 8] |= (uint8_t)(1 << (index % 8));
    return was_set;
}

static enum ql_code parse_member(struct qli_json_parse *parse, const struct qli_path *path,
                                 const struct ql_message *message, struct qli_text key,
                                 const struct seen *seen)
{
    const struct ql_field *field = ql_message_field_by_name(message, key.bytes, key.length);
    struct qli_path inner = qli_path_field(path, key.bytes, key.length);
    bool is_null;

    if (field == NULL && parse->ignores_unknown)
        return qli_json_pass(parse, &inner);
    if (field == NULL)
        return qli_json_violate(parse, &inner, "is no field of %s", message->full_name);
    inner = qli_path_field(path, field->json_name, strlen(field->json_name));
    if (mark_seen(seen->fields, (size_t)(field - message->fields)))
        return qli_json_violate(parse, &inner, "appears twice");
    is_null =
        qli_json_next_byte(&parse->reader) == 'n' && (field->is_repeated || !qli_takes_null(field));
    if (is_null) {
        if (!qli_json_read_word(&parse->reader, "null"))
            return qli_json_malformed(parse, &inner);
        if (field->is_mandatory)
            return qli_json_violate(parse, &inner, "is required");
        return QL_OK;
    }
    if (field->oneof_index >= 0 && mark_seen(seen->oneofs, (size_t)field->oneof_index))
        return qli_json_violate(parse, &inner, "excludes another field that is set too");
    return qli_json_parse_field(parse, &inner, field);
}

/* A required field of proto2 must have been there. */
static enum ql_code check_mandatory(struct qli_json_parse *parse, const struct qli_path *path,
                                    const struct ql_message *message, const uint8_t *seen)
{
    for (size_t i = 0; i < message->n_fields; i++) {
        const struct ql_field *field = &message->fields[i];
        struct qli_path inner = qli_path_field(path, field->json_name, strlen(field->json_name));

        if (field->is_mandatory && (seen[i / 8] >> (i % 8) & 1) == 0)
            return qli_json_violate(parse, &inner, "is required");
    }
    return QL_OK;
}

enum ql_code qli_json_parse_members(struct qli_json_parse *parse, const struct qli_path *path,
                                    const struct ql_message *message, const char *skipped)
{
    size_t n_field_bytes = message->n_fields / 8 + 1;
    size_t n_bytes = n_field_bytes + message->n_oneofs / 8 + 1;
    struct seen seen = {.fields = qli_json_scratch(parse, n_bytes, 0)};
    enum qli_json_step step;
    struct qli_text key;
    enum ql_code rc;

    if (seen.fields == NULL)
        return ql_fail_memory(parse->call);
    memset(seen.fields, 0, n_bytes);
    seen.oneofs = seen.fields + n_field_bytes;
    while ((step = qli_json_next_member(&parse->reader, &key)) == QLI_JSON_MORE) {
        if (skipped != NULL && key.length == strlen(skipped) &&
            memcmp(key.bytes, skipped, key.length) == 0) {
            if (!qli_json_skip(&parse->reader, 0))
                return qli_json_malformed(parse, path);
            continue;
        }
        rc = parse_member(parse, path, message, key, &seen);
        if (rc != QL_OK)
            return rc;
    }
    if (step != QLI_JSON_CLOSED)
        return qli_json_malformed(parse, path);
    return qli_message_of(message)->n_mandatory > 0
               ? check_mandatory(parse, path, message, seen.fields)
               : QL_OK;
}

enum ql_code qli_json_parse_message(struct qli_json_parse *parse, const struct qli_path *path,
                                    const struct ql_message *message)
{
    enum ql_code rc;

    if (message->well_known != QL_WELL_KNOWN_NONE)
        return qli_json_parse_well_known(parse, path, message);
    rc = qli_json_enter_object(parse, path);
    if (rc != QL_OK)
        return rc;
    return qli_json_parse_members(parse, path, message, NULL);
}
