/* Quests in PostgreSQL. Results live in the call's arena. */
#ifndef QL_CATALOG_QUEST_STORE_H
#define QL_CATALOG_QUEST_STORE_H

#include "platform/pg/pg.h"
#include "services/catalog/quest.h"

/* Stores a new quest as the newest and as a revision. Its reward and its
 * prerequisite exist. ALREADY_EXISTS when its id is taken. */
enum ql_code quest_store_insert(struct ql_call *call, struct ql_pg_tx *tx,
                                const struct quest *quest) QL_MUST_CHECK;

/* Stores a further revision as the newest and as a revision, of a quest that
 * this transaction has locked. */
enum ql_code quest_store_update(struct ql_call *call, struct ql_pg_tx *tx,
                                const struct quest *quest) QL_MUST_CHECK;

/* The newest revision, for a change: nobody else changes it before the
 * transaction ends. NOT_FOUND (QUEST_NOT_FOUND). */
enum ql_code quest_store_lock(struct ql_call *call, struct ql_pg_tx *tx, const char *quest_id,
                              struct quest *ret_quest) QL_MUST_CHECK;

/* The ids of the quest and of all that must be completed before it, one a row; no
 * row when it does not exist. Prerequisites are given by one transaction at a
 * time from here on: what it saw is still so when it commits. */
enum ql_code quest_store_prerequisites(struct ql_call *call, struct ql_pg_tx *tx,
                                       const char *quest_id,
                                       struct ql_pg_rows *ret_rows) QL_MUST_CHECK;

/* One revision, 0 for the newest. NOT_FOUND (QUEST_NOT_FOUND). */
enum ql_code quest_store_get(struct ql_call *call, struct ql_pg_tx *tx, const char *quest_id,
                             int64_t revision, struct quest *ret_quest) QL_MUST_CHECK;

/* The newest revisions behind the id `after`, by id, at most limit: those that are
 * not archived, and those archived since that moment, in ms since 1970; 0: all. */
enum ql_code quest_store_list(struct ql_call *call, struct ql_pg_tx *tx, const char *after,
                              int64_t archived_since_ms, int limit, struct quest **ret_quests,
                              size_t *ret_n_quests) QL_MUST_CHECK;

#endif
