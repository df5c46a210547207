/* The messages of protocol.proto, read and written by hand: so few that no
 * generator need stand between. */
#ifndef QL_TRANSCODE_PROTOCOL_H
#define QL_TRANSCODE_PROTOCOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platform/base/buffer.h"

enum transcode_format {
    FORMAT_UNSPECIFIED = 0,
    FORMAT_PROTOBUF = 1,
    FORMAT_JSON = 2,
    FORMAT_JSPB = 3,
    FORMAT_TEXT = 4,
};

struct transcode_request {
    enum transcode_format payload; /* UNSPECIFIED: there is none */
    const uint8_t *bytes;
    size_t length;
    enum transcode_format wanted;
    const char *message_type; /* no NUL at the end */
    size_t message_type_length;
    bool ignores_unknown; /* the category of tests that want it */
};

enum transcode_result { /* numbers of Response's fields */
                        RESULT_PARSE_ERROR = 1,
                        RESULT_RUNTIME_ERROR = 2,
                        RESULT_PROTOBUF = 3,
                        RESULT_JSON = 4,
                        RESULT_SKIPPED = 5,
                        RESULT_SERIALIZE_ERROR = 6,
};

/* Reads a Request, whose bytes must outlive what is read. False when they are none. */
bool protocol_read(const uint8_t *bytes, size_t length, struct transcode_request *ret_request);

/* Appends a Response. */
void protocol_write(struct ql_buffer *out, enum transcode_result result, const char *bytes,
                    size_t length);

#endif
