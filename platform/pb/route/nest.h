/* Putting a field into a message that was written already, so that a message of which body,
 * path and query speak is written once: protobuf says that the pieces of a message merge,
 * protobuf-c takes numbers from the last one only. */
#ifndef QLI_PB_ROUTE_NEST_H
#define QLI_PB_ROUTE_NEST_H

#include "platform/base/buffer.h"
#include "platform/pb/route/table.h"
#include "platform/pb/wire/wire.h"

/* Where the messages of a chain lie in a buffer: the last of each. */
struct qli_nest {
    size_t n_found; /* how many of them are there, from the outermost inwards */
    struct {
        size_t begin, end; /* of the message's content */
    } found[QLI_CHAIN_MAX];
};

/* What the buffer holds from begin on. */
struct qli_bytes qli_buffer_rest(const struct ql_buffer *buffer, size_t begin);

/* The last occurrence of a length-delimited field in a message. */
bool qli_wire_find_last(struct qli_bytes message, uint32_t number, struct qli_bytes *ret_value);

/* Looks for all messages of the chain, which is all its fields but the last, in the message
 * that the buffer holds from begin on. */
void qli_nest_find(struct qli_nest *nest, const struct qli_chain *chain,
                   const struct ql_buffer *out, size_t begin);

/* Moves what was appended to the buffer from tail on to the end of the innermost message
 * found. */
void qli_nest_move(const struct qli_nest *nest, struct ql_buffer *out, size_t tail);

#endif
