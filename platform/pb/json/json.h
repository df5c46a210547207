/* proto3 JSON (https://protobuf.dev/programming-guides/json/) to wire bytes and
 * back, straight from the schema: no generated structs, one pass, bounded.
 *
 * Reading is strict: unknown fields, duplicate keys, trailing garbage, bad
 * UTF-8, lone surrogates, NUL in strings, out-of-range numbers and nesting past
 * QL_WIRE_MAX_DEPTH are refused with the field's path in JSON spelling.
 * Writing prints fields without presence always, enums by name, 64-bit integers
 * as strings, and never a field marked secret. */
#ifndef QL_PB_JSON_JSON_H
#define QL_PB_JSON_JSON_H

#include "platform/base/buffer.h"
#include "platform/base/call.h"
#include "platform/pb/json/options.h"
#include "platform/pb/schema/schema.h"

/* Appends to out the wire bytes of the message that json spells. schema is
 * where Any finds its types. path_prefix is put before paths in violations
 * ("" or "quest"). INVALID_ARGUMENT with reason MALFORMED_JSON or INVALID_FIELD
 * and one violation; RESOURCE_EXHAUSTED when out is full. */
enum ql_code ql_json_to_wire(struct ql_call *call, const struct ql_schema *schema,
                             const struct ql_message *message, const char *json, size_t length,
                             const char *path_prefix, struct ql_buffer *out) QL_MUST_CHECK;

/* Appends to out the JSON of a message. wire must have passed ql_wire_check;
 * still, INTERNAL for malformed bytes, RESOURCE_EXHAUSTED when out is full. An
 * Any of unknown type is an error (UNKNOWN_ANY_TYPE). */
enum ql_code ql_json_from_wire(struct ql_call *call, const struct ql_schema *schema,
                               const struct ql_message *message, const void *wire, size_t length,
                               struct ql_buffer *out) QL_MUST_CHECK;

/* The same with options. What ql_json_write prints must have passed ql_wire_check, or
 * have been normalized as the options' Any is. */
enum ql_code ql_json_read(struct ql_call *call, const struct ql_schema *schema,
                          const struct ql_message *message, const char *json, size_t length,
                          const struct ql_json_options *options,
                          struct ql_buffer *out) QL_MUST_CHECK;
enum ql_code ql_json_write(struct ql_call *call, const struct ql_schema *schema,
                           const struct ql_message *message, const void *wire, size_t length,
                           const struct ql_json_options *options,
                           struct ql_buffer *out) QL_MUST_CHECK;

/* JSON of a generated message's bytes, and the way back, with the embedded
 * schema; results in the call's arena (text ends with a NUL). */
enum ql_code ql_message_to_json(struct ql_call *call, const char *type_name, const void *bytes,
                                size_t length, char **ret_json) QL_MUST_CHECK;
enum ql_code ql_message_from_json(struct ql_call *call, const char *type_name, const char *json,
                                  uint8_t **ret_bytes, size_t *ret_length) QL_MUST_CHECK;

#endif
