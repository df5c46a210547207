/* Asking the catalog for quests: what changed before this system listened. */
#ifndef QL_PROCESSING_LIVE_SYNC_H
#define QL_PROCESSING_LIVE_SYNC_H

#include "services/processing/live/processing.h"

/* Until the catalog has answered once in this process: reads the definitions
 * that the event table has, asks the catalog for its quests, and appends what is
 * missing as QuestChanged rows under the ids that the catalog's own events carry.
 *
 * While the catalog does not answer: QL_OK when the table has definitions, to
 * evaluate by those (it is asked again 5 s later at the earliest); UNAVAILABLE
 * (CATALOG_UNAVAILABLE) when it has none, so that events wait and count later.
 * Consumer thread only. */
enum ql_code sync_before_batch(struct ql_call *call, struct processing *app) QL_MUST_CHECK;

#endif
