/* Pages and ranks of boards, wherever they are answered from: a page that was read a moment
 * ago from memory; a week that is FINAL from the standings in PostgreSQL; everything else from
 * Redis, if the board there is fresh (freshness.h). */
#ifndef QL_EVALUATION_BOARD_PAGES_H
#define QL_EVALUATION_BOARD_PAGES_H

#include "services/evaluation/boards/boards.h"

enum board_week_state { BOARD_OF_ALL_TIME, BOARD_WEEK_OPEN, BOARD_WEEK_CLOSING, BOARD_WEEK_FINAL };

/* Where a page begins. */
struct board_start {
    bool is_behind_position;
    struct board_position position; /* it begins behind this one, */
    int32_t n_before;               /* or else behind so many entries */
};

/* Begins behind what board_start_print wrote; false for another text. */
bool board_start_parse(const char *text, struct board_start *ret_start);
/* Behind this entry: by its position, or by its rank in a week that is FINAL, where it may have
 * no user any more and ranks never change. */
void board_start_print(const struct board_entry *last, enum board_week_state state,
                       char ret_text[BOARD_POSITION_TEXT_SIZE]);

/* What was read. */
struct board_answer {
    enum board_week_state state;
    struct board_window window;
};

/* A page. UNAVAILABLE (BOARD_REBUILDING, BOARD_BEHIND). */
enum ql_code board_pages_read(struct ql_call *call, struct boards *boards,
                              const struct board *board, const struct board_start *start, int limit,
                              struct board_answer *ret_answer) QL_MUST_CHECK;

/* A user's entry and `around` before and behind it. NOT_FOUND (NOT_RANKED); UNAVAILABLE as
 * above. */
enum ql_code board_pages_rank(struct ql_call *call, struct boards *boards,
                              const struct board *board, const char *user_id, int around,
                              struct board_answer *ret_answer) QL_MUST_CHECK;

/* How many entries boards of all time have. UNAVAILABLE as above. */
enum ql_code board_pages_totals(struct ql_call *call, struct boards *boards,
                                const char *const *names, size_t n_names,
                                int32_t *ret_totals) QL_MUST_CHECK;

#endif
