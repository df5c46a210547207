/* google.protobuf.Timestamp, as the milliseconds that we count in. */
#ifndef QL_PB_WIRE_TIMESTAMP_H
#define QL_PB_WIRE_TIMESTAMP_H

#include <stdint.h>

#include <google/protobuf/timestamp.pb-c.h>

#include "platform/base/call.h"

/* Initialises the message to the instant unix_ms (since 1970, UTC; may be negative). */
void ql_timestamp_set(Google__Protobuf__Timestamp *ret_timestamp, int64_t unix_ms);

/* The instant unix_ms in the call's arena; NULL when that is full. */
Google__Protobuf__Timestamp *ql_timestamp_new(struct ql_call *call, int64_t unix_ms);

/* The instant in milliseconds, rounded down, as everywhere: what we store, send and
 * compare has no finer time. Any seconds and nanos of the wire. */
int64_t ql_timestamp_ms(const Google__Protobuf__Timestamp *timestamp);

#endif
