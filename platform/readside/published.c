/* Going back to what is published. */
#include "platform/readside/published.h"

#include "platform/base/clock.h"
#include "platform/readside/entries.h"
#include "platform/resource/store.h"

bool qli_published_is_for_editor(const struct ql_call *call)
{
    return call->identity.role == QL_ROLE_ADMIN;
}

bool qli_published_is_due(const struct ql_read_side *side, const struct ql_resource_item *item)
{
    return qli_version_is_published(item->revision, item->revised_ms, side->publish_delay_ms,
                                    ql_unix_ms());
}

enum ql_code qli_published_find(struct ql_call *call, struct ql_pg_tx *tx,
                                const struct ql_read_side *side, int kind,
                                struct ql_resource_item *item, int64_t *ret_stale_ms)
{
    *ret_stale_ms = 0;
    while (!qli_published_is_due(side, item)) {
        int64_t due_unix_ms = item->revised_ms + side->publish_delay_ms;
        ProtobufCMessage *older;
        enum ql_code rc;

        /* Two clocks, each cut to a millisecond. */
        *ret_stale_ms = ql_monotonic_ms() + (due_unix_ms - ql_unix_ms()) - 2;
        rc = ql_resource_store_get(call, tx, side->kinds[kind].resource, item->id,
                                   item->revision - 1, &older);
        if (rc != QL_OK)
            return rc;
        rc = ql_resource_item_encode(call, older, item);
        if (rc != QL_OK)
            return rc;
    }
    return QL_OK;
}
