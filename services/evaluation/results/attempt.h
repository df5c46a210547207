/* An attempt as QuizCompleted announces it, with its score. */
#ifndef QL_EVALUATION_ATTEMPT_H
#define QL_EVALUATION_ATTEMPT_H

#include "platform/base/id.h"
#include "platform/events/event.h"
#include "services/evaluation/score/score.h"
#include "services/evaluation/score/week.h"

struct attempt_question {
    char question_id[QL_UUID_SIZE];
    int64_t revision;
};

struct attempt {
    const char *traceparent; /* of the event */
    char attempt_id[QL_UUID_SIZE], user_id[QL_UUID_SIZE], quiz_id[QL_UUID_SIZE];
    const char *category;
    int32_t ordinal;
    int64_t submitted_ms; /* since 1970 */
    char week[WEEK_SIZE]; /* the ISO week of that */
    int64_t duration_ms;
    Questline__Quiz__V1__EndedBy ended_by;
    const char *grading; /* as it is stored: BEST, LAST or AVERAGE */
    bool is_practice;
    struct score score;
    struct attempt_question *questions; /* one for each of score.items */
};

/* Reads and scores the body of an event; its texts and *ret_attempt's memory are the call's
 * arena, and scratch, which is reset, is used on the way. INVALID_ARGUMENT: ATTEMPT_INVALID,
 * ITEMS_MISSING, ITEMS_INVALID, and ATTEMPT_TOO_LARGE when scratch does not suffice;
 * RESOURCE_EXHAUSTED of the call's arena. */
enum ql_code attempt_read(struct ql_call *call, const struct ql_event *event,
                          struct ql_arena *scratch, struct attempt *ret_attempt) QL_MUST_CHECK;

#endif
