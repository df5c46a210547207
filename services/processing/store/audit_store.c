/* SQL in, entries out: the audit trail. */
#include "services/processing/store/audit_store.h"

#include "platform/pb/schema/message.h"
#include "platform/service/page.h"

#include "audit_sql.h"
#include "platform/pb/json/json.h"

enum { ACTS_LOOKED_AT = 2000 }; /* for a page of an administrator and a target */

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

struct audit_refs {
    int64_t *seqs;
    size_t n;         /* of those that one answer can show */
    int64_t seen_seq; /* acts down to this one were looked at; 0: to the end */
    bool has_more;    /* more were found than are shown */
};

/* Entries are shown until they have filled an answer, the first whatever its size. */
static enum ql_code read_refs(struct ql_call *call, const struct ql_pg_rows *rows, int max,
                              struct audit_refs *ret_refs)
{
    struct audit_refs refs = {.seqs =
                                  ql_arena_calloc(call->arena, rows->n_rows, sizeof(*refs.seqs))};
    int64_t bytes = 0;

    if (refs.seqs == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < rows->n_rows; i++) {
        if (ql_pg_int64(rows, i, 3) == ACTS_LOOKED_AT)
            refs.seen_seq = ql_pg_int64(rows, i, 0);
        if (!ql_pg_bool(rows, i, 1))
            continue;
        refs.has_more = refs.has_more || refs.n == (size_t)max || bytes >= QL_PAGE_MAX_BYTES;
        if (refs.has_more)
            continue;
        refs.seqs[refs.n++] = ql_pg_int64(rows, i, 0);
        bytes += ql_pg_int64(rows, i, 2);
    }
    *ret_refs = refs;
    return QL_OK;
}

/* The narrowest statement for what is asked, so that each has its own index. */
static enum ql_code find_refs(struct ql_call *call, struct ql_pg_tx *tx, const char *actor_id,
                              const char *target, int64_t before_seq, int max,
                              struct audit_refs *ret_refs)
{
    static const struct ql_pg_statement *const statements[2][2] = {
        {&sql_audit_list, &sql_audit_list_of_target},
        {&sql_audit_list_of_actor, &sql_audit_list_of_actor_and_target}};
    bool has_actor = actor_id[0] != '\0', has_target = target[0] != '\0';
    const char *parameters[4] = {
        ql_pg_from_int64(call, before_seq == 0 ? INT64_MAX : before_seq),
        ql_pg_from_int64(call, has_actor && has_target ? ACTS_LOOKED_AT : max + 1)};
    size_t n_parameters = 2;
    struct ql_pg_rows rows;
    enum ql_code rc;

    if (has_actor)
        parameters[n_parameters++] = actor_id;
    if (has_target)
        parameters[n_parameters++] = target;
    rc = ql_pg_run(call, tx, statements[has_actor][has_target], parameters, n_parameters, &rows);
    if (rc != QL_OK)
        return rc;
    return read_refs(call, &rows, max, ret_refs);
}

enum ql_code audit_store_list(struct ql_call *call, struct ql_pg_tx *tx, const char *actor_id,
                              const char *target, int64_t before_seq, int max,
                              struct audit_page *ret_page)
{
    struct audit_page page = {.n_entries = 0};
    struct audit_refs refs = {0};
    struct ql_pg_rows rows;
    enum ql_code rc;

    rc = find_refs(call, tx, actor_id, target, before_seq, max, &refs);
    if (rc != QL_OK)
        return rc;
    rc =
        ql_pg_run(call, tx, &sql_audit_get_entries,
                  (const char *const[]){ql_pg_from_int64_array(call, refs.seqs, refs.n)}, 1, &rows);
    if (rc != QL_OK)
        return rc;
    page.entries = ql_arena_calloc(call->arena, rows.n_rows, sizeof(*page.entries));
    if (page.entries == NULL)
        return ql_fail_memory(call);
    for (; page.n_entries < rows.n_rows; page.n_entries++) {
        rc = read_entry(call, &rows, page.n_entries, &page.entries[page.n_entries]);
        if (rc != QL_OK)
            return rc;
    }
    page.next_seq = refs.has_more ? refs.seqs[refs.n - 1] : refs.seen_seq;
    *ret_page = page;
    return QL_OK;
}
