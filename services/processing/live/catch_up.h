/* Definitions from the event table: what its rows say of quests, page by page in
 * the order of the table.
 *
 * A page costs as much wherever it begins, so the time is in proportion to the
 * rows that are new. The first read of a process may be of 100,000 rows; it is
 * done outside the event table's lock and keeps each page, so that a failure
 * costs a page and not the way to it. */
#ifndef QL_PROCESSING_LIVE_CATCH_UP_H
#define QL_PROCESSING_LIVE_CATCH_UP_H

#include "platform/pg/pg.h"
#include "services/processing/live/processing.h"

/* Reads one page of quests behind *seq into definitions, and moves *seq to its
 * last row. *ret_has_more: another page may follow. DATA_LOSS
 * (STORED_QUEST_UNREADABLE); RESOURCE_EXHAUSTED (TOO_MANY_QUESTS). After a
 * failure definitions may have some of the page and *seq stands before it:
 * reading it again comes to the same. */
enum ql_code catch_up_page(struct ql_call *call, struct ql_pg_tx *tx,
                           struct definitions *definitions, int64_t *seq,
                           bool *ret_has_more) QL_MUST_CHECK;

/* The last row that says something of a quest; 0 for none. */
enum ql_code catch_up_last_seq(struct ql_call *call, struct ql_pg_tx *tx,
                               int64_t *ret_seq) QL_MUST_CHECK;

/* Brings app's definitions to the table's end, each page in a transaction of its
 * own, without the event table's lock; app->is_caught_up then. Ends early, QL_OK,
 * when until_ms of the monotonic clock has passed. Consumer thread only. */
enum ql_code catch_up_run(struct ql_call *call, struct processing *app,
                          int64_t until_ms) QL_MUST_CHECK;

/* Copies a definition into the set; RESOURCE_EXHAUSTED (TOO_MANY_QUESTS). */
enum ql_code catch_up_put(struct ql_call *call, struct definitions *definitions,
                          const struct definition *definition) QL_MUST_CHECK;

#endif
