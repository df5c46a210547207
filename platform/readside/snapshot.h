/* A kind of snapshot: values about something that another service publishes as a whole, with
 * a number that grows, such as figures of a resource. This service stores the newest ones in
 * a table; the read side holds them as it holds resources, but
 *
 *   - a snapshot is shown at once, and an older number never replaces a newer one;
 *   - nothing is known of older ones, and nothing is archived;
 *   - it is as fresh as its publisher's outbox: a cache of snapshots is synced as of the
 *     moment at which a bookmark was sent, whatever waits in the outbox of this service;
 *   - the table is written by the consumer of a queue, which may be behind: a read that
 *     PostgreSQL answers may be older than one from memory before it. What a relist missed
 *     for that, one of the relists that the reflector repeats finds (reflector.h).
 *
 * So the consumer first stores a snapshot unless the table has a newer one, and hands the
 * event to the projector once that is committed. */
#ifndef QL_READSIDE_SNAPSHOT_H
#define QL_READSIDE_SNAPSHOT_H

#include "platform/events/event.h"
#include "platform/pg/pg.h"
#include "platform/resource/item.h"

struct ql_snapshot_kind {
    const char *name; /* in keys of Redis and in metrics */
    const char *event_type;
    const ProtobufCMessageDescriptor *type; /* of a snapshot */
    const ProtobufCMessageDescriptor *body; /* of the event */
    /* Fields of the body: what it is about (a UUID), the number (int64), the snapshot. */
    const char *id_field, *number_field, *snapshot_field;
    /* Statements select three columns: the id, the number, and the row as JSON. */
    struct {
        const struct ql_pg_statement *get;  /* $1 id */
        const struct ql_pg_statement *list; /* by id: $1 the id to begin behind, $2 rows at most */
    } statements;
};

/* Items of snapshots: their revision is the number. All live in the call's arena.
 *
 * From the event's body. INVALID_ARGUMENT (NOT_A_SNAPSHOT) when it holds none. */
enum ql_code qli_snapshot_of_event(struct ql_call *call, const struct ql_snapshot_kind *kind,
                                   const struct ql_event *event,
                                   struct ql_resource_item *ret_item) QL_MUST_CHECK;

/* From a snapshot's bytes, which are not copied. */
enum ql_code qli_snapshot_of_bytes(struct ql_call *call, const char *id, int64_t number,
                                   const void *bytes, size_t length,
                                   struct ql_resource_item *ret_item) QL_MUST_CHECK;

/* From PostgreSQL. NOT_FOUND (NO_SNAPSHOT). */
enum ql_code qli_snapshot_get(struct ql_call *call, struct ql_pg_tx *tx,
                              const struct ql_snapshot_kind *kind, const char *id,
                              struct ql_resource_item *ret_item) QL_MUST_CHECK;
enum ql_code qli_snapshot_list(struct ql_call *call, struct ql_pg_tx *tx,
                               const struct ql_snapshot_kind *kind, const char *after, int limit,
                               struct ql_resource_item **ret_items,
                               size_t *ret_n_items) QL_MUST_CHECK;

#endif
