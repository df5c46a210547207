/* Instants between the wire and milliseconds. */
#include "platform/pb/wire/timestamp.h"

enum { MS_A_SECOND = 1000, NANOS_A_MS = 1000000 };

/* What proto3 allows ends at the years 1 and 9999; beyond that is kept there. */
static const int64_t oldest_s = -62135596800, newest_s = 253402300799;

void ql_timestamp_set(Google__Protobuf__Timestamp *ret_timestamp, int64_t unix_ms)
{
    int64_t rest = unix_ms % MS_A_SECOND;

    if (rest < 0)
        rest += MS_A_SECOND;
    google__protobuf__timestamp__init(ret_timestamp);
    ret_timestamp->seconds = (unix_ms - rest) / MS_A_SECOND;
    ret_timestamp->nanos = (int32_t)rest * NANOS_A_MS;
}

Google__Protobuf__Timestamp *ql_timestamp_new(struct ql_call *call, int64_t unix_ms)
{
    Google__Protobuf__Timestamp *timestamp = ql_arena_alloc(call->arena, sizeof(*timestamp));

    if (timestamp != NULL)
        ql_timestamp_set(timestamp, unix_ms);
    return timestamp;
}

int64_t ql_timestamp_ms(const Google__Protobuf__Timestamp *timestamp)
{
    int64_t seconds = timestamp->seconds;
    int32_t ms = timestamp->nanos / NANOS_A_MS;

    if (seconds < oldest_s)
        seconds = oldest_s;
    if (seconds > newest_s)
        seconds = newest_s;
    if (timestamp->nanos % NANOS_A_MS < 0) /* C rounds towards zero */
        ms--;
    return seconds * MS_A_SECOND + ms;
}
