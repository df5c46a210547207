/* Packing results in place. */
#include "platform/rpc/server/reply.h"

#include <string.h>

#include "questline/rpc/v1/names.h"
#include "platform/pb/wire/varint.h"

enum { /* tags of length-delimited fields, and of one varint */
       TAG_REPLY_RESULTS = 1 << 3 | 2,
       TAG_RESULT_ID = 1 << 3 | 0,
       TAG_RESULT_PAYLOAD = 3 << 3 | 2,
       TAG_RESULT_ETAG = 5 << 3 | 2,
       TAG_RESULT_REPLAYED = 6 << 3 | 0,
};

void qli_reply_init(struct qli_reply *reply, size_t n_expected)
{
    reply->n_expected = n_expected;
    if (nng_msg_alloc(&reply->message, 0) != 0)
        reply->message = NULL;
}

/* Space for the result and, as results of a batch are alike, for as many more as are to
 * come: nng grows a message by exactly what is asked for, and so would copy the whole
 * reply for each of its results. */
static bool message_reserve(const struct qli_reply *reply, size_t size)
{
    size_t used = nng_msg_len(reply->message);
    size_t wanted = used + size * (reply->n_expected > 1 ? reply->n_expected : 1);

    if (used + size <= nng_msg_capacity(reply->message))
        return true;
    return nng_msg_reserve(reply->message, wanted < QLI_ENVELOPE_MAX ? wanted : QLI_ENVELOPE_MAX) ==
           0;
}

/* Opens a result of result_size bytes behind the others; returns where it goes,
 * NULL when it does not fit beside what is still to come. */
static uint8_t *result_open(struct qli_reply *reply, size_t result_size)
{
    size_t used, size = 1 + ql_varint_size(result_size) + result_size;
    size_t reserved = reply->n_expected > 1 ? (reply->n_expected - 1) * QLI_RESULT_RESERVE : 0;
    uint8_t *at;

    if (reply->message == NULL)
        return NULL;
    used = nng_msg_len(reply->message);
    if (result_size > QLI_ENVELOPE_MAX || used + size + reserved > QLI_ENVELOPE_MAX)
        return NULL;
    if (!message_reserve(reply, size) || nng_msg_realloc(reply->message, used + size) != 0)
        return NULL;
    if (reply->n_expected > 0)
        reply->n_expected--;
    at = (uint8_t *)nng_msg_body(reply->message) + used;
    *at++ = TAG_REPLY_RESULTS;
    return at + ql_varint_write(at, result_size);
}

/* Bytes of a length-delimited field whose number is below 16. */
static size_t field_size(size_t length)
{
    return 1 + ql_varint_size(length) + length;
}

/* Everything of a successful result but its payload, whose space is reserved; where
 * that goes, NULL when it does not fit. */
static uint8_t *payload_open(struct qli_reply *reply, uint64_t id, size_t payload_size,
                             const char *etag, bool is_replayed)
{
    size_t etag_size = etag == NULL ? 0 : strlen(etag);
    size_t result_size = 1 + ql_varint_size(id) + field_size(payload_size) +
                         (etag_size == 0 ? 0 : field_size(etag_size)) + (is_replayed ? 2 : 0);
    uint8_t *at = result_open(reply, result_size);

    if (at == NULL)
        return NULL;
    *at++ = TAG_RESULT_ID;
    at += ql_varint_write(at, id);
    if (etag_size > 0) {
        *at++ = TAG_RESULT_ETAG;
        at += ql_varint_write(at, etag_size);
        memcpy(at, etag, etag_size);
        at += etag_size;
    }
    if (is_replayed) {
        *at++ = TAG_RESULT_REPLAYED;
        *at++ = 1;
    }
    *at++ = TAG_RESULT_PAYLOAD;
    return at + ql_varint_write(at, payload_size);
}

bool qli_reply_add_message(struct qli_reply *reply, uint64_t id, const ProtobufCMessage *message,
                           const char *etag, bool is_replayed)
{
    size_t size = protobuf_c_message_get_packed_size(message);
    uint8_t *at = payload_open(reply, id, size, etag, is_replayed);

    if (at != NULL)
        protobuf_c_message_pack(message, at);
    return at != NULL;
}

bool qli_reply_add_bytes(struct qli_reply *reply, uint64_t id, const struct ql_rpc_bytes *bytes,
                         const char *etag)
{
    uint8_t *at = payload_open(reply, id, bytes->length, etag, false);

    if (at != NULL && bytes->length > 0)
        memcpy(at, bytes->data, bytes->length);
    return at != NULL;
}

static bool result_add(struct qli_reply *reply, const Result *result)
{
    uint8_t *at = result_open(reply, Result_pack_size(result));

    if (at == NULL)
        return false;
    Result_pack(result, at);
    return true;
}

void qli_reply_add_status(struct qli_reply *reply, uint64_t id, const struct ql_status *status,
                          bool is_not_executed)
{
    FieldViolation violations[QL_VIOLATIONS_MAX], *pointers[QL_VIOLATIONS_MAX];
    Status wire;
    Result result;

    Status_init(&wire);
    wire.code = (int32_t)status->code;
    wire.message = (char *)(uintptr_t)status->message;
    wire.reason = (char *)(uintptr_t)status->reason;
    wire.retry_delay_ms = status->retry_delay_ms;
    wire.precondition_failed = status->is_precondition_failed;
    for (size_t i = 0; i < status->n_violations; i++) {
        FieldViolation_init(&violations[i]);
        violations[i].field = (char *)(uintptr_t)status->violations[i].field;
        violations[i].description = (char *)(uintptr_t)status->violations[i].description;
        violations[i].reason = (char *)(uintptr_t)status->violations[i].reason;
        pointers[i] = &violations[i];
    }
    wire.violations = pointers;
    wire.n_violations = status->n_violations;
    Result_init(&result);
    result.id = id;
    result.status = &wire;
    result.execution = is_not_executed ? EXECUTION_NONE : EXECUTION_POSSIBLE;
    if (!result_add(reply, &result)) {
        wire.n_violations = 0;
        (void)result_add(reply, &result); /* space for this much was reserved */
    }
}

void qli_reply_add_not_started(struct qli_reply *reply, uint64_t id)
{
    Result result;

    Result_init(&result);
    result.id = id;
    result.not_started = 1;
    result.execution = EXECUTION_NONE;
    (void)result_add(reply, &result);
}
