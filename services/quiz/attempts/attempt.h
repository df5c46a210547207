/* An attempt at a quiz: its times, its states, and when another one may begin.
 *
 *   IN_PROGRESS -> SUBMITTED, EXPIRED -> SCORED       IN_PROGRESS -> DISCARDED
 *
 * The database's clock decides. The deadline is what players are shown; an attempt takes
 * answers for a grace longer, which a slow network may need. */
#ifndef QL_QUIZ_ATTEMPTS_ATTEMPT_H
#define QL_QUIZ_ATTEMPTS_ATTEMPT_H

#include "services/quiz/attempts/draw.h"

struct attempt {
    char attempt_id[QL_UUID_SIZE], user_id[QL_UUID_SIZE], quiz_id[QL_UUID_SIZE];
    int32_t quiz_version;
    int32_t ordinal; /* 1 for the user's first attempt at the quiz */
    Questline__Quiz__V1__AttemptState state;
    Questline__Quiz__V1__EndedBy ended_by;
    unsigned char seed[DRAW_SEED_BYTES];
    int64_t started_ms, deadline_ms, ended_ms; /* since 1970; ended_ms 0 unless it ended */
    /* Of SCORED ones: */
    int32_t millipoints, max_millipoints, percent, basis_points;
    bool passed;
    const int32_t *item_millipoints; /* of each question as shown */
    size_t n_items;
    /* When the row was read: */
    int64_t now_ms;
    bool is_late; /* in progress, and behind its deadline and grace */
};

/* A new attempt that begins now, with a seed and a deadline: the quiz's time limit and end,
 * and 30 days at most. */
void attempt_begin(struct attempt *ret_attempt, const char *user_id, const Quiz *quiz,
                   int32_t ordinal, int64_t now_ms);

/* Whether an attempt at the published version may begin now, behind the user's latest one,
 * which is over; ordinal 0: there is none. FAILED_PRECONDITION (QUIZ_NOT_OPEN, QUIZ_CLOSED,
 * ATTEMPTS_EXHAUSTED), (RETRY_TOO_SOON) with a retry delay. */
enum ql_code attempt_check_start(struct ql_call *call, const Quiz *quiz,
                                 const struct attempt *latest, int64_t now_ms) QL_MUST_CHECK;

/* Whether the caller may change the attempt: its player alone. PERMISSION_DENIED
 * (NOT_OWNER). */
enum ql_code attempt_check_owner(struct ql_call *call, const struct attempt *attempt) QL_MUST_CHECK;

/* Whether the caller may see it: administrators and operators see all. */
enum ql_code attempt_check_reader(struct ql_call *call,
                                  const struct attempt *attempt) QL_MUST_CHECK;

/* Whether it takes answers. FAILED_PRECONDITION (ATTEMPT_EXPIRED), also for one that is late
 * and not ended yet, (ATTEMPT_ENDED). */
enum ql_code attempt_check_open(struct ql_call *call, const struct attempt *attempt) QL_MUST_CHECK;

/* Whether its review may be seen, by the quiz's policy; by administrators once it has a
 * score. FAILED_PRECONDITION (REVIEW_NOT_ALLOWED), (NOT_SCORED_YET) with a retry delay. */
enum ql_code attempt_check_review(struct ql_call *call, const struct attempt *attempt,
                                  const Quiz *quiz) QL_MUST_CHECK;

/* The message without questions and answers, in the call's arena; NULL when that is full. */
Attempt *attempt_to_pb(struct ql_call *call, const struct attempt *attempt);
/* Its score; NULL also when it has none. */
Score *attempt_score_to_pb(struct ql_call *call, const struct attempt *attempt);

#endif
