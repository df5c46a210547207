/* Generated messages within a call. */
#include "platform/pb/schema/message.h"

#include <string.h>

#include "platform/pb/schema/wire_check.h"

static void arena_release(void *data, void *memory)
{
    (void)data;
    (void)memory;
}

/* An allocator that remembers a refusal, because unpacking returns NULL for it
 * as for anything else. */
struct watched_arena {
    struct ql_arena *arena;
    bool is_full;
};

static void *watched_allocate(void *data, size_t size)
{
    struct watched_arena *watched = data;
    void *memory = ql_arena_alloc(watched->arena, size);

    if (memory == NULL)
        watched->is_full = true;
    return memory;
}

static enum ql_code type_find(struct ql_call *call, const char *name,
                              const struct ql_message **ret_type)
{
    *ret_type = ql_schema_message(ql_schema_embedded(), name);
    if (*ret_type == NULL)
        return ql_fail(call, QL_INTERNAL, "UNKNOWN_TYPE", "the contract has no %s", name);
    return QL_OK;
}

enum ql_code ql_message_unpack(struct ql_call *call, const ProtobufCMessageDescriptor *type,
                               const void *bytes, size_t length, void *ret_message)
{
    struct watched_arena watched = {.arena = call->arena};
    ProtobufCAllocator allocator = {
        .alloc = watched_allocate, .free = arena_release, .allocator_data = &watched};
    const struct ql_message *known;
    ProtobufCMessage *message;
    enum ql_code rc;

    rc = type_find(call, type->name, &known);
    if (rc != QL_OK)
        return rc;
    rc = ql_wire_check(call, known, bytes, length);
    if (rc != QL_OK)
        return rc;
    message = protobuf_c_message_unpack(type, &allocator, length,
                                        length == 0 ? (const uint8_t *)"" : bytes);
    if (message == NULL && watched.is_full)
        return ql_fail_memory(call);
    if (message == NULL) /* groups, which protobuf-c does not read */
        return ql_fail(call, QL_INVALID_ARGUMENT, "MALFORMED_MESSAGE",
                       "the bytes are no %s that can be read", type->name);
    memcpy(ret_message, &message, sizeof(message));
    return QL_OK;
}

enum ql_code ql_message_pack(struct ql_call *call, const void *message, uint8_t **ret_bytes,
                             size_t *ret_length)
{
    size_t length = protobuf_c_message_get_packed_size(message);
    uint8_t *bytes = ql_arena_alloc(call->arena, length);

    if (bytes == NULL)
        return ql_fail_memory(call);
    protobuf_c_message_pack(message, bytes);
    *ret_bytes = bytes;
    *ret_length = length;
    return QL_OK;
}
