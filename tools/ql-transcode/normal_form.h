/* The normal form of a message's bytes: what protobuf understands by them, said
 * once. Other than the check, which stands in front of our own services and
 * refuses what none of them sends, this takes all that the encoding allows
 * (https://protobuf.dev/programming-guides/encoding/):
 *
 * - fields in any order, repeated, interleaved; of a scalar the last counts,
 *   messages merge, of a oneof the last member counts, of a map's key the last;
 * - packed or not, whatever the field says;
 * - a field whose wire type does not fit, and a number that a closed enum does
 *   not have, are unknown fields.
 *
 * It writes known fields by number, unknown ones behind them as they came. */
#ifndef QL_TRANSCODE_NORMAL_FORM_H
#define QL_TRANSCODE_NORMAL_FORM_H

#include "platform/base/buffer.h"
#include "platform/base/call.h"
#include "platform/pb/schema/schema.h"

/* Appends the normal form to out; messages and groups may nest max_depth deep within the
 * message. is_for_json, for a printer of JSON: without unknown fields, message sets as
 * plain extensions, and proto2's strings have to be UTF-8 as well. INVALID_ARGUMENT with MALFORMED_MESSAGE,
 * MESSAGE_TOO_DEEP or INVALID_FIELD (text that is not UTF-8, a required field of
 * proto2 that is missing); RESOURCE_EXHAUSTED when out or the arena is full. The
 * work of it lies in the call's arena, some 80 bytes for each field. */
enum ql_code normal_form_write(struct ql_call *call, const struct ql_message *message,
                               const void *bytes, size_t length, unsigned max_depth,
                               bool is_for_json, struct ql_buffer *out) QL_MUST_CHECK;

#endif
