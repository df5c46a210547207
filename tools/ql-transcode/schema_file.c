/* A descriptor set from a file. */
#include "tools/ql-transcode/schema_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "platform/base/buffer.h"

enum { CHUNK_BYTES = 64 * 1024, FILE_MAX_BYTES = 16 * 1024 * 1024 };

struct ql_schema *schema_file_read(const char *path, char *error, size_t error_size)
{
    QL_CLEANUP(ql_buffer_done) struct ql_buffer bytes;
    FILE *file = fopen(path, "rb");
    char chunk[CHUNK_BYTES];
    size_t n;

    ql_buffer_init(&bytes, FILE_MAX_BYTES);
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
    return ql_schema_new(bytes.data, bytes.length, error, error_size);
}
