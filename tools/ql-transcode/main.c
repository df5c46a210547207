/* ql-transcode: answers protobuf's conformance protocol on standard input and
 * output, with the messages of a descriptor set. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/pb/json/json.h"
#include "tools/ql-transcode/schema_file.h"
#include "tools/ql-transcode/transcode.h"

enum { EXIT_USAGE = 2 };

static const char usage[] =
    "Usage: ql-transcode --descriptor-set FILE [--max-depth N]\n"
    "\n"
    "Reads requests from standard input, as protobuf's conformance runner sends them\n"
    "(each behind its length, 32 bits, little-endian), and answers each on standard\n"
    "output: a message from protobuf or JSON to protobuf or JSON.\n"
    "\n"
    "  --descriptor-set FILE   the messages, with their imports: what\n"
    "                          protoc --include_imports --descriptor_set_out writes\n"
    "  --max-depth N           how deep messages may nest, 1 to 128 (default 100)\n"
    "  --help                  prints this text\n";

static int fail_usage(void)
{
    fputs(usage, stderr);
    return EXIT_USAGE;
}

static bool depth_read(const char *text, unsigned *ret_depth)
{
    char *end;
    unsigned long depth = strtoul(text, &end, 10);

    *ret_depth = (unsigned)depth;
    return *text >= '0' && *text <= '9' && *end == '\0' && depth >= 1 && depth <= QL_JSON_MAX_DEPTH;
}

int main(int argc, char **argv)
{
    struct transcode transcode = {.max_depth = TRANSCODE_DEPTH};
    const char *path = NULL;
    struct ql_schema *schema;
    char error[512] = "";
    bool is_done;

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0) {
            fputs(usage, stdout);
            return EXIT_SUCCESS;
        }
        if (i + 1 < argc && strcmp(argv[i], "--descriptor-set") == 0)
            path = argv[++i];
        else if (i + 1 == argc || strcmp(argv[i], "--max-depth") != 0 ||
                 !depth_read(argv[++i], &transcode.max_depth))
            return fail_usage();
    }
    if (path == NULL)
        return fail_usage();
    schema = schema_file_read(path, error, sizeof(error));
    transcode.schema = schema;
    transcode.arena = ql_arena_new(TRANSCODE_MEMORY_BYTES);
    if (schema == NULL || transcode.arena == NULL) {
        fprintf(stderr, "ql-transcode: %s: %s\n", path, error[0] == '\0' ? "no memory" : error);
        ql_arena_free(transcode.arena);
        ql_schema_free(schema);
        return EXIT_FAILURE;
    }
    is_done = transcode_serve(&transcode, stdin, stdout, stderr);
    ql_arena_free(transcode.arena);
    ql_schema_free(schema);
    return is_done ? EXIT_SUCCESS : EXIT_FAILURE;
}
