/* What the catalog announces about quests. */
#ifndef QL_CATALOG_QUEST_EVENTS_H
#define QL_CATALOG_QUEST_EVENTS_H

#include "platform/pg/pg.h"
#include "services/catalog/quest.h"

/* QuestChanged, with the whole quest; its id is derived from id and revision. */
enum ql_code quest_publish_changed(struct ql_call *call, struct ql_pg_tx *tx,
                                   const struct quest *quest) QL_MUST_CHECK;

#endif
