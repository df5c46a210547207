/* A descriptor set from a file. */
#include "tools/ql-transcode/schema_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "platform/base/buffer.h"
#include "platform/base/call.h"
#include "platform/pb/json/json.h"
#include "tools/ql-transcode/normal_form.h"

enum {
    CHUNK_BYTES = 64 * 1024,
    FILE_MAX_BYTES = 16 * 1024 * 1024,
    MEMORY_BYTES = 512 * 1024 * 1024,
    TIMEOUT_MS = 60 * 1000,
};

/* Options of other people may hold groups, which protobuf-c does not read: what
 * descriptor.proto does not know is left out. */
static bool options_drop(const struct ql_buffer *set, struct ql_buffer *out)
{
    const struct ql_message *type =
        ql_schema_message(ql_schema_embedded(), "google.protobuf.FileDescriptorSet");
    QL_CLEANUP(ql_arena_freep) struct ql_arena *arena = ql_arena_new(MEMORY_BYTES);
    struct ql_call call;

    if (arena == NULL || type == NULL)
        return false;
    ql_call_init(&call, arena, "read descriptor set", TIMEOUT_MS);
    return normal_form_write(&call, type, set->data, set->length, QL_JSON_MAX_DEPTH, true, out) ==
           QL_OK;
}

struct ql_schema *schema_file_read(const char *path, char *error, size_t error_size)
{
    QL_CLEANUP(ql_buffer_done) struct ql_buffer bytes;
    QL_CLEANUP(ql_buffer_done) struct ql_buffer plain;
    FILE *file = fopen(path, "rb");
    char chunk[CHUNK_BYTES];
    size_t n;

    ql_buffer_init(&bytes, FILE_MAX_BYTES);
    ql_buffer_init(&plain, FILE_MAX_BYTES);
    if (file == NULL) {
        snprintf(error, error_size, "%s", strerror(errno));
        return NULL;
    }
    while ((n = fread(chunk, 1, sizeof(chunk), file)) > 0 && !bytes.failed)
        ql_buffer_append(&bytes, chunk, n);
    if (ferror(file) || bytes.failed) {
        snprintf(error, error_size, "it cannot be read, or is too large");
        fclose(file);
        return NULL;
    }
    fclose(file);
    if (!options_drop(&bytes, &plain)) {
        snprintf(error, error_size, "the descriptor set is malformed");
        return NULL;
    }
    return ql_schema_new(plain.data, plain.length, error, error_size);
}
