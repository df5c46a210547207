/* Changes of boards in PostgreSQL, numbered in the order of their commits. */
#ifndef QL_EVALUATION_CHANGE_STORE_H
#define QL_EVALUATION_CHANGE_STORE_H

#include "platform/pg/pg.h"
#include "services/evaluation/boards/board_write.h"

/* What the database has. */
struct change_look {
    char epoch[QL_UUID_SIZE]; /* which life of it this is */
    int64_t greatest;         /* change number, 0 for none */
    /* The greatest number of a row that was deleted since nobody is to hear of it again: who
     * has followed to a smaller number only has to begin anew. */
    int64_t purged;
};

/* One look, outside of any transaction. */
enum ql_code change_store_look(struct ql_call *call, struct ql_pg_pool *pool,
                               struct change_look *ret_look) QL_MUST_CHECK;

/* Begins a transaction that sees one moment and changes nothing; the look is of that moment. */
enum ql_code change_store_snapshot(struct ql_call *call, struct ql_pg_pool *pool,
                                   struct ql_pg_tx **ret_tx,
                                   struct change_look *ret_look) QL_MUST_CHECK;

/* The next changes behind a number, at most `limit`, in order; *behind becomes the
 * number of the last. In the call's arena. */
enum ql_code change_store_entries(struct ql_call *call, struct ql_pg_tx *tx, int64_t *behind,
                                  int limit, struct board_change **ret_changes,
                                  size_t *ret_n) QL_MUST_CHECK;

/* The weeks that became FINAL behind a number. In the call's arena. */
enum ql_code change_store_final_weeks(struct ql_call *call, struct ql_pg_tx *tx, int64_t behind,
                                      const char *const **ret_weeks, size_t *ret_n) QL_MUST_CHECK;

/* Deletes rows of who left, up to a number that Redis has followed to, a bounded number of
 * them in one transaction. */
enum ql_code change_store_purge(struct ql_call *call, struct ql_pg_pool *pool, int64_t followed,
                                bool *ret_has_more) QL_MUST_CHECK;

/* Gives the database another epoch: whatever was made from it is made anew. */
enum ql_code change_store_new_epoch(struct ql_call *call, struct ql_pg_tx *tx) QL_MUST_CHECK;

#endif
