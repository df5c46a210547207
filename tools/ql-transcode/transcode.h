/* One request of protobuf's conformance protocol, answered. */
#ifndef QL_TRANSCODE_H
#define QL_TRANSCODE_H

#include <stdint.h>
#include <stdio.h>

#include "platform/base/arena.h"
#include "platform/base/buffer.h"
#include "platform/pb/schema/schema.h"

enum {
    TRANSCODE_MAX_BYTES = 64 * 1024 * 1024,      /* of a request, and of an answer */
    TRANSCODE_MEMORY_BYTES = 1024 * 1024 * 1024, /* of the work between them */
    TRANSCODE_DEPTH = 100,                       /* what protobuf's own readers allow */
};

struct transcode {
    const struct ql_schema *schema; /* where message types are found */
    unsigned max_depth;
    struct ql_arena *arena; /* emptied with every request */
};

/* Answers the bytes of a Request with those of a Response, in place of what out
 * held. False when they are no Request or the answer finds no room. */
bool transcode_answer(struct transcode *transcode, const uint8_t *request, size_t length,
                      struct ql_buffer *out);

/* Answers everything that in brings, each message behind its length (32 bits,
 * little-endian), until in ends. False with a line on errors when it ends amid a
 * message, or when one is too long or no Request. */
bool transcode_serve(struct transcode *transcode, FILE *in, FILE *out, FILE *errors);

#endif
