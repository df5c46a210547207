/* AuditService: what administrators did, for administrators. */
#include <string.h>

#include "platform/base/text.h"
#include "platform/service/page.h"
#include "questline/processing/v1/server.h"
#include "services/processing/live/processing.h"
#include "services/processing/store/audit_store.h"

/* Ids are kept in lower case: "quest/0192…" is found by an id in capitals too. NULL when
 * the arena is full. */
static const char *lower_id(struct ql_call *call, const char *text)
{
    const char *slash = strrchr(text, '/');
    const char *id = slash == NULL ? text : slash + 1;
    char *copy;

    if (!ql_uuid_is_valid(id))
        return text;
    copy = ql_arena_strdup(call->arena, text);
    if (copy == NULL)
        return NULL;
    ql_text_lower(copy + (id - text));
    return copy;
}

/* ListAuditEntries: a page of the trail, the latest first. */
static enum ql_code audit_rpc_list(struct ql_call *call, const ListAuditEntriesRequest *in,
                                   ListAuditEntriesResponse *out)
{
    struct processing *app = call->app;
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    const char *actor_id = lower_id(call, in->actor_id), *target = lower_id(call, in->target);
    struct audit_page found;
    struct ql_page page;
    enum ql_code rc;

    if (actor_id == NULL || target == NULL)
        return ql_fail_memory(call);
    rc = ql_page_read(call, in, QL_PAGE_SIZE_DEFAULT, &page);
    if (rc != QL_OK)
        return rc;
    rc = ql_pg_begin(call, app->parts.pg, &tx);
    if (rc != QL_OK)
        return rc;
    rc = audit_store_list(call, tx, actor_id, target, ql_page_after_number(&page), page.n_rows,
                          &found);
    if (rc != QL_OK)
        return rc;
    out->entries = found.entries;
    out->n_entries = found.n_entries;
    if (found.next_seq == 0)
        return QL_OK;
    return ql_page_token_number(call, &page, found.next_seq, &out->next_page_token);
}

QL_RPC_SERVE(AuditService_ListAuditEntries, audit_rpc_list)
