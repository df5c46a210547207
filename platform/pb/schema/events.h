/* The events of a contract: which messages are the bodies of events, and which packages
 * consume which queues (the options of questline/event/v1/options.proto). schema.h finds them. */
#ifndef QL_PB_SCHEMA_EVENTS_H
#define QL_PB_SCHEMA_EVENTS_H

#include <stdbool.h>
#include <stddef.h>

#include "google/protobuf/descriptor.pb-c.h"
#include "platform/base/arena.h"
#include "platform/pb/schema/name_index.h"

struct ql_event_type {
    const char *type;        /* "ArenaWon" */
    const char *routing_key; /* "arena.won" */
    const char *publisher;   /* the service that publishes it; "*": every service of events */
    const char *body;        /* full name of its message: "questline.arena.v1.ArenaWon" */
    const char *stream;      /* the stream that keeps it; "": none */
    bool is_of_users;        /* each such event is about one user */
};

struct ql_event_queue {
    const char *package;         /* "questline.arena.v1" */
    const char *service;         /* the component after "questline.": "arena" */
    const char *name;            /* of a further queue of the package: "prizes"; "": the first */
    const char *const *bindings; /* patterns of routing keys, ended with NULL */
};

/* All of a contract, in order of declaration. */
struct qli_schema_events {
    struct ql_event_type *types;
    size_t n_types;
    struct qli_name_index types_by_name;
    struct ql_event_queue *queues;
    size_t n_queues;
    const char *custom_publisher; /* the service of game servers' events; "": none */
};

/* Reads the options of all files of a set. What is kept lies in arena; scratch is for the
 * time of the call. False with a text in error for options that cannot be kept: an event
 * without key or publisher, a type declared twice, a key of dead letters, a queue that is
 * bound to everything, a name of other letters than a to z, two queues of one package that
 * have the same name. */
bool qli_schema_events_read(struct qli_schema_events *events, struct ql_arena *arena,
                            ProtobufCAllocator *scratch,
                            const Google__Protobuf__FileDescriptorSet *set, char *error,
                            size_t error_size);

#endif
