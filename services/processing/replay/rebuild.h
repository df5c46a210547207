/* Making progress again from the event table alone, beside the live table, and
 * comparing the two.
 *
 * All of it is one transaction on tables of a schema of its own: unless it swaps,
 * nothing is left behind. Events are replayed page by page while others are
 * appended; for the last of them, the comparison and the swap it holds the event
 * table's lock. */
#ifndef QL_PROCESSING_REPLAY_REBUILD_H
#define QL_PROCESSING_REPLAY_REBUILD_H

#include "platform/pg/pg.h"
#include "services/processing/replay/rebuild_report.h"

/* Rebuilds, compares and, when asked, swaps: the live table then is what was made.
 * The report lives in the call's arena. ABORTED (REBUILD_RUNNING) beside another
 * one; DATA_LOSS (STORED_QUEST_UNREADABLE); DEADLINE_EXCEEDED. */
enum ql_code rebuild_run(struct ql_call *call, struct ql_pg_pool *pool, bool swaps,
                         struct rebuild_report *ret_report) QL_MUST_CHECK;

#endif
