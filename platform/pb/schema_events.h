/* The events of a contract: which messages are the bodies of events, and which packages
 * consume a queue (the options of questline/event/v1/options.proto).
 *
 * Everything returned belongs to the schema and lives as long as it; any thread. */
#ifndef QL_PB_SCHEMA_EVENTS_H
#define QL_PB_SCHEMA_EVENTS_H

#include <stdbool.h>
#include <stddef.h>

#include "platform/pb/schema.h"

struct ql_event_type {
    const char *type;        /* "UserSignIn" */
    const char *routing_key; /* "user.signed_in" */
    const char *publisher;   /* the service that publishes it; "*": every service of events */
    const char *body;        /* full name of its message: "questline.user.v1.UserSignedIn" */
    const char *stream;      /* the stream that keeps it: "revocations"; "": none */
    bool is_of_users;        /* each such event is about one user */
};

struct ql_event_queue {
    const char *package;         /* "questline.user.v1" */
    const char *service;         /* the component after "questline.": "user" */
    const char *const *bindings; /* patterns of routing keys, ended with NULL */
};

/* All event types, in order of declaration. */
const struct ql_event_type *ql_schema_event_types(const struct ql_schema *schema,
                                                  size_t *ret_count);

/* NULL when the contract declares no such type. */
const struct ql_event_type *ql_schema_event_type(const struct ql_schema *schema, const char *type);

/* All queues, in order of declaration. */
const struct ql_event_queue *ql_schema_event_queues(const struct ql_schema *schema,
                                                    size_t *ret_count);

/* The service that publishes the events of game servers; "" when there is none. */
const char *ql_schema_custom_publisher(const struct ql_schema *schema);

#endif
