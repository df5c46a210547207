/* Queues and streams, by the names that the broker has for them. */
#ifndef QL_EVENTS_QUEUE_H
#define QL_EVENTS_QUEUE_H

/* A queue of a package: the one that is named like it, or a further one, such as
 * "questline.arena.prizes.v1", which has a consumer and dead letters of its own: neither of
 * the two stops the other. */
struct ql_queue {
    const char *name;            /* "questline.arena.v1": changed arguments need a new name */
    const char *short_name;      /* "arena", "arena.prizes": as operators name it */
    const char *dead_letter;     /* "questline.arena.v1.dead" */
    const char *dead_letter_key; /* "dead.arena": what the dead-letter queue is bound to */
    const char *replay;          /* "questline.arena.v1.replay": an exchange to it alone */
    const char *service;         /* its consumer: "arena" */
    const char *const *bindings; /* patterns, ended with NULL */
};

/* A stream keeps the messages of the last hour. Every process reads it independently, from
 * any moment within that hour; reading removes nothing. */
struct ql_stream {
    const char *name;            /* "questline.revocations.v1": changed arguments need a new name */
    const char *const *bindings; /* routing keys, ended with NULL */
};

#endif
