/* Which of the two it is. */
#include "platform/readside/read_kind.h"

#include "platform/resource/store.h"

const char *qli_read_kind_name(const struct ql_read_kind *kind)
{
    return kind->snapshot != NULL ? kind->snapshot->name : kind->resource->name;
}

const char *qli_read_kind_event_type(const struct ql_read_kind *kind)
{
    return kind->snapshot != NULL ? kind->snapshot->event_type : kind->resource->event_type;
}

const ProtobufCMessageDescriptor *qli_read_kind_type(const struct ql_read_kind *kind)
{
    return kind->snapshot != NULL ? kind->snapshot->type : kind->resource->type;
}

enum ql_code qli_read_kind_of_event(struct ql_call *call, const struct ql_read_kind *kind,
                                    const struct ql_event *event, struct ql_resource_item *ret_item)
{
    if (kind->snapshot != NULL)
        return qli_snapshot_of_event(call, kind->snapshot, event, ret_item);
    return ql_resource_item_of_event(call, kind->resource, event, ret_item);
}

enum ql_code qli_read_kind_decode(struct ql_call *call, const struct ql_read_kind *kind,
                                  const char *id, int64_t revision, const void *bytes,
                                  size_t length, struct ql_resource_item *ret_item)
{
    if (kind->snapshot != NULL)
        return qli_snapshot_of_bytes(call, id, revision, bytes, length, ret_item);
    return ql_resource_item_decode(call, kind->resource, bytes, length, ret_item);
}

enum ql_code qli_read_kind_get(struct ql_call *call, struct ql_pg_tx *tx,
                               const struct ql_read_kind *kind, const char *id, int64_t revision,
                               struct ql_resource_item *ret_item)
{
    ProtobufCMessage *resource;
    enum ql_code rc;

    if (kind->snapshot != NULL)
        return qli_snapshot_get(call, tx, kind->snapshot, id, ret_item);
    rc = ql_resource_store_get(call, tx, kind->resource, id, revision, &resource);
    if (rc != QL_OK)
        return rc;
    return ql_resource_item_encode(call, resource, ret_item);
}

enum ql_code qli_read_kind_list(struct ql_call *call, struct ql_pg_tx *tx,
                                const struct ql_read_kind *kind, const char *after, int limit,
                                struct ql_resource_item **ret_items, size_t *ret_n_items)
{
    const struct ql_resource_list list = {.after = after, .limit = limit};

    if (kind->snapshot != NULL)
        return qli_snapshot_list(call, tx, kind->snapshot, after, limit, ret_items, ret_n_items);
    return ql_resource_store_list(call, tx, kind->resource, &list, ret_items, ret_n_items);
}
