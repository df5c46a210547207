/* Snapshots from events and from rows. */
#include "platform/readside/snapshot.h"

#include <inttypes.h>

#include "platform/pb/schema/message.h"
#include "platform/resource/document.h"

enum ql_code qli_snapshot_of_bytes(struct ql_call *call, const char *id, int64_t number,
                                   const void *bytes, size_t length,
                                   struct ql_resource_item *ret_item)
{
    *ret_item = (struct ql_resource_item){.id = id,
                                          .revision = number,
                                          .etag = ql_arena_printf(call->arena, "%" PRId64, number),
                                          .bytes = bytes,
                                          .length = length};
    return ret_item->etag == NULL ? ql_fail_memory(call) : QL_OK;
}

static enum ql_code of_message(struct ql_call *call, const char *id, int64_t number,
                               const ProtobufCMessage *snapshot, struct ql_resource_item *ret_item)
{
    uint8_t *bytes;
    size_t length;
    enum ql_code rc = ql_message_pack(call, snapshot, &bytes, &length);

    if (rc != QL_OK)
        return rc;
    return qli_snapshot_of_bytes(call, id, number, bytes, length, ret_item);
}

enum ql_code qli_snapshot_of_event(struct ql_call *call, const struct ql_snapshot_kind *kind,
                                   const struct ql_event *event, struct ql_resource_item *ret_item)
{
    const ProtobufCMessage *body, *snapshot;
    const char *id;
    int64_t number;
    enum ql_code rc = ql_message_unpack(call, kind->body, event->body, event->body_length, &body);

    if (rc != QL_OK)
        return rc;
    id = *(const char *const *)ql_resource_member(body, kind->id_field);
    number = *(const int64_t *)ql_resource_member(body, kind->number_field);
    snapshot = *(const ProtobufCMessage *const *)ql_resource_member(body, kind->snapshot_field);
    if (snapshot == NULL || !ql_uuid_is_valid(id) || number < 1)
        return ql_fail(call, QL_INVALID_ARGUMENT, "NOT_A_SNAPSHOT",
                       "the event has no id, number or contents of a %s", kind->name);
    return of_message(call, id, number, snapshot, ret_item);
}

static enum ql_code read_row(struct ql_call *call, const struct ql_snapshot_kind *kind,
                             const struct ql_pg_rows *rows, size_t row,
                             struct ql_resource_item *ret_item)
{
    ProtobufCMessage *snapshot;
    enum ql_code rc = ql_document_read(call, kind->type, ql_pg_text(rows, row, 2), &snapshot);

    if (rc != QL_OK)
        return rc;
    return of_message(call, ql_pg_text(rows, row, 0), ql_pg_int64(rows, row, 1), snapshot,
                      ret_item);
}

enum ql_code qli_snapshot_get(struct ql_call *call, struct ql_pg_tx *tx,
                              const struct ql_snapshot_kind *kind, const char *id,
                              struct ql_resource_item *ret_item)
{
    struct ql_pg_rows rows;
    enum ql_code rc = ql_pg_run(call, tx, kind->statements.get, &id, 1, &rows);

    if (rc != QL_OK)
        return rc;
    if (rows.n_rows == 0)
        return ql_fail(call, QL_NOT_FOUND, "NO_SNAPSHOT", "there is no %s of %s", kind->name, id);
    return read_row(call, kind, &rows, 0, ret_item);
}

enum ql_code qli_snapshot_list(struct ql_call *call, struct ql_pg_tx *tx,
                               const struct ql_snapshot_kind *kind, const char *after, int limit,
                               struct ql_resource_item **ret_items, size_t *ret_n_items)
{
    const char *const parameters[] = {after, ql_pg_from_int64(call, limit)};
    struct ql_pg_rows rows;
    enum ql_code rc = ql_pg_run(call, tx, kind->statements.list, parameters, 2, &rows);

    if (rc != QL_OK)
        return rc;
    *ret_n_items = rows.n_rows;
    *ret_items = ql_arena_calloc(call->arena, rows.n_rows + 1, sizeof(**ret_items));
    if (*ret_items == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < rows.n_rows; i++) {
        rc = read_row(call, kind, &rows, i, &(*ret_items)[i]);
        if (rc != QL_OK)
            return rc;
    }
    return QL_OK;
}
