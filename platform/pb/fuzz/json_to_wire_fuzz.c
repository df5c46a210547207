/* JSON of strangers: it is refused with a reason, or becomes bytes that pass the
 * check and print as JSON that means the same. */
#include "platform/pb/fuzz/subject.h"
#include "platform/pb/json/json.h"
#include "platform/pb/schema/wire_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct ql_buffer wire = {.limit = QL_WIRE_MAX_BYTES};
    const struct fuzz_subject *subject;
    const struct ql_buffer *json;
    struct ql_call *call;
    enum ql_code rc;

    if (size == 0)
        return 0;
    subject = fuzz_subject_of(data[0]);
    call = fuzz_call_begin();
    ql_buffer_clear(&wire);
    rc = ql_json_to_wire(call, subject->schema, subject->message, (const char *)data + 1, size - 1,
                         "", &wire);
    if (rc != QL_OK) {
        fuzz_claim_refused(call, rc, " MALFORMED_JSON INVALID_FIELD MEMORY_LIMIT ");
        FUZZ_CLAIM(call, call->status.n_violations == 1);
        return 0;
    }
    rc = ql_wire_check(call, subject->message, wire.data, wire.length);
    FUZZ_CLAIM(call, rc == QL_OK);
    FUZZ_CLAIM(NULL, fuzz_claim_prints(subject, wire.data, wire.length, &json));
    return 0;
}
