/* The topology: every exchange, queue and binding of all services, in one table,
 * declared by whoever connects first, so that nothing published before a
 * consumer exists is lost. */
#ifndef QL_EVENTS_TOPOLOGY_H
#define QL_EVENTS_TOPOLOGY_H

#define QL_EXCHANGE "questline"

struct ql_queue {
    const char *name;            /* "questline.processing.v1": changed arguments need a new name */
    const char *dead_letter;     /* "questline.processing.v1.dead" */
    const char *const *bindings; /* patterns, ended with NULL */
};

/* Ends with a NULL name. Work queues are quorum queues with a single active
 * consumer and no delivery limit; dead-letter queues are quorum queues bounded
 * to 100,000 messages, oldest dropped. */
extern const struct ql_queue ql_queues[];
const struct ql_queue *ql_queue_find(const char *name);

#endif
