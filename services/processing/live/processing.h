/* processing's process: what its consumer and its handlers share.
 *
 * Handlers read the database only; what evaluating remembers is the consumer
 * thread's alone, so nothing here needs a lock. */
#ifndef QL_PROCESSING_LIVE_PROCESSING_H
#define QL_PROCESSING_LIVE_PROCESSING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "platform/service/service.h"
#include "services/processing/rules/day.h"
#include "services/processing/rules/definitions.h"

struct processing {
    struct ql_service_parts parts; /* first: call->app serves both */

    bool rebuild_swaps;          /* --swap */
    char *amqp_dead_letters_url; /* QL_AMQP_DEAD_LETTERS_URL; "": parts.amqp_url */
    int backfill_rows;           /* of history that a step counts; 0: the usual */

    /* The consumer thread's. */
    struct definitions *definitions; /* what the event table says of quests ... */
    int64_t definitions_seq;         /* ... up to this row */
    struct day_zones *zones;         /* of users */
    struct ql_arena *scratch;        /* memory of one batch */
    bool is_synced;                  /* the catalog has answered */
    int64_t sync_again_ms;           /* monotonic: it is not asked before */
    bool has_consumed;               /* a batch, since the start */
    int64_t erase_at_ms;             /* monotonic: no event is erased before */

    /* The consumer thread writes it, and readiness reads it. */
    _Atomic bool is_caught_up; /* definitions are those of the whole table, once read */
};

#endif
