/* Where the body of a request and what stands around it speak of the same: an
 * update's mask and the members of its body, the path and a field of the body. */
#include "platform/pb/route/update.h"

#include <string.h>
#include <strings.h>

#include "platform/base/id.h"
#include "platform/pb/json/parser.h"
#include "platform/pb/json/reader.h"
#include "platform/pb/route/nest.h"
#include "platform/pb/route/table.h"
#include "platform/pb/wire/wire.h"

enum { MASK_PATHS = 1 }; /* google.protobuf.FieldMask.paths */

enum ql_code qli_route_put_names(struct qli_json_parse *parse, const struct qli_route *route,
                                 const char *body, size_t length)
{
    struct qli_path path =
        qli_path_field(NULL, route->update_mask->json_name, strlen(route->update_mask->json_name));
    struct qli_json_reader reader;
    enum qli_json_step step;
    struct qli_text key;
    size_t mark;
    enum ql_code rc;

    qli_json_reader_init(&reader, parse->call->arena, body, length);
    if (qli_json_next_byte(&reader) != '{') /* null */
        return QL_OK;
    rc = qli_json_open(parse, &path, route->update_mask->number, &mark);
    if (rc != QL_OK)
        return rc;
    qli_json_enter(&reader);
    while ((step = qli_json_next_member(&reader, &key)) == QLI_JSON_MORE) {
        const struct ql_field *field =
            ql_message_field_by_name(route->body->message, key.bytes, key.length);

        if (field != NULL)
            qli_wire_put_bytes(parse->out, MASK_PATHS, field->name, strlen(field->name));
        /* An array may lie between any two messages. */
        if (!qli_json_skip(&reader, 2 * parse->max_depth))
            break;
    }
    qli_json_close(parse, mark);
    return step == QLI_JSON_CLOSED ? QL_OK : ql_fail_memory(parse->call);
}

static bool is_uuid(const char *bytes, size_t length)
{
    char text[QL_UUID_SIZE];

    if (length != sizeof(text) - 1)
        return false;
    memcpy(text, bytes, length);
    text[length] = '\0';
    return ql_uuid_is_valid(text);
}

enum qli_body_word qli_route_compare(const struct qli_chain *chain, struct qli_text text,
                                     struct qli_bytes wire)
{
    const char *said;

    if (chain->fields[chain->n - 1]->type != QL_TYPE_STRING)
        return QLI_BODY_SILENT;
    for (size_t i = 0; i < chain->n; i++)
        if (!qli_wire_find_last(wire, chain->fields[i]->number, &wire))
            return QLI_BODY_SILENT;
    said = (const char *)wire.data;
    if (wire.length == text.length && memcmp(said, text.bytes, text.length) == 0)
        return QLI_BODY_SAME;
    if (is_uuid(said, wire.length) && is_uuid(text.bytes, text.length) &&
        strncasecmp(said, text.bytes, text.length) == 0)
        return QLI_BODY_SILENT;
    return QLI_BODY_OTHER;
}
