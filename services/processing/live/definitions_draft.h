/* The definitions of one transaction: the process's own, or a copy of them once they
 * differ, which takes their place when the transaction is committed. */
#ifndef QL_PROCESSING_LIVE_DEFINITIONS_DRAFT_H
#define QL_PROCESSING_LIVE_DEFINITIONS_DRAFT_H

#include "platform/pg/pg.h"
#include "services/processing/live/processing.h"

struct definitions_draft {
    const struct definitions *before; /* the process's */
    struct definitions *changed;      /* the copy; NULL: nothing differs */
    int64_t seq;                      /* they are those of the event table up to this row */
    bool is_behind;                   /* more quests changed than were read */
};

/* Begins a transaction with what app has; what a try before has changed is dropped. */
void definitions_draft_begin(struct definitions_draft *draft, const struct processing *app);
void definitions_draft_done(struct definitions_draft *draft); /* for QL_CLEANUP */

/* The definitions as they stand now. */
const struct definitions *definitions_draft_now(const struct definitions_draft *draft);

/* Makes draft->changed a copy that may be changed. */
enum ql_code definitions_draft_change(struct ql_call *call,
                                      struct definitions_draft *draft) QL_MUST_CHECK;

/* Reads what changed in rows that somebody else has appended since. ABORTED with
 * is_behind for more than a page of it, which is to be read before the event table's
 * lock is taken and not under it. */
enum ql_code definitions_draft_catch_up(struct ql_call *call, struct ql_pg_tx *tx,
                                        struct definitions_draft *draft) QL_MUST_CHECK;

/* Everything is committed: app has what the draft had. */
void definitions_draft_accept(struct definitions_draft *draft, struct processing *app);

#endif
