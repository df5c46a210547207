/* From one format to the other, by way of the wire's normal form. */
#include "tools/ql-transcode/transcode.h"

#include <stdlib.h>
#include <string.h>

#include "platform/base/call.h"
#include "platform/pb/json.h"
#include "platform/pb/message.h"
#include "platform/pb/wire_normal.h"
#include "protocol.pb-c.h"

typedef Questline__Transcode__Request request_pb;
typedef Questline__Transcode__Response response_pb;

enum { TIMEOUT_MS = 3600 * 1000 };

/* The runner asks for it first: which of its cases we know to fail. */
static const char failure_set[] = "conformance.FailureSet";

struct work {
    struct transcode *transcode;
    const request_pb *request;
    struct ql_call call;
    const struct ql_message *type;
    struct ql_buffer wire;
    struct ql_buffer answer;
    response_pb response;
};

static void respond(struct work *work, Questline__Transcode__Response__ResultCase which,
                    const char *bytes, size_t length)
{
    /* All members of the oneof are bytes. */
    work->response.result_case = which;
    work->response.protobuf.data = (uint8_t *)(uintptr_t)bytes;
    work->response.protobuf.len = length;
}

static void respond_text(struct work *work, Questline__Transcode__Response__ResultCase which,
                         const char *text)
{
    respond(work, which, text, strlen(text));
}

/* A full arena or buffer says nothing about the message. */
static void respond_failure(struct work *work, enum ql_code rc,
                            Questline__Transcode__Response__ResultCase which)
{
    if (rc == QL_RESOURCE_EXHAUSTED)
        which = QUESTLINE__TRANSCODE__RESPONSE__RESULT_RUNTIME_ERROR;
    respond_text(work, which, work->call.status.message);
}

static struct ql_json_options options_of(const struct work *work)
{
    return (struct ql_json_options){
        .max_depth = work->transcode->max_depth,
        .max_elements = TRANSCODE_MAX_BYTES,
        .ignores_unknown = work->request->category ==
                           QUESTLINE__TRANSCODE__CATEGORY__CATEGORY_JSON_IGNORING_UNKNOWN,
        .takes_nul = true,
        .omits_defaults = true,
        .prints_secrets = true, /* they came from who asks */
    };
}

/* The payload as wire in normal form. */
static enum ql_code payload_read(struct work *work)
{
    const struct ql_wire_form form = {.max_depth = work->transcode->max_depth};
    const request_pb *request = work->request;
    QL_CLEANUP(ql_buffer_done) struct ql_buffer wire;
    struct ql_json_options options = options_of(work);
    enum ql_code rc;

    ql_buffer_init(&wire, TRANSCODE_MAX_BYTES);
    if (request->payload_case == QUESTLINE__TRANSCODE__REQUEST__PAYLOAD_PROTOBUF)
        return ql_wire_normalize(&work->call, work->type, request->protobuf.data,
                                 request->protobuf.len, &form, &work->wire);
    rc = ql_json_read(&work->call, work->transcode->schema, work->type,
                      (const char *)request->json.data, request->json.len, &options, &wire);
    if (rc != QL_OK)
        return rc;
    return ql_wire_normalize(&work->call, work->type, wire.data, wire.length, &form, &work->wire);
}

static void transcode(struct work *work)
{
    struct ql_json_options options = options_of(work);
    enum ql_code rc = payload_read(work);

    if (rc != QL_OK) {
        respond_failure(work, rc, QUESTLINE__TRANSCODE__RESPONSE__RESULT_PARSE_ERROR);
        return;
    }
    if (work->request->wanted == QUESTLINE__TRANSCODE__FORMAT__FORMAT_PROTOBUF) {
        respond(work, QUESTLINE__TRANSCODE__RESPONSE__RESULT_PROTOBUF, work->wire.data,
                work->wire.length);
        return;
    }
    rc = ql_json_write(&work->call, work->transcode->schema, work->type, work->wire.data,
                       work->wire.length, &options, &work->answer);
    if (rc != QL_OK)
        respond_failure(work, rc, QUESTLINE__TRANSCODE__RESPONSE__RESULT_SERIALIZE_ERROR);
    else
        respond(work, QUESTLINE__TRANSCODE__RESPONSE__RESULT_JSON, work->answer.data,
                work->answer.length);
}

static void work_do(struct work *work)
{
    const request_pb *request = work->request;

    if (strcmp(request->message_type, failure_set) == 0) {
        respond(work, QUESTLINE__TRANSCODE__RESPONSE__RESULT_PROTOBUF, "", 0);
        return;
    }
    if (request->payload_case == QUESTLINE__TRANSCODE__REQUEST__PAYLOAD__NOT_SET) {
        respond_text(work, QUESTLINE__TRANSCODE__RESPONSE__RESULT_RUNTIME_ERROR, "no payload");
        return;
    }
    if (request->payload_case == QUESTLINE__TRANSCODE__REQUEST__PAYLOAD_JSPB ||
        request->payload_case == QUESTLINE__TRANSCODE__REQUEST__PAYLOAD_TEXT ||
        request->wanted == QUESTLINE__TRANSCODE__FORMAT__FORMAT_JSPB ||
        request->wanted == QUESTLINE__TRANSCODE__FORMAT__FORMAT_TEXT) {
        respond_text(work, QUESTLINE__TRANSCODE__RESPONSE__RESULT_SKIPPED,
                     "only protobuf and JSON are spoken here");
        return;
    }
    if (request->wanted != QUESTLINE__TRANSCODE__FORMAT__FORMAT_PROTOBUF &&
        request->wanted != QUESTLINE__TRANSCODE__FORMAT__FORMAT_JSON) {
        respond_text(work, QUESTLINE__TRANSCODE__RESPONSE__RESULT_RUNTIME_ERROR,
                     "no format that is known here is wanted");
        return;
    }
    work->type = ql_schema_message(work->transcode->schema, request->message_type);
    if (work->type == NULL)
        respond_text(work, QUESTLINE__TRANSCODE__RESPONSE__RESULT_RUNTIME_ERROR,
                     "the descriptor set has no such message type");
    else
        transcode(work);
}

static void response_write(const response_pb *response, struct ql_buffer *out)
{
    size_t length = questline__transcode__response__get_packed_size(response);
    uint8_t *packed = length > TRANSCODE_MAX_BYTES ? NULL : malloc(length + 1);

    out->failed = packed == NULL;
    if (packed == NULL)
        return;
    ql_buffer_append(out, packed, questline__transcode__response__pack(response, packed));
    free(packed);
}

bool transcode_answer(struct transcode *asked, const uint8_t *request, size_t length,
                      struct ql_buffer *out)
{
    struct work work = {.transcode = asked};
    ProtobufCAllocator allocator;

    questline__transcode__response__init(&work.response);
    ql_arena_reset(asked->arena);
    ql_buffer_clear(out);
    ql_arena_allocator(asked->arena, &allocator);
    work.request = questline__transcode__request__unpack(&allocator, length, request);
    if (work.request == NULL)
        return false;
    ql_call_init(&work.call, asked->arena, "transcode", TIMEOUT_MS);
    ql_buffer_init(&work.wire, TRANSCODE_MAX_BYTES);
    ql_buffer_init(&work.answer, TRANSCODE_MAX_BYTES);
    work_do(&work);
    response_write(&work.response, out);
    ql_buffer_done(&work.wire);
    ql_buffer_done(&work.answer);
    return !out->failed;
}
