/* From one format to the other, by way of the wire's normal form. */
#include "tools/ql-transcode/transcode.h"

#include <string.h>

#include "platform/base/call.h"
#include "platform/pb/json/json.h"
#include "tools/ql-transcode/normal_form.h"
#include "tools/ql-transcode/protocol.h"

enum { TIMEOUT_MS = 3600 * 1000 };

/* The runner asks for it first: which of its cases we know to fail. */
static const char failure_set[] = "conformance.FailureSet";

struct work {
    struct transcode *transcode;
    struct transcode_request request;
    struct ql_call call;
    const struct ql_message *type;
    struct ql_buffer wire; /* the payload's */
    struct ql_buffer *out;
};

static void respond_text(struct work *work, enum transcode_result result, const char *text)
{
    protocol_write(work->out, result, text, strlen(text));
}

/* A full arena or buffer says nothing about the message. */
static void respond_failure(struct work *work, enum ql_code rc, enum transcode_result result)
{
    respond_text(work, rc == QL_RESOURCE_EXHAUSTED ? RESULT_RUNTIME_ERROR : result,
                 work->call.status.message);
}

static struct ql_json_options options_of(const struct work *work)
{
    return (struct ql_json_options){
        .max_depth = work->transcode->max_depth,
        .max_elements = TRANSCODE_MAX_BYTES,
        .ignores_unknown = work->request.ignores_unknown,
        .takes_nul = true,
        .omits_defaults = true,
        .prints_secrets = true, /* they came from who asks */
        .adds_well_known = true,
        .normalize = normal_form_write,
    };
}

static enum ql_code normalize(struct work *work, const void *bytes, size_t length)
{
    return normal_form_write(&work->call, work->type, bytes, length, work->transcode->max_depth,
                             false, &work->wire);
}

static enum ql_code payload_read(struct work *work)
{
    const struct ql_json_options options = options_of(work);
    const struct transcode_request *request = &work->request;
    QL_CLEANUP(ql_buffer_done) struct ql_buffer wire;
    enum ql_code rc;

    ql_buffer_init(&wire, TRANSCODE_MAX_BYTES);
    if (request->payload == FORMAT_PROTOBUF)
        return normalize(work, request->bytes, request->length);
    rc = ql_json_read(&work->call, work->transcode->schema, work->type,
                      (const char *)request->bytes, request->length, &options, &wire);
    if (rc != QL_OK)
        return rc;
    return normalize(work, wire.data, wire.length);
}

static void print_json(struct work *work)
{
    const struct ql_json_options options = options_of(work);
    QL_CLEANUP(ql_buffer_done) struct ql_buffer plain;
    QL_CLEANUP(ql_buffer_done) struct ql_buffer json;
    enum ql_code rc;

    ql_buffer_init(&plain, TRANSCODE_MAX_BYTES);
    ql_buffer_init(&json, TRANSCODE_MAX_BYTES);
    rc = normal_form_write(&work->call, work->type, work->wire.data, work->wire.length,
                           options.max_depth, true, &plain);
    if (rc == QL_OK)
        rc = ql_json_write(&work->call, work->transcode->schema, work->type, plain.data,
                           plain.length, &options, &json);
    if (rc != QL_OK)
        respond_failure(work, rc, RESULT_SERIALIZE_ERROR);
    else
        protocol_write(work->out, RESULT_JSON, json.data, json.length);
}

static void transcode(struct work *work)
{
    enum ql_code rc = payload_read(work);

    if (rc != QL_OK)
        respond_failure(work, rc, RESULT_PARSE_ERROR);
    else if (work->request.wanted == FORMAT_JSON)
        print_json(work);
    else
        protocol_write(work->out, RESULT_PROTOBUF, work->wire.data, work->wire.length);
}

static bool is_spoken(enum transcode_format format)
{
    return format == FORMAT_PROTOBUF || format == FORMAT_JSON;
}

/* NULL when the descriptor set has no such type. */
static const struct ql_message *type_find(struct work *work)
{
    const char *name = ql_arena_strndup(work->transcode->arena, work->request.message_type,
                                        work->request.message_type_length);

    return name == NULL ? NULL : ql_schema_message(work->transcode->schema, name);
}

static void work_do(struct work *work)
{
    const struct transcode_request *request = &work->request;

    if (request->message_type_length == strlen(failure_set) &&
        memcmp(request->message_type, failure_set, strlen(failure_set)) == 0) {
        protocol_write(work->out, RESULT_PROTOBUF, "", 0);
        return;
    }
    if (request->payload == FORMAT_UNSPECIFIED || request->wanted == FORMAT_UNSPECIFIED) {
        respond_text(work, RESULT_RUNTIME_ERROR, "a payload and the wanted format are needed");
        return;
    }
    if (!is_spoken(request->payload) || !is_spoken(request->wanted)) {
        respond_text(work, RESULT_SKIPPED, "only protobuf and JSON are spoken here");
        return;
    }
    work->type = type_find(work);
    if (work->type == NULL)
        respond_text(work, RESULT_RUNTIME_ERROR, "the descriptor set has no such message type");
    else
        transcode(work);
}

bool transcode_answer(struct transcode *asked, const uint8_t *request, size_t length,
                      struct ql_buffer *out)
{
    struct work work = {.transcode = asked, .out = out};

    ql_arena_reset(asked->arena);
    ql_buffer_clear(out);
    if (!protocol_read(request, length, &work.request))
        return false;
    ql_call_init(&work.call, asked->arena, "transcode", TIMEOUT_MS);
    ql_buffer_init(&work.wire, TRANSCODE_MAX_BYTES);
    work_do(&work);
    ql_buffer_done(&work.wire);
    return !out->failed;
}
