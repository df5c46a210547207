/* Rewards in PostgreSQL. Results live in the call's arena. */
#ifndef QL_CATALOG_REWARD_STORE_H
#define QL_CATALOG_REWARD_STORE_H

#include "platform/pg/pg.h"
#include "services/catalog/reward.h"

/* Stores a new reward as the newest and as a revision. ALREADY_EXISTS when its
 * id is taken. */
enum ql_code reward_store_insert(struct ql_call *call, struct ql_pg_tx *tx,
                                 const struct reward *reward) QL_MUST_CHECK;

/* Stores a further revision as the newest and as a revision, of a reward that
 * this transaction has locked. */
enum ql_code reward_store_update(struct ql_call *call, struct ql_pg_tx *tx,
                                 const struct reward *reward) QL_MUST_CHECK;

/* The newest revision, for a change: nobody else changes it, or comes to give
 * it, before the transaction ends. NOT_FOUND (REWARD_NOT_FOUND). */
enum ql_code reward_store_lock(struct ql_call *call, struct ql_pg_tx *tx, const char *reward_id,
                               struct reward *ret_reward) QL_MUST_CHECK;

/* The newest revision, for a quest to give: it stays as it is before the
 * transaction ends. NOT_FOUND (REWARD_NOT_FOUND). */
enum ql_code reward_store_hold(struct ql_call *call, struct ql_pg_tx *tx, const char *reward_id,
                               struct reward *ret_reward) QL_MUST_CHECK;

/* A quest that gives the reward and is not archived; NULL for none. */
enum ql_code reward_store_giver(struct ql_call *call, struct ql_pg_tx *tx, const char *reward_id,
                                const char **ret_quest_id) QL_MUST_CHECK;

/* One revision, 0 for the newest. NOT_FOUND (REWARD_NOT_FOUND). */
enum ql_code reward_store_get(struct ql_call *call, struct ql_pg_tx *tx, const char *reward_id,
                              int64_t revision, struct reward *ret_reward) QL_MUST_CHECK;

/* The newest revisions behind the id `after`, by id, at most limit: those that are
 * not archived, and those archived since that moment, in ms since 1970; 0: all. */
enum ql_code reward_store_list(struct ql_call *call, struct ql_pg_tx *tx, const char *after,
                               int64_t archived_since_ms, int limit, struct reward **ret_rewards,
                               size_t *ret_n_rewards) QL_MUST_CHECK;

#endif
