/* Event types, as the contract declares them, and making and reading the envelope. */
#ifndef QL_EVENTS_EVENT_H
#define QL_EVENTS_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <protobuf-c/protobuf-c.h>

#include "platform/base/call.h"
#include "platform/pb/schema/schema.h"
#include "platform/pb/schema/events.h"

/* A reserved type: one that the contract declares (platform/pb/schema/events.h);
 * NULL: not reserved. */
const struct ql_event_type *ql_event_type_find(const char *type);

/* The service that publishes events of a type: the contract's for reserved types ("*": every
 * service that publishes), for others the one that game servers publish through. */
const char *ql_event_type_publisher(const char *type);

/* True for two or more words of a-z, 0-9 and _, each beginning with a letter, joined
 * by dots: what game servers may call their events. */
bool ql_event_type_is_custom(const char *type);

/* True when an event of this type may travel under this key: the contract's key
 * for reserved types, "custom.<type>" for dotted lower-case others. */
bool ql_event_type_fits_key(const char *type, const char *routing_key);

/* True when events of this type are about users, so that a quest can count them: reserved
 * types with the option of_user, and custom types. */
bool ql_event_type_is_of_users(const char *type);

enum { QL_EVENT_MAX_BYTES = 256 * 1024, QL_EVENT_TYPE_MAX = 128, QL_ROUTING_KEY_MAX = 160 };

/* An event in memory; its texts are in the arena of the call that made it. */
struct ql_event {
    const char *event_id;
    const char *type;
    const char *user_id; /* "" for none */
    /* The game server's account that published it, in which its id is unique; NULL or "": a
     * service published it. */
    const char *account_id;
    int64_t occurred_ms; /* since 1970 */
    const char *traceparent;
    const char *body_type; /* full message name, without "type.googleapis.com/" */
    const void *body;      /* wire bytes */
    size_t body_length;
};

/* Makes an event of a reserved type about user_id ("" for none), that occurs now, with the
 * call's trace and the given id, or a new one for NULL. */
enum ql_code ql_event_make(struct ql_call *call, const char *type, const char *event_id,
                           const char *user_id, const ProtobufCMessage *body,
                           struct ql_event *ret_event) QL_MUST_CHECK;

/* The envelope's wire bytes, in the call's arena. */
enum ql_code ql_event_pack(struct ql_call *call, const struct ql_event *event, uint8_t **ret_bytes,
                           size_t *ret_length) QL_MUST_CHECK;

/* Reads an envelope of any origin: wire check, ids, type, time between 2000 and 9999, known
 * body type whose bytes pass the wire check. INVALID_ARGUMENT with the reason of the dead
 * letter. */
enum ql_code ql_event_unpack(struct ql_call *call, const void *bytes, size_t length,
                             struct ql_event *ret_event) QL_MUST_CHECK;

/* The body as proto3 JSON, in the call's arena (secret fields left out). */
enum ql_code ql_event_body_json(struct ql_call *call, const struct ql_event *event,
                                char **ret_json) QL_MUST_CHECK;

#endif
