/* Ends attempts that nobody ended before their deadline, whoever looks at them. */
#ifndef QL_QUIZ_ATTEMPTS_SWEEPER_H
#define QL_QUIZ_ATTEMPTS_SWEEPER_H

#include "services/quiz/app/quiz_service.h"

enum { SWEEPER_PAUSE_MS = 500, SWEEPER_TURN_MS = 10000 };

/* Ends up to 100 late attempts, the earliest deadline first, each in a transaction of its
 * own; *ret_has_more: there may be more. Sweepers of several processes share the work: one
 * steps over what another holds. An attempt that cannot be ended, such as one whose questions
 * cannot be read, is logged and stepped over. A ql_service_turn. */
enum ql_code sweeper_turn(struct ql_call *call, void *app, bool *ret_has_more) QL_MUST_CHECK;

#endif
