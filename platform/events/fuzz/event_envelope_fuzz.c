/* The envelope of an event from a stranger: refused with the reason that a dead
 * letter carries, or read; what was read packs, reads again as the same, and
 * its body has JSON or a reason why not. */
#include <string.h>

#include "platform/events/event.h"
#include "platform/pb/fuzz/subject.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define EVENT_REASONS                                                                              \
    " EVENT_TOO_LARGE EVENT_ID_INVALID EVENT_TYPE_INVALID EVENT_TIME_INVALID EVENT_BODY_MISSING "  \
    "EVENT_BODY_MISMATCH EVENT_BODY_UNKNOWN MALFORMED_MESSAGE INVALID_FIELD MESSAGE_TOO_DEEP "     \
    "MESSAGE_TOO_LARGE MEMORY_LIMIT EVENT_ID_RESERVED "

static void claim_survives_packing(struct ql_call *call, const struct ql_event *event)
{
    struct ql_event again;
    uint8_t *bytes;
    size_t length;

    FUZZ_CLAIM(call, ql_event_pack(call, event, &bytes, &length) == QL_OK);
    FUZZ_CLAIM(call, ql_event_unpack(call, bytes, length, &again) == QL_OK);
    FUZZ_CLAIM(call, strcmp(again.event_id, event->event_id) == 0);
    FUZZ_CLAIM(call, strcmp(again.type, event->type) == 0);
    FUZZ_CLAIM(call, strcmp(again.user_id, event->user_id) == 0);
    FUZZ_CLAIM(call, again.occurred_ms == event->occurred_ms);
    FUZZ_CLAIM(call, strcmp(again.traceparent, event->traceparent) == 0);
    FUZZ_CLAIM(call, strcmp(again.body_type, event->body_type) == 0);
    FUZZ_CLAIM(call, again.body_length == event->body_length);
    FUZZ_CLAIM(call,
               again.body_length == 0 || memcmp(again.body, event->body, again.body_length) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ql_call *call = fuzz_call_begin();
    struct ql_event event;
    char *json;
    enum ql_code rc;

    rc = ql_event_unpack(call, data, size, &event);
    if (rc != QL_OK) {
        fuzz_claim_refused(call, rc, EVENT_REASONS);
        return 0;
    }
    claim_survives_packing(call, &event);
    rc = ql_event_body_json(call, &event, &json);
    if (rc != QL_OK)
        fuzz_claim_refused(call, rc, FUZZ_UNPRINTABLE);
    return 0;
}
