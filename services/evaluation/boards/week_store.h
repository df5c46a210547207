/* Weeks and their standings in PostgreSQL, and names of boards. */
#ifndef QL_EVALUATION_WEEK_STORE_H
#define QL_EVALUATION_WEEK_STORE_H

#include "platform/pg/pg.h"
#include "services/evaluation/boards/board_read.h"

/* Whether nothing changes in a week any more. */
enum ql_code week_store_is_final(struct ql_call *call, struct ql_pg_pool *pool, const char *week,
                                 bool *ret_is_final) QL_MUST_CHECK;

/* Weeks with something in them up to one, newest first. In the call's arena. */
struct week_row {
    const char *week;
    const char *state; /* OPEN, CLOSING, FINAL */
};
enum ql_code week_store_list(struct ql_call *call, struct ql_pg_pool *pool, const char *newest,
                             int limit, struct week_row **ret_rows, size_t *ret_n) QL_MUST_CHECK;

/* How many weeks are in each state, as rows of state and number. */
enum ql_code week_store_count(struct ql_call *call, struct ql_pg_pool *pool,
                              struct ql_pg_rows *ret_rows) QL_MUST_CHECK;

/* A page of the standings of a week that is FINAL, behind so many entries. */
enum ql_code week_store_page(struct ql_call *call, struct ql_pg_pool *pool,
                             const struct board *board, int32_t n_before, int limit,
                             struct board_window *ret_window) QL_MUST_CHECK;

/* How many entries of the standings are up to a position, that one among them. */
enum ql_code week_store_rank_of_position(struct ql_call *call, struct ql_pg_pool *pool,
                                         const struct board *board,
                                         const struct board_position *position,
                                         int32_t *ret_rank) QL_MUST_CHECK;

/* The user's entry and those around it, as board_read_around. NOT_FOUND (NOT_RANKED). */
enum ql_code week_store_around(struct ql_call *call, struct ql_pg_pool *pool,
                               const struct board *board, const char *user_id, int around,
                               struct board_window *ret_window) QL_MUST_CHECK;

/* Names of boards behind one, in order; some may have no entry any more. */
enum ql_code week_store_board_names(struct ql_call *call, struct ql_pg_pool *pool,
                                    const char *behind, int limit, const char ***ret_names,
                                    size_t *ret_n) QL_MUST_CHECK;

#endif
