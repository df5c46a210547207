/* Quests as a kind of resource: their names, their statements, and what must hold between
 * a quest and the rows of others. */
#ifndef QL_CATALOG_QUEST_KIND_H
#define QL_CATALOG_QUEST_KIND_H

#include "questline/catalog/v1/names.h"
#include "platform/resource/kind.h"

extern const struct ql_resource_kind quest_kind;

/* The prerequisite exists, does not need this quest itself and, unless the quest needed it
 * before (before is NULL for none), can be completed. FAILED_PRECONDITION
 * (PREREQUISITE_NOT_FOUND, PREREQUISITE_CYCLE, PREREQUISITE_ARCHIVED). Prerequisites are
 * given by one transaction at a time from here on. */
enum ql_code quest_check_prerequisite(struct ql_call *call, struct ql_pg_tx *tx,
                                      const Quest *before, const Quest *quest) QL_MUST_CHECK;

#endif
