/* Bytes of strangers as JSON, checked or not: there is JSON that means the same
 * when it is read, or a reason. */
#include "platform/pb/fuzz/subject.h"
#include "platform/pb/json/json.h"
#include "platform/pb/schema/wire_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct ql_buffer unchecked = {.limit = QL_WIRE_MAX_BYTES};
    const struct fuzz_subject *subject;
    const struct ql_buffer *json;
    struct ql_call *call;
    enum ql_code rc;

    if (size == 0)
        return 0;
    subject = fuzz_subject_of(data[0]);
    call = fuzz_call_begin();
    if (ql_wire_check(call, subject->message, data + 1, size - 1) == QL_OK) {
        (void)fuzz_claim_prints(subject, data + 1, size - 1, &json);
        return 0;
    }
    /* Nobody should, but when the check is forgotten nothing may break. */
    call = fuzz_call_begin();
    ql_buffer_clear(&unchecked);
    rc = ql_json_from_wire(call, subject->schema, subject->message, data + 1, size - 1, &unchecked);
    if (rc != QL_OK)
        fuzz_claim_refused(call, rc, FUZZ_UNPRINTABLE);
    return 0;
}
