/* A message's bytes as a list of pieces, sorted by what they are pieces of. */
#ifndef QLI_PB_JSON_WIRE_PIECE_H
#define QLI_PB_JSON_WIRE_PIECE_H

#include "platform/base/call.h"
#include "platform/pb/schema/schema.h"
#include "platform/pb/wire/wire.h"

struct piece {
    const struct ql_field *field; /* NULL: unknown */
    const uint8_t *start;         /* of its tag; NULL: one of packed elements */
    const uint8_t *end;
    const uint8_t *data;
    size_t length;
    uint64_t bits;
    uint32_t number;
    bool is_packed;
    bool is_lost; /* a member of a oneof that another one followed */
    size_t position;
};

struct pieces {
    struct piece *all;
    size_t n;
};

/* Takes a message apart, in memory of the call's arena: known pieces by field
 * number, unknown ones behind, each kind in the order it came. The elements of a
 * packed closed enum are pieces of their own, since some may be unknown. */
enum ql_code pieces_collect(struct ql_call *call, const struct ql_message *message,
                            const uint8_t *data, size_t length, unsigned depth_left,
                            struct pieces *ret_pieces) QL_MUST_CHECK;

/* The end of the pieces that are of the same field as the one at begin. */
size_t pieces_run(const struct pieces *pieces, size_t begin);

/* Failures of a message's bytes. */
enum ql_code fail_malformed(struct ql_call *call, const struct ql_message *message);
enum ql_code fail_too_deep(struct ql_call *call);

#endif
