/* The audit trail in the event table. */
#ifndef QL_PROCESSING_STORE_AUDIT_STORE_H
#define QL_PROCESSING_STORE_AUDIT_STORE_H

#include "platform/pg/pg.h"
#include "questline/processing/v1/names.h"

struct audit_page {
    AuditEntry **entries; /* the latest first; in the call's arena */
    size_t n_entries;
    int64_t next_seq; /* where the next page begins; 0: there is none */
};

/* At most max entries before before_seq (0: the latest), fewer when they are
 * large, and fewer or none, with more to follow, when an administrator and a target
 * are asked for: some thousand acts of the administrator are looked at; actor_id and target "" for all. DATA_LOSS (STORED_ACT_UNREADABLE). */
enum ql_code audit_store_list(struct ql_call *call, struct ql_pg_tx *tx, const char *actor_id,
                              const char *target, int64_t before_seq, int max,
                              struct audit_page *ret_page) QL_MUST_CHECK;

#endif
