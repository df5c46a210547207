/* JSON to wire bytes: messages, and what every part of reading needs. One pass
 * over the text; what is nested is written behind a length that is filled in
 * afterwards. */
#include "platform/pb/json/parse.h"

#include <stdarg.h>
#include <stdio.h>
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
                                     .max_depth = QL_WIRE_MAX_DEPTH,
                                     .max_elements = QL_WIRE_MAX_ELEMENTS};
}

enum ql_code qli_json_violate(struct qli_json_parse *parse, const struct qli_path *path,
                              const char *format, ...)
{
    char description[QL_MESSAGE_MAX];
    const char *field;
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(description, sizeof(description), format, arguments);
    va_end(arguments);
    field = qli_path_text(parse->call->arena, parse->prefix, path);
    ql_violate(parse->call, field, "%s", description);
    if (field[0] == '\0') /* the message as a whole: nothing to name in front */
        snprintf(parse->call->status.message, sizeof(parse->call->status.message), "%s",
                 description);
    return QL_INVALID_ARGUMENT;
}

enum ql_code qli_json_malformed(struct qli_json_parse *parse, const struct qli_path *path)
{
    const struct qli_json_reader *reader = &parse->reader;

    if (reader->is_out_of_memory)
        return ql_fail_memory(parse->call);
    qli_json_violate(parse, path, "malformed JSON at byte %zu: %s",
                     (size_t)(reader->at - reader->begin), reader->problem);
    snprintf(parse->call->status.reason, sizeof(parse->call->status.reason), "MALFORMED_JSON");
    return QL_INVALID_ARGUMENT;
}

enum ql_code qli_json_deeper(struct qli_json_parse *parse, const struct qli_path *path)
{
    if (parse->depth == parse->max_depth)
        return qli_json_violate(parse, path, "is nested more than %u messages deep",
                                parse->max_depth);
    parse->depth++;
    return QL_OK;
}

enum ql_code qli_json_open(struct qli_json_parse *parse, const struct qli_path *path,
                           uint32_t number, size_t *ret_mark)
{
    enum ql_code rc = qli_json_deeper(parse, path);

    if (rc != QL_OK)
        return rc;
    qli_wire_put_tag(parse->out, number, QLI_WIRE_BYTES);
    *ret_mark = qli_wire_open(parse->out);
    return QL_OK;
}

void qli_json_close(struct qli_json_parse *parse, size_t mark)
{
    parse->depth--;
    qli_wire_close(parse->out, mark);
}

enum ql_code qli_json_count(struct qli_json_parse *parse, const struct qli_path *path)
{
    (void)path; /* no member is to blame for the others */
    if (++parse->n_elements > parse->max_elements)
        return ql_fail(parse->call, QL_INVALID_ARGUMENT, "MESSAGE_TOO_LARGE",
                       "the message has more than %zu fields and elements", parse->max_elements);
    return QL_OK;
}

void *qli_json_scratch(struct qli_json_parse *parse, size_t size, size_t kept)
{
    struct qli_scratch *scratch = &parse->scratch[parse->depth];
    void *memory;

    if (size <= scratch->size)
        return scratch->memory;
    size = size < 2 * scratch->size ? 2 * scratch->size : size;
    memory = ql_arena_alloc(parse->call->arena, size);
    if (memory == NULL)
        return NULL;
    if (kept != 0)
        memcpy(memory, scratch->memory, kept);
    *scratch = (struct qli_scratch){.memory = memory, .size = size};
    return memory;
}

static enum ql_code enter(struct qli_json_parse *parse, const struct qli_path *path, char opening,
                          const char *expected)
{
    if (qli_json_peek(&parse->reader) == opening) {
        qli_json_enter(&parse->reader);
        return QL_OK;
    }
    /* What is no JSON at all is told before what is JSON of another kind. */
    if (!qli_json_skip(&parse->reader, parse->max_depth))
        return qli_json_malformed(parse, path);
    return qli_json_violate(parse, path, "must be an %s", expected);
}

enum ql_code qli_json_pass(struct qli_json_parse *parse, const struct qli_path *path)
{
    /* An array may lie between any two messages. */
    if (!qli_json_skip(&parse->reader, 2 * parse->max_depth))
        return qli_json_malformed(parse, path);
    return QL_OK;
}

enum ql_code qli_json_enter_object(struct qli_json_parse *parse, const struct qli_path *path)
{
    return enter(parse, path, '{', "object");
}

enum ql_code qli_json_enter_array(struct qli_json_parse *parse, const struct qli_path *path)
{
    return enter(parse, path, '[', "array");
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
        qli_json_peek(&parse->reader) == 'n' && (field->is_repeated || !qli_takes_null(field));
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
    size_t n_bytes = n_field_bytes + qli_message_of(message)->n_oneofs / 8 + 1;
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
