/* Messages of the contract as JSON documents in PostgreSQL. */
#include "platform/resource/document.h"

#include <string.h>

#include "platform/pb/json/json.h"
#include "platform/pb/schema/message.h"

/* On its way out of the database a message of a few kB may take more than 100 kB. */
static const size_t document_bytes = 4u * 1024 * 1024;

static const struct ql_message *contract_of(const ProtobufCMessageDescriptor *type)
{
    return ql_schema_message(ql_schema_embedded(), type->name);
}

enum ql_code ql_document_write(struct ql_call *call, const ProtobufCMessage *message,
                               const char **ret_document)
{
    static const struct ql_json_options options = {.omits_defaults = true, .keeps_names = true};
    QL_CLEANUP(ql_buffer_done) struct ql_buffer json;
    uint8_t *bytes;
    size_t length;
    enum ql_code rc = ql_message_pack(call, message, &bytes, &length);

    if (rc != QL_OK)
        return rc;
    ql_buffer_init(&json, document_bytes);
    rc = ql_json_write(call, ql_schema_embedded(), contract_of(message->descriptor), bytes, length,
                       &options, &json);
    if (rc != QL_OK)
        return rc;
    *ret_document = ql_arena_strndup(call->arena, (const char *)json.data, json.length);
    return *ret_document == NULL ? ql_fail_memory(call) : QL_OK;
}

static enum ql_code parse(struct ql_call *call, const ProtobufCMessageDescriptor *type,
                          const char *document, void *ret_message)
{
    static const struct ql_json_options options = {.ignores_unknown = true};
    QL_CLEANUP(ql_buffer_done) struct ql_buffer wire;
    enum ql_code rc;

    ql_buffer_init(&wire, document_bytes);
    rc = ql_json_read(call, ql_schema_embedded(), contract_of(type), document, strlen(document),
                      &options, &wire);
    if (rc != QL_OK)
        return rc;
    return ql_message_unpack(call, type, wire.data, wire.length, ret_message);
}

enum ql_code ql_document_read(struct ql_call *call, const ProtobufCMessageDescriptor *type,
                              const char *document, void *ret_message)
{
    enum ql_code rc = parse(call, type, document, ret_message);

    if (rc == QL_INVALID_ARGUMENT)
        return ql_fail(call, QL_INTERNAL, "ROW_UNREADABLE", "a stored %s cannot be read: %s",
                       type->name, call->status.message);
    return rc;
}
