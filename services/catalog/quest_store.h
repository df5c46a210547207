/* Quests in PostgreSQL. Results live in the call's arena. */
#ifndef QL_CATALOG_QUEST_STORE_H
#define QL_CATALOG_QUEST_STORE_H

#include "platform/pg/pg.h"
#include "services/catalog/quest.h"

/* Stores a new quest as the newest and as a revision. FAILED_PRECONDITION
 * (REWARD_NOT_FOUND) when its reward does not exist; ALREADY_EXISTS when its id
 * is taken. */
enum ql_code quest_store_insert(struct ql_call *call, struct ql_pg_tx *tx,
                                const struct quest *quest) QL_MUST_CHECK;

/* One revision, 0 for the newest. NOT_FOUND (QUEST_NOT_FOUND). */
enum ql_code quest_store_get(struct ql_call *call, struct ql_pg_tx *tx, const char *quest_id,
                             int64_t revision, struct quest *ret_quest) QL_MUST_CHECK;

/* The newest revisions behind the id `after`, by id, at most limit. */
enum ql_code quest_store_list(struct ql_call *call, struct ql_pg_tx *tx, const char *after,
                              int limit, struct quest **ret_quests,
                              size_t *ret_n_quests) QL_MUST_CHECK;

#endif
