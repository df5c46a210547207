/* The schema in which progress is made again. */
#ifndef QL_PROCESSING_REPLAY_REBUILD_STORE_H
#define QL_PROCESSING_REPLAY_REBUILD_STORE_H

#include "services/processing/replay/replay.h"
#include "services/processing/replay/rebuild_report.h"

/* Makes the transaction the only rebuild and its progress the rebuilt one, empty. */
enum ql_code rebuild_store_enter(struct ql_call *call, struct ql_pg_tx *tx) QL_MUST_CHECK;
/* Progress is the live one again. */
enum ql_code rebuild_store_leave(struct ql_call *call, struct ql_pg_tx *tx) QL_MUST_CHECK;

/* Where its completions are noted. */
extern const struct completion_log rebuild_completion_log;

/* Fills the report but for n_events; forgets what was made of deleted users. */
enum ql_code rebuild_store_compare(struct ql_call *call, struct ql_pg_tx *tx,
                                   struct rebuild_report *report) QL_MUST_CHECK;
enum ql_code rebuild_store_swap(struct ql_call *call, struct ql_pg_tx *tx) QL_MUST_CHECK;

#endif
