/* JSON to wire bytes: what every part of reading needs. One pass over the text; what is
 * nested is written behind a length that is filled in afterwards. */
#include "platform/pb/json/parser.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "platform/pb/json/reader.h"
#include "platform/pb/wire/wire.h"

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

static enum ql_code enter_container(struct qli_json_parse *parse, const struct qli_path *path,
                                    char opening, const char *expected)
{
    if (qli_json_next_byte(&parse->reader) == opening) {
        qli_json_enter(&parse->reader);
        return QL_OK;
    }
    /* Malformed JSON is reported as such before a value of another kind. */
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
    return enter_container(parse, path, '{', "object");
}

enum ql_code qli_json_enter_array(struct qli_json_parse *parse, const struct qli_path *path)
{
    return enter_container(parse, path, '[', "array");
}
