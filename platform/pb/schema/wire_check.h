/* The check of the wire in front of every unpack of bytes from the network:
 * protobuf-c has no recursion limit and does not look at UTF-8. */
#ifndef QL_PB_SCHEMA_WIRE_CHECK_H
#define QL_PB_SCHEMA_WIRE_CHECK_H

#include "platform/base/call.h"
#include "platform/pb/schema/schema.h"

enum {
    QL_WIRE_MAX_DEPTH = 32,          /* nested messages */
    QL_WIRE_MAX_BYTES = 1024 * 1024, /* of one message */
    QL_WIRE_ENVELOPE_BYTES = 4096,   /* beside the message in the one that carries it */
    QL_WIRE_MAX_ELEMENTS = 131072,   /* fields and elements in one message, all levels */
};

/* Walks bytes as the message type: tags, wire types that fit the fields, lengths,
 * nesting, valid UTF-8 without NUL in every string, values of well-known types that
 * have a JSON form (finite numbers in a Value, times of the years 1 to 9999 with nanos
 * of 0 to 999999999, durations as long), and the limits above.
 * Unknown fields pass when well-formed (groups included, within the depth).
 * INVALID_ARGUMENT: MALFORMED_MESSAGE, INVALID_FIELD (with the path), or
 * MESSAGE_TOO_DEEP, MESSAGE_TOO_LARGE. Allocates only for an error's path. */
enum ql_code ql_wire_check(struct ql_call *call, const struct ql_message *message,
                           const void *bytes, size_t length) QL_MUST_CHECK;

#endif
