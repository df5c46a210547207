/* Rows are JSON objects of their columns on the way in and out: PostgreSQL and
 * platform/pb match columns and fields by name. */
#include "platform/resource/store.h"

#include <inttypes.h>
#include <string.h>

#include "platform/resource/document.h"

/* On its way out of the database a resource of a few kB may take more than 100 kB. */
static const size_t page_bytes = 32u * 1024 * 1024, row_bytes = 4u * 1024 * 1024;

static enum ql_code read_row(struct ql_call *call, const struct ql_resource_kind *kind,
                             const char *row, ProtobufCMessage **ret_resource)
{
    enum ql_code rc = ql_document_read(call, kind->type, row, ret_resource);

    if (rc != QL_OK)
        return rc;
    rc = kind->normalize == NULL ? QL_OK : kind->normalize(call, *ret_resource);
    if (rc != QL_OK)
        return rc;
    return ql_resource_set_etag(call, *ret_resource);
}

enum ql_code ql_resource_store_put(struct ql_call *call, struct ql_pg_tx *tx,
                                   const struct ql_resource_kind *kind,
                                   const ProtobufCMessage *resource)
{
    struct ql_pg_rows rows;
    const char *row;
    enum ql_code rc = ql_document_write(call, resource, &row);

    if (rc != QL_OK)
        return rc;
    rc = ql_pg_run(call, tx, kind->statements.put, &row, 1, &rows);
    if (rc != QL_OK)
        return rc;
    if (rows.n_affected != 1)
        return ql_fail(call, QL_ALREADY_EXISTS, "REVISION_EXISTS", "this revision of the %s exists",
                       kind->name);
    return QL_OK;
}

enum ql_code ql_resource_store_lock(struct ql_call *call, struct ql_pg_tx *tx,
                                    const struct ql_resource_kind *kind,
                                    const struct ql_pg_statement *statement, const char *id,
                                    ProtobufCMessage **ret_resource)
{
    struct ql_pg_rows rows;
    enum ql_code rc = ql_pg_run(call, tx, statement, &id, 1, &rows);

    if (rc != QL_OK)
        return rc;
    if (rows.n_rows == 0)
        return ql_fail(call, QL_NOT_FOUND, kind->not_found_reason, "%s %s does not exist",
                       kind->name, id);
    return read_row(call, kind, ql_pg_text(&rows, 0, 0), ret_resource);
}

enum ql_code ql_resource_store_get(struct ql_call *call, struct ql_pg_tx *tx,
                                   const struct ql_resource_kind *kind, const char *id,
                                   int64_t revision, ProtobufCMessage **ret_resource)
{
    const char *const parameters[] = {id, ql_pg_from_int64(call, revision)};
    struct ql_pg_rows rows;
    enum ql_code rc;

    if (revision == 0)
        return ql_resource_store_lock(call, tx, kind, kind->statements.get, id, ret_resource);
    rc = ql_pg_run(call, tx, kind->statements.get_revision, parameters, 2, &rows);
    if (rc != QL_OK)
        return rc;
    if (rows.n_rows == 0)
        return ql_fail(call, QL_NOT_FOUND, kind->not_found_reason, "%s %s has no revision %" PRId64,
                       kind->name, id, revision);
    return read_row(call, kind, ql_pg_text(&rows, 0, 0), ret_resource);
}

/* Keeps what the item points to in the arena. */
static enum ql_code keep_item(struct ql_call *call, struct ql_arena *arena,
                              struct ql_resource_item *item)
{
    item->id = ql_arena_strdup(arena, item->id);
    item->etag = ql_arena_strdup(arena, item->etag);
    item->bytes = ql_arena_memdup(arena, item->bytes, item->length);
    return item->id == NULL || item->etag == NULL || item->bytes == NULL ? ql_fail_memory(call)
                                                                         : QL_OK;
}

/* Reads a row in the arena `scratch`; the item lives in the call's. */
static enum ql_code read_item(struct ql_call *call, const struct ql_resource_kind *kind,
                              const char *row, struct ql_arena *scratch,
                              struct ql_resource_item *ret_item)
{
    struct ql_arena *kept = call->arena;
    QL_CLEANUP(ql_arena_leave)
    struct ql_arena_scope scope = ql_arena_enter(&call->arena, scratch);
    ProtobufCMessage *resource;
    enum ql_code rc;

    ql_arena_reset(scratch);
    rc = read_row(call, kind, row, &resource);
    if (rc != QL_OK)
        return rc;
    rc = ql_resource_item_encode(call, resource, ret_item);
    if (rc != QL_OK)
        return rc;
    return keep_item(call, kept, ret_item);
}

static enum ql_code read_items(struct ql_call *call, const struct ql_resource_kind *kind,
                               const struct ql_pg_rows *rows, struct ql_resource_item *items)
{
    QL_CLEANUP(ql_arena_freep) struct ql_arena *scratch = ql_arena_new(row_bytes);

    if (scratch == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < rows->n_rows; i++) {
        enum ql_code rc = read_item(call, kind, ql_pg_text(rows, i, 0), scratch, &items[i]);

        if (rc != QL_OK)
            return rc;
    }
    return QL_OK;
}

/* The rows live in the arena `page`. */
static enum ql_code select_rows(struct ql_call *call, struct ql_pg_tx *tx,
                                const struct ql_resource_kind *kind,
                                const struct ql_resource_list *list, struct ql_arena *page,
                                struct ql_pg_rows *ret_rows)
{
    QL_CLEANUP(ql_arena_leave) struct ql_arena_scope scope = ql_arena_enter(&call->arena, page);
    const char *parameters[] = {list->after, ql_pg_from_int64(call, list->limit),
                                ql_pg_from_int64(call, list->archived_since_ms), NULL,
                                ql_pg_from_int64(call, list->revised_since_ms)};
    enum ql_code rc;

    if (list->filter != NULL) {
        rc = ql_document_write(call, list->filter, &parameters[3]);
        if (rc != QL_OK)
            return rc;
        return ql_pg_run(call, tx, kind->statements.list_matching, parameters, 5, ret_rows);
    }
    if (list->archived_since_ms == 0)
        return ql_pg_run(call, tx, kind->statements.list, parameters, 2, ret_rows);
    return ql_pg_run(call, tx, kind->statements.list_open, parameters, 3, ret_rows);
}

enum ql_code ql_resource_store_list(struct ql_call *call, struct ql_pg_tx *tx,
                                    const struct ql_resource_kind *kind,
                                    const struct ql_resource_list *list,
                                    struct ql_resource_item **ret_items, size_t *ret_n_items)
{
    QL_CLEANUP(ql_arena_freep) struct ql_arena *page = ql_arena_new(page_bytes);
    struct ql_pg_rows rows;
    enum ql_code rc;

    if (page == NULL)
        return ql_fail_memory(call);
    rc = select_rows(call, tx, kind, list, page, &rows);
    if (rc != QL_OK)
        return rc;
    *ret_n_items = rows.n_rows;
    *ret_items = ql_arena_calloc(call->arena, rows.n_rows + 1, sizeof(**ret_items));
    if (*ret_items == NULL)
        return ql_fail_memory(call);
    return read_items(call, kind, &rows, *ret_items);
}
