/* Boards as the contract has them: the fields that several methods share. */
#ifndef QL_EVALUATION_LEADERBOARD_PB_H
#define QL_EVALUATION_LEADERBOARD_PB_H

#include "questline/evaluation/v1/names.h"
#include "services/evaluation/boards/board_pages.h"

/* The board that a request is about; its period is in the call's arena. INVALID_ARGUMENT
 * names week. */
enum ql_code leaderboard_read_board(struct ql_call *call, const char *name,
                                    Questline__Evaluation__V1__Period period, const char *week,
                                    struct board *ret_board) QL_MUST_CHECK;

bool leaderboard_is_of_week(const struct board *board);
/* The week's name, "" for all time. */
const char *leaderboard_week(const struct board *board);
Questline__Evaluation__V1__WeekState leaderboard_state(enum board_week_state state);

/* An entry in the call's arena; NULL when that is full. */
void *leaderboard_entry(struct ql_call *call, const void *board_entry);
/* The answer's field `entries`. */
enum ql_code leaderboard_fill_entries(struct ql_call *call, const struct board_window *window,
                                      void *answer) QL_MUST_CHECK;

#endif
