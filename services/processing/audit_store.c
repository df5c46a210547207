/* SQL in, entries out: the audit trail. */
#include "services/processing/audit_store.h"

#include "platform/pb/message.h"
#include "platform/service/page.h"

#include "audit_sql.h"

static enum ql_code read_entry(struct ql_call *call, const struct ql_pg_rows *rows, size_t row,
                               AuditEntry **ret_entry)
{
    uint8_t *bytes;
    size_t length;
    enum ql_code rc;

    rc = ql_message_from_json(call, AuditEntry_descriptor.name, ql_pg_text(rows, row, 1), &bytes,
                              &length);
    if (rc == QL_OK)
        rc = ql_message_unpack(call, &AuditEntry_descriptor, bytes, length, ret_entry);
    if (rc == QL_OK || rc == QL_RESOURCE_EXHAUSTED)
        return rc;
    return ql_fail(call, QL_DATA_LOSS, "STORED_ACT_UNREADABLE",
                   "the act of event row %lld cannot be read: %s",
                   (long long)ql_pg_int64(rows, row, 0), call->status.message);
}

enum ql_code audit_store_list(struct ql_call *call, struct ql_pg_tx *tx, const char *actor_id,
                              const char *target, int64_t before_seq, int max,
                              struct audit_page *ret_page)
{
    const char *const parameters[] = {
        ql_pg_from_int64(call, before_seq),
        ql_pg_from_int64(call, max + 1), /* one more tells whether a page follows */
        ql_pg_from_int64(call, QL_PAGE_MAX_BYTES),
        actor_id[0] != '\0' ? actor_id : NULL,
        target[0] != '\0' ? target : NULL,
    };
    struct audit_page page = {.n_entries = 0};
    struct ql_pg_rows rows;
    enum ql_code rc;

    rc = ql_pg_run(call, tx, &sql_audit_list, parameters, QL_ARRAY_LENGTH(parameters), &rows);
    if (rc != QL_OK)
        return rc;
    page.entries = ql_arena_calloc(call->arena, rows.n_rows, sizeof(*page.entries));
    if (page.entries == NULL)
        return ql_fail_memory(call);
    for (; page.n_entries < rows.n_rows && page.n_entries < (size_t)max; page.n_entries++) {
        rc = read_entry(call, &rows, page.n_entries, &page.entries[page.n_entries]);
        if (rc != QL_OK)
            return rc;
        page.last_seq = ql_pg_int64(&rows, page.n_entries, 0);
    }
    page.has_more = rows.n_rows > 0 && ql_pg_int64(&rows, 0, 2) > (int64_t)page.n_entries;
    *ret_page = page;
    return QL_OK;
}
