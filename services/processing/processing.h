/* processing's process: what its consumer and its handlers share.
 *
 * Handlers read the database only; what judging remembers is the consumer
 * thread's alone, so nothing here needs a lock. */
#ifndef QL_PROCESSING_PROCESSING_H
#define QL_PROCESSING_PROCESSING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "platform/service/service.h"
#include "services/processing/day.h"
#include "services/processing/definition.h"

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

/* processing.c: builds and releases what is beyond the standard parts. */
enum ql_code processing_start(struct ql_call *call, void *app);
void processing_stop(void *app);
const struct ql_pg_migration *processing_migrations(void);
extern const struct ql_setting processing_settings[];

/* event_consumer.c: the handler of "questline.processing.v1". */
enum ql_code event_consume(struct ql_call *call, struct ql_delivery *deliveries,
                           size_t n_deliveries);

/* event_consumer.c: what that thread does beside events: reads the definitions, then counts
 * histories in steps. */
enum ql_code event_chore(struct ql_call *call, bool *ret_has_more);
/* NULL, or why the process is not ready: it cannot judge yet. Any thread. */
const char *event_not_ready(void *app);

/* rebuild_rpc.c: --rebuild. */
enum ql_code rebuild_command(struct ql_call *call, void *app);

/* *_rpc.c */
extern const struct ql_rpc_method audit_methods[];
extern const struct ql_rpc_method dead_letter_methods[];
extern const struct ql_rpc_method event_methods[];
extern const struct ql_rpc_method progress_methods[];
extern const struct ql_rpc_method rebuild_methods[];
extern const struct ql_rpc_method try_out_methods[];
extern const struct ql_rpc_method publish_methods[];

#endif
