/* Options of our own in a descriptor. */
#ifndef QLI_PB_SCHEMA_OPTIONS_H
#define QLI_PB_SCHEMA_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <protobuf-c/protobuf-c.h>

#include "platform/base/arena.h"

/* Custom options, which protobuf-c leaves among the unknown fields. The last
 * occurrence counts; false when there is none. */
enum {
    QLI_OPTION_SECRET = 50001, /* of a field, as the next two */
    QLI_OPTION_EXAMPLE = 50002,
    QLI_OPTION_FIELD_BEHAVIOR = 1052,
    QLI_OPTION_RULES = 1159,   /* of a field, a oneof */
    QLI_OPTION_ACCESS = 50001, /* of a method, as those below */
    QLI_OPTION_OWNER = 50002,
    QLI_OPTION_FAST = 50003,
    QLI_OPTION_IDEMPOTENCY_KEY = 50004,
    QLI_OPTION_CALLERS = 50006,
    QLI_OPTION_REASON = 50010,
    QLI_OPTION_HTTP = 72295728,
    QLI_OPTION_EVENT = 50001, /* of a message */
    QLI_OPTION_QUEUE = 50001, /* of a service, as the next */
    QLI_OPTION_PUBLISHES_CUSTOM = 50002,
};
bool qli_option_varint(const ProtobufCMessage *options, uint32_t number, uint64_t *ret_value);
/* True when a repeated option, not packed, has value among its occurrences. */
bool qli_option_has(const ProtobufCMessage *options, uint32_t number, uint64_t value);
bool qli_option_bytes(const ProtobufCMessage *options, uint32_t number, const uint8_t **ret_bytes,
                      size_t *ret_length);
/* A text option, copied into the arena. False without memory; none is NULL. */
bool qli_option_text(struct ql_arena *arena, const ProtobufCMessage *options, uint32_t number,
                     const char **ret_text);
/* All occurrences of a repeated text option, in order, copied into the arena. False
 * without memory, or when one is malformed. */
bool qli_option_texts(struct ql_arena *arena, const ProtobufCMessage *options, uint32_t number,
                      const char *const **ret_texts, size_t *ret_count);

#endif
