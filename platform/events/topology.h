/* The topology: every exchange, queue and binding of all services, in one table.
 *
 * An administrator's account declares it, before the first service starts and again
 * whenever the broker has lost it (`questctl broker declare`). The accounts that
 * services run with may not: what they need and do not find, they report. */
#ifndef QL_EVENTS_TOPOLOGY_H
#define QL_EVENTS_TOPOLOGY_H

#include <stdbool.h>

#include "platform/base/call.h"

/* The topic exchange that every message of a service is published to. */
#define QL_EXCHANGE "questline"

struct ql_queue {
    const char *name;            /* "questline.processing.v1": changed arguments need a new name */
    const char *dead_letter;     /* "questline.processing.v1.dead" */
    const char *dead_letter_key; /* "dead.processing": what the dead-letter queue is bound to */
    const char *replay;          /* "questline.processing.v1.replay": an exchange to it alone */
    const char *const *bindings; /* patterns, ended with NULL */
};

/* Ends with a NULL name. Work queues are quorum queues with a single active
 * consumer and no delivery limit; dead-letter queues are quorum queues bounded
 * to 100,000 messages, which refuse what exceeds that by a policy of the broker
 * (scripts/stack/rights/README.md). */
extern const struct ql_queue ql_queues[];
const struct ql_queue *ql_queue_find(const char *name);

/* A stream keeps what came in the last hour, whoever has read it: every process reads
 * it by itself, from any moment within that hour on, and takes nothing away. */
struct ql_stream {
    const char *name;            /* changed arguments need a new name */
    const char *const *bindings; /* patterns, ended with NULL */
};

extern const struct ql_stream ql_streams[]; /* ends with a NULL name */

/* Which accounts' and sessions' tokens were revoked. */
#define QL_REVOCATIONS_STREAM "questline.revocations.v1"

/* False for the keys of dead letters on their way to their queue, which announce nothing. */
bool ql_key_is_of_events(const char *routing_key);

/* Declares all of it; what is there stays. Needs the right to configure, write and
 * read every name of the table. UNAVAILABLE (BROKER_UNAVAILABLE). */
enum ql_code ql_topology_declare(struct ql_call *call, const char *url) QL_MUST_CHECK;

#endif
