/* The audit trail in the event table. */
#ifndef QL_PROCESSING_AUDIT_STORE_H
#define QL_PROCESSING_AUDIT_STORE_H

#include "platform/pg/pg.h"
#include "questline/processing/v1/names.h"

struct audit_page {
    AuditEntry **entries; /* the latest first; in the call's arena */
    size_t n_entries;
    int64_t last_seq; /* of the last entry: where the next page begins */
    bool has_more;
};

/* At most max entries before before_seq (0: the latest), fewer when they are
 * large; actor_id and target "" for all. DATA_LOSS (STORED_ACT_UNREADABLE). */
enum ql_code audit_store_list(struct ql_call *call, struct ql_pg_tx *tx, const char *actor_id,
                              const char *target, int64_t before_seq, int max,
                              struct audit_page *ret_page) QL_MUST_CHECK;

#endif
