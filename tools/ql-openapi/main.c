/* ql-openapi: writes the description of the API, OpenAPI 3.1, from a descriptor set. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/ql-openapi/openapi.h"

enum {
    EXIT_USAGE = 2,
    CHUNK_BYTES = 64 * 1024,
    SET_MAX_BYTES = 16 * 1024 * 1024,
    DOCUMENT_MAX_BYTES = 4 * 1024 * 1024,
    ERROR_SIZE = 512,
};

static const char usage[] =
    "Usage: ql-openapi DESCRIPTOR_SET\n"
    "\n"
    "Prints the OpenAPI 3.1 document of the methods in DESCRIPTOR_SET that people may call\n"
    "over HTTP. DESCRIPTOR_SET is a file that protoc --include_imports --include_source_info\n"
    "--descriptor_set_out writes, as generated/questline.desc. scripts/generate.sh openapi\n"
    "calls this program to write generated/openapi.json.\n";

static bool read_file(const char *path, struct ql_buffer *out)
{
    FILE *file = fopen(path, "rb");
    char chunk[CHUNK_BYTES];
    bool is_read;
    size_t n;

    if (file == NULL)
        return false;
    while ((n = fread(chunk, 1, sizeof(chunk), file)) > 0)
        ql_buffer_append(out, chunk, n);
    is_read = ferror(file) == 0;
    fclose(file);
    return is_read;
}

/* Writes the whole document or nothing. */
static int print_document(const struct ql_schema *schema)
{
    QL_CLEANUP(ql_buffer_done) struct ql_buffer text;
    char error[ERROR_SIZE] = "";

    ql_buffer_init(&text, DOCUMENT_MAX_BYTES);
    if (!openapi_write(schema, &text, error, sizeof(error))) {
        fprintf(stderr, "ql-openapi: %s\n", error);
        return EXIT_FAILURE;
    }
    if (fwrite(text.data, 1, text.length, stdout) != text.length || fflush(stdout) != 0)
        return EXIT_FAILURE;
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    QL_CLEANUP(ql_buffer_done) struct ql_buffer set;
    char error[ERROR_SIZE] = "it is larger than 16 MiB";
    struct ql_schema *schema;
    int status;

    ql_buffer_init(&set, SET_MAX_BYTES);
    if (argc != 2 || strcmp(argv[1], "--help") == 0) {
        bool is_help = argc == 2;

        fputs(usage, is_help ? stdout : stderr);
        return is_help ? EXIT_SUCCESS : EXIT_USAGE;
    }
    if (!read_file(argv[1], &set)) {
        fprintf(stderr, "ql-openapi: %s: %s\n", argv[1], strerror(errno));
        return EXIT_FAILURE;
    }
    schema = set.failed ? NULL : ql_schema_new(set.data, set.length, error, sizeof(error));
    if (schema == NULL) {
        fprintf(stderr, "ql-openapi: %s: %s\n", argv[1], error);
        return EXIT_FAILURE;
    }
    status = print_document(schema);
    ql_schema_free(schema);
    return status;
}
