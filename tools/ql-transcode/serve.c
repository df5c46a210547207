/* The pipe: messages behind their lengths, one answer for each. */
#include "tools/ql-transcode/transcode.h"

#include <stdlib.h>

enum { PREFIX_BYTES = 4, CHUNK_BYTES = 64 * 1024 };

enum frame { FRAME_READ, FRAME_END, FRAME_BROKEN };

/* Memory grows with what has come, not with what a length announces. */
static bool body_read(FILE *in, size_t length, struct ql_buffer *body)
{
    char chunk[CHUNK_BYTES];

    ql_buffer_clear(body);
    while (body->length < length) {
        size_t wanted =
            length - body->length < sizeof(chunk) ? length - body->length : sizeof(chunk);
        size_t n = fread(chunk, 1, wanted, in);

        if (n == 0)
            return false;
        ql_buffer_append(body, chunk, n);
        if (body->failed)
            return false;
    }
    return true;
}

static enum frame frame_read(FILE *in, struct ql_buffer *body, FILE *errors)
{
    unsigned char prefix[PREFIX_BYTES];
    size_t n = fread(prefix, 1, sizeof(prefix), in), length;

    if (n == 0 && feof(in))
        return FRAME_END;
    length = (size_t)prefix[0] | (size_t)prefix[1] << 8 | (size_t)prefix[2] << 16 |
             (size_t)prefix[3] << 24;
    if (n == sizeof(prefix) && length > TRANSCODE_MAX_BYTES) {
        fprintf(errors, "a request of %zu bytes, %d at most\n", length, TRANSCODE_MAX_BYTES);
        return FRAME_BROKEN;
    }
    if (n == sizeof(prefix) && body_read(in, length, body))
        return FRAME_READ;
    fprintf(errors, "the input ends amid a request\n");
    return FRAME_BROKEN;
}

static bool frame_write(FILE *out, const struct ql_buffer *body, FILE *errors)
{
    const unsigned char prefix[PREFIX_BYTES] = {
        (unsigned char)body->length, (unsigned char)(body->length >> 8),
        (unsigned char)(body->length >> 16), (unsigned char)(body->length >> 24)};

    if (fwrite(prefix, 1, sizeof(prefix), out) == sizeof(prefix) &&
        (body->length == 0 || fwrite(body->data, 1, body->length, out) == body->length) &&
        fflush(out) == 0)
        return true;
    fprintf(errors, "an answer cannot be written\n");
    return false;
}

bool transcode_serve(struct transcode *transcode, FILE *in, FILE *out, FILE *errors)
{
    QL_CLEANUP(ql_buffer_done) struct ql_buffer request;
    QL_CLEANUP(ql_buffer_done) struct ql_buffer answer;
    enum frame frame;

    ql_buffer_init(&request, TRANSCODE_MAX_BYTES + 1);
    ql_buffer_init(&answer, 2 * TRANSCODE_MAX_BYTES);
    while ((frame = frame_read(in, &request, errors)) == FRAME_READ) {
        if (!transcode_answer(transcode, (const uint8_t *)request.data, request.length, &answer)) {
            fprintf(errors, "a request is malformed or too large to answer\n");
            return false;
        }
        if (!frame_write(out, &answer, errors))
            return false;
    }
    return frame == FRAME_END;
}
