/* The queues and streams of a contract, with the names that a broker has for them.
 * Module-internal. */
#ifndef QL_EVENTS_TOPOLOGY_TABLE_H
#define QL_EVENTS_TOPOLOGY_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "platform/base/arena.h"
#include "platform/events/queue.h"
#include "platform/pb/schema/schema.h"

/* How the routing keys of dead letters begin. */
#define QLI_DEAD_LETTER_PREFIX "dead."

struct qli_topology_table {
    struct ql_queue *queues;
    struct ql_stream *streams;
    size_t n_queues, n_streams;
};

/* Fills the table from the options of a schema, in its order. What it points to is in the
 * arena and in the schema. False without memory. */
bool qli_topology_table_fill(struct qli_topology_table *table, struct ql_arena *arena,
                             const struct ql_schema *schema);

/* Whether the stream keeps what is published under this key. */
bool qli_stream_keeps(const struct ql_stream *stream, const char *routing_key);

#endif
