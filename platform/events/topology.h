/* The topology: every exchange, queue and binding of all services, as the contract
 * declares them (questline/event/v1/options.proto).
 *
 * An administrator's account declares it, before the first service starts and again when
 * the broker has lost it (`questctl broker declare`). The accounts of services have no right
 * to declare it: a missing queue is an error of the service. */
#ifndef QL_EVENTS_TOPOLOGY_H
#define QL_EVENTS_TOPOLOGY_H

#include <stdbool.h>
#include <stddef.h>

#include "platform/base/call.h"
#include "platform/events/queue.h"

/* The topic exchange that every message of a service is published to. */
#define QL_EXCHANGE "questline"

/* All queues, one for each option `queue` of the contract. Work queues are quorum queues
 * with a single active consumer and no delivery limit; dead-letter queues are quorum queues
 * bounded to 100,000 messages, which refuse what exceeds that by a policy of the broker
 * (scripts/stack/rights/README.md). Any thread. */
const struct ql_queue *ql_queues(size_t *ret_count);
const struct ql_queue *ql_queue_find(const char *name);             /* NULL: there is none */
const struct ql_queue *ql_queue_find_short(const char *short_name); /* the same */

/* All streams, one for each name in the options of events. Any thread. */
const struct ql_stream *ql_streams(size_t *ret_count);
const struct ql_stream *ql_stream_of_type(const char *type); /* NULL: no stream keeps it */

/* False for the routing keys of dead letters, which are no new events. */
bool ql_key_is_of_events(const char *routing_key);

/* Declares all of it; what exists stays. Needs the right to configure, write and
 * read every name of the topology. UNAVAILABLE (BROKER_UNAVAILABLE). */
enum ql_code ql_topology_declare(struct ql_call *call, const char *url) QL_MUST_CHECK;

/* The same over a connection; false when it broke. */
struct qli_connection;
bool qli_topology_declare(struct qli_connection *connection);

#endif
