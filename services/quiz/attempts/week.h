/* Closing weeks: how many attempts ended in an ISO week, by UTC, is announced once, when no
 * further attempt can end in it. */
#ifndef QL_QUIZ_ATTEMPTS_WEEK_H
#define QL_QUIZ_ATTEMPTS_WEEK_H

#include "services/quiz/app/quiz_service.h"

enum { WEEK_PAUSE_MS = 10000, WEEK_TURN_MS = 10000 };

/* Closes the earliest week that is not closed, announces it, and asks for another turn: 90 s
 * behind its end, when every call that began in it is over, and once no attempt in progress
 * has its deadline in it. Weeks begin with that of the first attempt that ended. Several
 * processes may try: the row of a week is written once. A ql_service_turn. */
enum ql_code week_turn(struct ql_call *call, void *app, bool *ret_has_more) QL_MUST_CHECK;

/* Announces closed weeks that ended at a time or later once more, under their own ids, with
 * the attempts of users who have an account. */
enum ql_code week_publish_again(struct ql_call *call, struct ql_pg_tx *tx,
                                int64_t since_ms) QL_MUST_CHECK;

#endif
