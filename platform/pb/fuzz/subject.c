/* Messages to choose from, and claims about them. */
#include "platform/pb/fuzz/subject.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <google/protobuf/descriptor.pb-c.h>
#include <google/protobuf/struct.pb-c.h>

#include "platform/pb/json/json.h"
#include "platform/pb/schema/wire_check.h"
#include "questline/catalog/v1/names.h"
#include "questline/event/v1/names.h"
#include "questline/processing/v1/names.h"
#include "questline/rpc/v1/names.h"
#include "questline/user/v1/names.h"

enum {
    ARENA_BYTES = 16 * 1024 * 1024,
    JSON_BYTES = 8 * QL_WIRE_MAX_BYTES,
    DESCRIPTOR_SET_BYTES = 1024 * 1024,
};

static struct fuzz_subject subjects[] = {
    /* Every kind of field, from pb's own tests. */
    {.name = "pbtest.EveryKind"},
    {.name = "pbtest.OldKind"},
    {.name = "questline.pbtest.v1.ListThingsRequest"},
    /* What travels. */
    {.name = "questline.event.v1.Event", .generated = &Event_descriptor},
    {.name = "questline.rpc.v1.Request", .generated = &Request_descriptor},
    {.name = "questline.rpc.v1.Reply", .generated = &Reply_descriptor},
    {.name = "questline.catalog.v1.QuestChanged", .generated = &QuestChanged_descriptor},
    {.name = "questline.catalog.v1.CreateRewardRequest",
     .generated = &CreateRewardRequest_descriptor},
    {.name = "questline.user.v1.CreateSessionRequest",
     .generated = &CreateSessionRequest_descriptor},
    {.name = "questline.processing.v1.ListEventsResponse",
     .generated = &ListEventsResponse_descriptor},
    /* Deep, and of proto2. */
    {.name = "google.protobuf.Struct", .generated = &google__protobuf__struct__descriptor},
    {.name = "google.protobuf.FileDescriptorSet",
     .generated = &google__protobuf__file_descriptor_set__descriptor,
     .has_required = true},
};

_Noreturn void fuzz_claim_broken(const struct ql_call *call, const char *claim, const char *file,
                                 int line)
{
    fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, claim);
    if (call != NULL)
        fprintf(stderr, "status: %s %s: %s\n", ql_code_name(call->status.code), call->status.reason,
                call->status.message);
    abort();
}

static struct ql_schema *testdata_read(void)
{
    static unsigned char bytes[DESCRIPTOR_SET_BYTES];
    char error[256] = "";
    struct ql_schema *schema = NULL;
    FILE *file = fopen(QL_PB_TESTDATA, "rb");

    if (file != NULL) {
        schema = ql_schema_new(bytes, fread(bytes, 1, sizeof(bytes), file), error, sizeof(error));
        (void)fclose(file);
    }
    if (schema == NULL) {
        fprintf(stderr, "%s: %s\n", QL_PB_TESTDATA, error);
        exit(1);
    }
    return schema;
}

/* Kept until the end: nobody asks for it back. */
static const struct ql_schema *testdata(void)
{
    static struct ql_schema *schema;

    if (schema == NULL)
        schema = testdata_read();
    return schema;
}

const struct fuzz_subject *fuzz_subject_of(uint8_t byte)
{
    struct fuzz_subject *subject = &subjects[byte % QL_ARRAY_LENGTH(subjects)];

    if (subject->message == NULL) {
        subject->schema = subject->generated != NULL ? ql_schema_embedded() : testdata();
        subject->message = ql_schema_message(subject->schema, subject->name);
        FUZZ_CLAIM(NULL, subject->message != NULL);
    }
    return subject;
}

int fuzz_subject_byte(const char *name)
{
    for (size_t i = 0; i < QL_ARRAY_LENGTH(subjects); i++) {
        if (strcmp(subjects[i].name, name) == 0)
            return (int)i;
    }
    return -1;
}

struct ql_call *fuzz_call_begin(void)
{
    static struct ql_arena *arena;
    static struct ql_call call;

    if (arena == NULL)
        arena = ql_arena_new(ARENA_BYTES);
    FUZZ_CLAIM(NULL, arena != NULL);
    ql_arena_reset(arena);
    ql_call_init(&call, arena, "fuzz", 60000);
    return &call;
}

void fuzz_claim_refused(const struct ql_call *call, enum ql_code rc, const char *reasons)
{
    char word[QL_REASON_MAX + 2];

    snprintf(word, sizeof(word), " %s ", call->status.reason);
    FUZZ_CLAIM(call, rc != QL_OK && rc == call->status.code);
    FUZZ_CLAIM(call, strstr(reasons, word) != NULL);
    FUZZ_CLAIM(call, call->status.message[0] != '\0');
}

/* What a service sent and a client sends back must mean the same. */
static void claim_json_is_stable(const struct fuzz_subject *subject, const struct ql_buffer *json)
{
    static struct ql_buffer wire = {.limit = QL_WIRE_MAX_BYTES}, again = {.limit = JSON_BYTES};
    struct ql_call *call = fuzz_call_begin();
    enum ql_code rc;

    ql_buffer_clear(&wire);
    ql_buffer_clear(&again);
    rc = ql_json_to_wire(call, subject->schema, subject->message, json->data, json->length, "",
                         &wire);
    /* The check of the wire does not ask for proto2's required fields, JSON does. */
    if (rc != QL_OK && strstr(call->status.message, "is required") != NULL)
        return;
    FUZZ_CLAIM(call, rc == QL_OK);
    FUZZ_CLAIM(call, ql_wire_check(call, subject->message, wire.data, wire.length) == QL_OK);
    rc = ql_json_from_wire(call, subject->schema, subject->message, wire.data, wire.length, &again);
    FUZZ_CLAIM(call, rc == QL_OK);
    FUZZ_CLAIM(call, again.length == json->length);
    FUZZ_CLAIM(call, memcmp(again.data, json->data, json->length) == 0);
}

bool fuzz_claim_prints(const struct fuzz_subject *subject, const void *wire, size_t length,
                       const struct ql_buffer **ret_json)
{
    static struct ql_buffer json = {.limit = JSON_BYTES};
    struct ql_call *call = fuzz_call_begin();
    enum ql_code rc;

    ql_buffer_clear(&json);
    rc = ql_json_from_wire(call, subject->schema, subject->message, wire, length, &json);
    if (rc != QL_OK) {
        fuzz_claim_refused(call, rc, FUZZ_UNPRINTABLE);
        return false;
    }
    claim_json_is_stable(subject, &json);
    *ret_json = &json;
    return true;
}

void fuzz_seed_write(const char *folder, const char *target, int byte, const void *bytes,
                     size_t length)
{
    static unsigned number;
    char path[512];
    FILE *file;

    snprintf(path, sizeof(path), "%s/%s/seed-%04u", folder, target, number++);
    file = fopen(path, "wb");
    if (file == NULL || (byte >= 0 && fputc(byte, file) == EOF) ||
        fwrite(bytes, 1, length, file) != length || fclose(file) != 0) {
        perror(path);
        exit(1);
    }
}
