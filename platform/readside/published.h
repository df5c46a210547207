/* Which revision a caller is shown: to whoever edits the newest, to everybody else the
 * newest that is published, QL_CACHE_PUBLISH_DELAY_MS after it was made. */
#ifndef QL_READSIDE_PUBLISHED_H
#define QL_READSIDE_PUBLISHED_H

#include "platform/readside/read_side.h"

/* Administrators read what they wrote at once: from PostgreSQL, the newest revision. */
bool qli_published_is_for_editor(const struct ql_call *call);

bool qli_published_is_due(const struct ql_read_side *side, const struct ql_resource_item *item);

/* Goes back from the newest revision to the one that is published now; *ret_stale_ms:
 * until when (monotonic), 0 for as long as nothing changes. */
enum ql_code qli_published_find(struct ql_call *call, struct ql_pg_tx *tx,
                                const struct ql_read_side *side, int kind,
                                struct ql_resource_item *item, int64_t *ret_stale_ms) QL_MUST_CHECK;

#endif
