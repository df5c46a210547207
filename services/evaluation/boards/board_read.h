/* The scripts by which boards in Redis are read, one for each read. */
#ifndef QL_EVALUATION_BOARD_READ_H
#define QL_EVALUATION_BOARD_READ_H

#include "platform/base/call.h"
#include "platform/redis/redis.h"
#include "services/evaluation/boards/board.h"

/* What a read is refused without: boards of this epoch that have this change number. */
struct board_guard {
    char epoch[QL_UUID_SIZE];
    int64_t must;
};

/* Consecutive entries of a board, in the call's arena. */
struct board_window {
    int64_t applied; /* the change that the board has; 0: not read from Redis */
    int32_t total;   /* entries of the board */
    int32_t first;   /* how many are before the window */
    struct board_entry *entries;
    size_t n_entries;
    size_t own; /* of board_read_around: which of them is the user's */
};

/* A page: behind a position (NULL: none), else behind n_before entries. UNAVAILABLE
 * (BOARD_REBUILDING, BOARD_BEHIND) with a retry delay, for Redis that does not answer too. */
enum ql_code board_read_page(struct ql_call *call, struct ql_redis *redis,
                             const struct board_guard *guard, const struct board *board,
                             const struct board_position *after, int32_t n_before, int limit,
                             struct board_window *ret_window) QL_MUST_CHECK;

/* The user's entry with `around` others before and behind it. NOT_FOUND (NOT_RANKED);
 * UNAVAILABLE as above. */
enum ql_code board_read_around(struct ql_call *call, struct ql_redis *redis,
                               const struct board_guard *guard, const struct board *board,
                               const char *user_id, int around,
                               struct board_window *ret_window) QL_MUST_CHECK;

/* How many entries boards of all time have. UNAVAILABLE as above. */
enum ql_code board_read_totals(struct ql_call *call, struct ql_redis *redis,
                               const struct board_guard *guard, const char *const *names,
                               size_t n_names, int32_t *ret_totals) QL_MUST_CHECK;

#endif
