/* --announce-again: what ended is announced once more, for an evaluation that starts from
 * nothing. */
#ifndef QL_QUIZ_ATTEMPTS_PUBLISH_AGAIN_H
#define QL_QUIZ_ATTEMPTS_PUBLISH_AGAIN_H

#include "services/quiz/app/quiz_service.h"

/* Puts QuizCompleted of every attempt that ended at app->publish_since or later (a time of
 * RFC 3339; NULL: ever), and QuizWeekClosed of the weeks that ended since, into the outbox
 * under their own ids: whoever consumed one drops it. Attempts of deleted accounts, whose
 * answers are gone, are left out, and are not in the numbers of the weeks. In steps, each in
 * a transaction of its own. INVALID_ARGUMENT for what is no time. */
enum ql_code publish_again_run(struct ql_call *call, void *app) QL_MUST_CHECK;

#endif
