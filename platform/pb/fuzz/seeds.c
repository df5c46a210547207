/* Writes the seeds of this module's fuzz targets: pb_seeds SEEDS.TXT FOLDER. A
 * line of the text is the name of a message, a space, and its JSON. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/pb/fuzz/subject.h"
#include "platform/pb/json/json.h"
#include "platform/pb/schema/wire_check.h"

enum { LINE_SIZE = 16384 };

static void seed(const char *folder, const char *name, const char *json)
{
    static struct ql_buffer wire = {.limit = QL_WIRE_MAX_BYTES};
    int byte = fuzz_subject_byte(name);
    const struct fuzz_subject *subject;
    struct ql_call *call = fuzz_call_begin();

    if (byte < 0) {
        fprintf(stderr, "no fuzz target knows %s\n", name);
        exit(1);
    }
    subject = fuzz_subject_of((uint8_t)byte);
    ql_buffer_clear(&wire);
    FUZZ_CLAIM(call, ql_json_to_wire(call, subject->schema, subject->message, json, strlen(json),
                                     "", &wire) == QL_OK);
    fuzz_seed_write(folder, "json_to_wire", byte, json, strlen(json));
    fuzz_seed_write(folder, "wire_to_json", byte, wire.data, wire.length);
    fuzz_seed_write(folder, "wire_check", byte, wire.data, wire.length);
}

int main(int argc, char **argv)
{
    static char line[LINE_SIZE];
    FILE *file = argc == 3 ? fopen(argv[1], "r") : NULL;

    if (file == NULL) {
        fprintf(stderr, "usage: %s SEEDS.TXT FOLDER\n", argv[0]);
        return 2;
    }
    while (fgets(line, sizeof(line), file) != NULL) {
        char *json = strchr(line, ' ');

        if (json == NULL)
            continue;
        *json++ = '\0';
        json[strcspn(json, "\n")] = '\0';
        seed(argv[2], line, json);
    }
    (void)fclose(file);
    return 0;
}
