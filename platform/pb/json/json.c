/* Whole messages: from text to bytes and back, all or nothing. */
#include "platform/pb/json/json.h"

#include <string.h>

#include "platform/pb/json/parse.h"
#include "platform/pb/json/print.h"
#include "platform/pb/json/reader.h"
#include "platform/pb/schema/wire_check.h"

enum { JSON_MAX_BYTES = 8 * QL_WIRE_MAX_BYTES };

/* The whole text as one message. */
static enum ql_code parse_all(struct qli_json_parse *parse, const struct ql_message *message,
                              const char *json, size_t length, bool takes_nul)
{
    struct ql_buffer *out = parse->out;
    size_t begin = out->length;
    enum ql_code rc;

    qli_json_reader_init(&parse->reader, parse->call->arena, json, length);
    parse->reader.takes_nul = takes_nul;
    rc = qli_json_parse_message(parse, NULL, message);
    if (rc == QL_OK && !qli_json_at_end(&parse->reader))
        rc = qli_json_malformed(parse, NULL);
    if (rc == QL_OK && out->failed)
        rc = ql_fail(parse->call, QL_RESOURCE_EXHAUSTED, "MESSAGE_TOO_LARGE",
                     "the message is larger than %zu bytes", out->limit);
    if (rc != QL_OK)
        out->length = begin;
    return rc;
}

enum ql_code ql_json_to_wire(struct ql_call *call, const struct ql_schema *schema,
                             const struct ql_message *message, const char *json, size_t length,
                             const char *path_prefix, struct ql_buffer *out)
{
    struct qli_json_parse parse;

    qli_json_parse_init(&parse, call, schema, out, path_prefix);
    return parse_all(&parse, message, json, length, false);
}

enum ql_code ql_json_read(struct ql_call *call, const struct ql_schema *schema,
                          const struct ql_message *message, const char *json, size_t length,
                          const struct ql_json_options *options, struct ql_buffer *out)
{
    struct qli_json_parse parse;

    qli_json_parse_init(&parse, call, schema, out, "");
    if (options->max_depth != 0)
        parse.max_depth =
            options->max_depth < QL_JSON_MAX_DEPTH ? options->max_depth : QL_JSON_MAX_DEPTH;
    if (options->max_elements != 0)
        parse.max_elements = options->max_elements;
    parse.ignores_unknown = options->ignores_unknown;
    parse.adds_well_known = options->adds_well_known;
    parse.normalize = options->normalize;
    return parse_all(&parse, message, json, length, options->takes_nul);
}

static enum ql_code print_all(struct qli_json_print *print, const struct ql_message *message,
                              const void *wire, size_t length)
{
    const struct qli_bytes bytes = {.data = wire, .length = length};
    size_t begin = print->out->length;
    enum ql_code rc = qli_json_print_message(print, message, bytes);

    if (rc == QL_OK && print->out->failed)
        rc = ql_fail(print->call, QL_RESOURCE_EXHAUSTED, "MESSAGE_TOO_LARGE",
                     "the JSON is larger than %zu bytes", print->out->limit);
    if (rc != QL_OK)
        print->out->length = begin;
    return rc;
}

enum ql_code ql_json_from_wire(struct ql_call *call, const struct ql_schema *schema,
                               const struct ql_message *message, const void *wire, size_t length,
                               struct ql_buffer *out)
{
    struct qli_json_print print;

    qli_json_print_init(&print, call, schema, out);
    return print_all(&print, message, wire, length);
}

enum ql_code ql_json_write(struct ql_call *call, const struct ql_schema *schema,
                           const struct ql_message *message, const void *wire, size_t length,
                           const struct ql_json_options *options, struct ql_buffer *out)
{
    struct qli_json_print print;

    qli_json_print_init(&print, call, schema, out);
    print.options = *options;
    if (print.options.max_depth > QL_JSON_MAX_DEPTH)
        print.options.max_depth = QL_JSON_MAX_DEPTH;
    return print_all(&print, message, wire, length);
}

static enum ql_code find_type(struct ql_call *call, const char *name,
                              const struct ql_message **ret_type)
{
    *ret_type = ql_schema_message(ql_schema_embedded(), name);
    if (*ret_type == NULL)
        return ql_fail(call, QL_INTERNAL, "UNKNOWN_TYPE", "the contract has no %s", name);
    return QL_OK;
}

enum ql_code ql_message_to_json(struct ql_call *call, const char *type_name, const void *bytes,
                                size_t length, char **ret_json)
{
    QL_CLEANUP(ql_buffer_done) struct ql_buffer json;
    const struct ql_message *type;
    enum ql_code rc;

    ql_buffer_init(&json, JSON_MAX_BYTES);
    rc = find_type(call, type_name, &type);
    if (rc != QL_OK)
        return rc;
    rc = ql_wire_check(call, type, bytes, length);
    if (rc != QL_OK)
        return rc;
    rc = ql_json_from_wire(call, ql_schema_embedded(), type, bytes, length, &json);
    if (rc != QL_OK)
        return rc;
    *ret_json = ql_arena_memdup(call->arena, json.data, json.length + 1);
    return *ret_json == NULL ? ql_fail_memory(call) : QL_OK;
}

enum ql_code ql_message_from_json(struct ql_call *call, const char *type_name, const char *json,
                                  uint8_t **ret_bytes, size_t *ret_length)
{
    QL_CLEANUP(ql_buffer_done) struct ql_buffer wire;
    const struct ql_message *type;
    enum ql_code rc;

    ql_buffer_init(&wire, QL_WIRE_MAX_BYTES);
    rc = find_type(call, type_name, &type);
    if (rc != QL_OK)
        return rc;
    rc = ql_json_to_wire(call, ql_schema_embedded(), type, json, strlen(json), "", &wire);
    if (rc != QL_OK)
        return rc;
    *ret_bytes = ql_arena_memdup(call->arena, wire.data, wire.length);
    *ret_length = wire.length;
    return *ret_bytes == NULL ? ql_fail_memory(call) : QL_OK;
}
