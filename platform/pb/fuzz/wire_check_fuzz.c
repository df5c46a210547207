/* The check of the wire: what it lets through, protobuf-c unpacks within the
 * arena and packs again, and both of us mean the same by it. */
#include <string.h>

#include "platform/pb/fuzz/subject.h"
#include "platform/pb/json/json.h"
#include "platform/pb/schema/message.h"
#include "platform/pb/schema/wire_check.h"

/* Of an error's path; nothing else is allocated. */
enum { CHECK_MEMORY_MAX = 4096 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Through protobuf-c and back into packed. false: refused, with a reason. */
static bool repack(const struct fuzz_subject *subject, const void *wire, size_t length,
                   struct ql_buffer *packed)
{
    struct ql_call *call = fuzz_call_begin();
    ProtobufCMessage *message;
    uint8_t *bytes;
    enum ql_code rc;

    rc = ql_message_unpack(call, subject->generated, wire, length, &message);
    if (rc == QL_OK)
        rc = ql_message_pack(call, message, &bytes, &length);
    if (rc != QL_OK) {
        fuzz_claim_refused(call, rc, " MEMORY_LIMIT MALFORMED_MESSAGE ");
        return false;
    }
    ql_buffer_clear(packed);
    ql_buffer_append(packed, bytes, length);
    FUZZ_CLAIM(call, ql_wire_check(call, subject->message, packed->data, packed->length) == QL_OK);
    return true;
}

/* Of fields that come twice protobuf-c and we may keep different ones: what is
 * compared is the message as JSON, where everything comes once. */
static void claim_means_the_same(const struct fuzz_subject *subject, const struct ql_buffer *json)
{
    static struct ql_buffer before = {.limit = 8 * QL_WIRE_MAX_BYTES};
    static struct ql_buffer wire = {.limit = QL_WIRE_MAX_BYTES};
    static struct ql_buffer packed = {.limit = QL_WIRE_MAX_BYTES};
    struct ql_call *call = fuzz_call_begin();

    ql_buffer_clear(&before);
    ql_buffer_clear(&wire);
    ql_buffer_append(&before, json->data, json->length);
    if (ql_json_to_wire(call, subject->schema, subject->message, before.data, before.length, "",
                        &wire) != QL_OK)
        return; /* a required field of proto2 is missing: its JSON was looked at before */
    if (!repack(subject, wire.data, wire.length, &packed)) {
        FUZZ_CLAIM(NULL, subject->has_required);
        return;
    }
    FUZZ_CLAIM(NULL, fuzz_claim_prints(subject, packed.data, packed.length, &json));
    FUZZ_CLAIM(NULL, json->length == before.length);
    FUZZ_CLAIM(NULL, memcmp(json->data, before.data, before.length) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct ql_buffer packed = {.limit = QL_WIRE_MAX_BYTES};
    const struct fuzz_subject *subject;
    const struct ql_buffer *json;
    struct ql_call *call;
    enum ql_code rc;

    if (size == 0)
        return 0;
    subject = fuzz_subject_of(data[0]);
    call = fuzz_call_begin();
    rc = ql_wire_check(call, subject->message, data + 1, size - 1);
    FUZZ_CLAIM(call, ql_arena_used(call->arena) <= CHECK_MEMORY_MAX);
    if (rc != QL_OK) {
        FUZZ_CLAIM(call, rc == QL_INVALID_ARGUMENT);
        fuzz_claim_refused(call, rc,
                           " MALFORMED_MESSAGE INVALID_FIELD MESSAGE_TOO_DEEP MESSAGE_TOO_LARGE ");
        return 0;
    }
    if (subject->generated != NULL && repack(subject, data + 1, size - 1, &packed))
        (void)fuzz_claim_prints(subject, packed.data, packed.length, &json);
    if (fuzz_claim_prints(subject, data + 1, size - 1, &json) && subject->generated != NULL)
        claim_means_the_same(subject, json);
    return 0;
}
