/* A kind of what a read side answers: of resources of this service, or of snapshots that
 * another one publishes. What differs between the two is here. */
#ifndef QL_READSIDE_READ_KIND_H
#define QL_READSIDE_READ_KIND_H

#include "platform/readside/snapshot.h"

/* One of the two; the other is NULL. */
struct ql_read_kind {
    const struct ql_resource_kind *resource;
    const struct ql_snapshot_kind *snapshot;
};

const char *qli_read_kind_name(const struct ql_read_kind *kind);
const char *qli_read_kind_event_type(const struct ql_read_kind *kind);
/* Of the bytes of its items. */
const ProtobufCMessageDescriptor *qli_read_kind_type(const struct ql_read_kind *kind);

/* From the event's body. INVALID_ARGUMENT when it holds no item. */
enum ql_code qli_read_kind_of_event(struct ql_call *call, const struct ql_read_kind *kind,
                                    const struct ql_event *event,
                                    struct ql_resource_item *ret_item) QL_MUST_CHECK;

/* From the bytes that were kept of an item under its id and revision. */
enum ql_code qli_read_kind_decode(struct ql_call *call, const struct ql_read_kind *kind,
                                  const char *id, int64_t revision, const void *bytes,
                                  size_t length, struct ql_resource_item *ret_item) QL_MUST_CHECK;

/* From PostgreSQL: one revision, 0 for the newest. NOT_FOUND. */
enum ql_code qli_read_kind_get(struct ql_call *call, struct ql_pg_tx *tx,
                               const struct ql_read_kind *kind, const char *id, int64_t revision,
                               struct ql_resource_item *ret_item) QL_MUST_CHECK;

/* From PostgreSQL: the newest revisions behind an id. */
enum ql_code qli_read_kind_list(struct ql_call *call, struct ql_pg_tx *tx,
                                const struct ql_read_kind *kind, const char *after, int limit,
                                struct ql_resource_item **ret_items,
                                size_t *ret_n_items) QL_MUST_CHECK;

#endif
