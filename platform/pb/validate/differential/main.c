/* Checks messages for differential_test.py: reads pairs of a type's name and a message
 * from standard input, each behind its length (four bytes, big-endian), and writes one
 * line for each, a JSON array of the fields at fault. A request is checked as the rpc
 * server does, any other message by its own rules. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "descriptors.h"
#include "platform/base/buffer.h"
#include "platform/pb/schema/message.h"
#include "platform/pb/validate/request.h"

enum {
    ARENA_BYTES = 64 * 1024 * 1024,
    TEXT_BYTES_MAX = 4 * 1024 * 1024,
    LINE_BYTES_MAX = 64 * 1024
};

/* False at the end of the input. */
static bool read_text(char *text, size_t *ret_length)
{
    uint8_t head[4];
    size_t length;

    if (fread(head, 1, sizeof(head), stdin) != sizeof(head))
        return false;
    length = (size_t)head[0] << 24 | (size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3];
    if (length >= TEXT_BYTES_MAX || fread(text, 1, length, stdin) != length)
        exit(2);
    text[length] = '\0';
    *ret_length = length;
    return true;
}

static const ProtobufCMessageDescriptor *descriptor_find(const char *name)
{
    for (size_t i = 0; i < QL_ARRAY_LENGTH(descriptors); i++)
        if (strcmp(descriptors[i]->name, name) == 0)
            return descriptors[i];
    fprintf(stderr, "no type %s\n", name);
    exit(2);
}

static enum ql_code message_check(struct ql_call *call, const ProtobufCMessage *message)
{
    const struct ql_method *methods;
    struct ql_request_rules rules;
    char error[256];
    size_t n_methods;

    methods = ql_schema_methods(ql_schema_embedded(), &n_methods);
    for (size_t i = 0; i < n_methods; i++) {
        if (strcmp(methods[i].input->full_name, message->descriptor->name) != 0)
            continue;
        if (!ql_request_rules_read(&methods[i], message->descriptor, &rules, error, sizeof(error)))
            return ql_fail(call, QL_INTERNAL, "RULES_BROKEN", "%s", error);
        return ql_request_validate(call, &rules, message);
    }
    return ql_validate(call, "", message);
}

static void faults_print(enum ql_code rc, const struct ql_status *status)
{
    QL_CLEANUP(ql_buffer_done) struct ql_buffer line;

    ql_buffer_init(&line, LINE_BYTES_MAX);
    ql_buffer_append_byte(&line, '[');
    if (rc != QL_OK && status->n_violations == 0)
        ql_buffer_append_json_string(&line, status->reason, strlen(status->reason));
    for (size_t i = 0; i < status->n_violations; i++) {
        if (i > 0)
            ql_buffer_append_byte(&line, ',');
        ql_buffer_append_json_string(&line, status->violations[i].field,
                                     strlen(status->violations[i].field));
    }
    printf("%.*s]\n", (int)line.length, (const char *)line.data);
}

int main(void)
{
    QL_CLEANUP(ql_arena_freep) struct ql_arena *arena = ql_arena_new(ARENA_BYTES);
    char *text = malloc(TEXT_BYTES_MAX);
    struct ql_call call;
    size_t length;

    if (arena == NULL || text == NULL)
        return 2;
    while (read_text(text, &length)) {
        const ProtobufCMessageDescriptor *type = descriptor_find(text);
        ProtobufCMessage *message;
        enum ql_code rc;

        if (!read_text(text, &length))
            return 2;
        ql_arena_reset(arena);
        ql_call_init(&call, arena, "differential", 60000);
        rc = ql_message_unpack(&call, type, text, length, &message);
        if (rc == QL_OK)
            rc = message_check(&call, message);
        faults_print(rc, &call.status);
    }
    free(text);
    return 0;
}
