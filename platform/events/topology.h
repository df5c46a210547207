/* The topology: every exchange, queue and binding of all services, as the contract
 * declares them (questline/event/v1/options.proto).
 *
 * An administrator's account declares it, before the first service starts and again
 * whenever the broker has lost it (`questctl broker declare`). The accounts that
 * services run with may not: what they need and do not find, they report. */
#ifndef QL_EVENTS_TOPOLOGY_H
#define QL_EVENTS_TOPOLOGY_H

#include <stdbool.h>
#include <stddef.h>

#include "platform/base/call.h"

/* The topic exchange that every message of a service is published to. */
#define QL_EXCHANGE "questline"

struct ql_queue {
    const char *name;            /* "questline.arena.v1": changed arguments need a new name */
    const char *dead_letter;     /* "questline.arena.v1.dead" */
    const char *dead_letter_key; /* "dead.arena": what the dead-letter queue is bound to */
    const char *replay;          /* "questline.arena.v1.replay": an exchange to it alone */
    const char *service;         /* who consumes it: "arena" */
    const char *const *bindings; /* patterns, ended with NULL */
};

/* All queues, one for each package with the option `queue`. Work queues are quorum queues
 * with a single active consumer and no delivery limit; dead-letter queues are quorum queues
 * bounded to 100,000 messages, which refuse what exceeds that by a policy of the broker
 * (scripts/stack/rights/README.md). Any thread. */
const struct ql_queue *ql_queues(size_t *ret_count);
const struct ql_queue *ql_queue_find(const char *name);          /* NULL: there is none */
const struct ql_queue *ql_queue_of_service(const char *service); /* "arena"; the same */

/* A stream keeps what came in the last hour, whoever has read it: every process reads
 * it by itself, from any moment within that hour on, and takes nothing away. */
struct ql_stream {
    const char *name;            /* "questline.revocations.v1": changed arguments need a new name */
    const char *const *bindings; /* routing keys, ended with NULL */
};

/* All streams, one for each name in the options of events. Any thread. */
const struct ql_stream *ql_streams(size_t *ret_count);
const struct ql_stream *ql_stream_of_type(const char *type); /* NULL: no stream keeps it */

/* False for the keys of dead letters on their way to their queue, which announce nothing. */
bool ql_key_is_of_events(const char *routing_key);

/* Declares all of it; what is there stays. Needs the right to configure, write and
 * read every name of the topology. UNAVAILABLE (BROKER_UNAVAILABLE). */
enum ql_code ql_topology_declare(struct ql_call *call, const char *url) QL_MUST_CHECK;

#endif
