/* The rules of an attempt, without I/O. */
#include "services/quiz/attempts/attempt.h"

#include <string.h>

#include "platform/base/digest.h"
#include "platform/pb/wire/timestamp.h"

enum { MS = 1000, SCORE_DELAY_MS = 1000 };

static const int64_t longest_ms = INT64_C(30) * 24 * 3600 * 1000;

static int64_t earlier_of(int64_t left, int64_t right)
{
    return left < right ? left : right;
}

void attempt_begin(struct attempt *ret_attempt, const char *user_id, const Quiz *quiz,
                   int32_t ordinal, int64_t now_ms)
{
    int64_t deadline_ms = now_ms + longest_ms;

    if (quiz->time_limit_s > 0)
        deadline_ms = earlier_of(deadline_ms, now_ms + (int64_t)quiz->time_limit_s * MS);
    if (quiz->closes_at != NULL)
        deadline_ms = earlier_of(deadline_ms, ql_timestamp_ms(quiz->closes_at));
    *ret_attempt = (struct attempt){
        .quiz_version = quiz->published_version,
        .ordinal = ordinal,
        .state = ATTEMPT_STATE_IN_PROGRESS,
        .started_ms = now_ms,
        .deadline_ms = deadline_ms,
        .now_ms = now_ms,
    };
    ql_uuid_new(ret_attempt->attempt_id);
    ql_uuid_copy(ret_attempt->user_id, user_id);
    ql_uuid_copy(ret_attempt->quiz_id, quiz->quiz_id);
    ql_random_bytes(ret_attempt->seed, sizeof(ret_attempt->seed));
}

enum ql_code attempt_check_start(struct ql_call *call, const Quiz *quiz,
                                 const struct attempt *latest, int64_t now_ms)
{
    int64_t next_ms = latest->ended_ms + (int64_t)quiz->retry_delay_s * MS;

    if (quiz->opens_at != NULL && now_ms < ql_timestamp_ms(quiz->opens_at))
        return ql_fail(call, QL_FAILED_PRECONDITION, "QUIZ_NOT_OPEN", "the quiz is not open yet");
    if (quiz->closes_at != NULL && now_ms >= ql_timestamp_ms(quiz->closes_at))
        return ql_fail(call, QL_FAILED_PRECONDITION, "QUIZ_CLOSED", "the quiz is closed");
    if (latest->ordinal == 0)
        return QL_OK;
    if (quiz->max_attempts > 0 && latest->ordinal >= quiz->max_attempts)
        return ql_fail(call, QL_FAILED_PRECONDITION, "ATTEMPTS_EXHAUSTED",
                       "all %d attempts at the quiz are taken", (int)quiz->max_attempts);
    if (now_ms >= next_ms)
        return QL_OK;
    ql_fail(call, QL_FAILED_PRECONDITION, "RETRY_TOO_SOON",
            "the next attempt may begin %d s after the end of the last one",
            (int)quiz->retry_delay_s);
    ql_retry_after(call, next_ms - now_ms);
    return QL_FAILED_PRECONDITION;
}

static bool is_own(const struct ql_call *call, const struct attempt *attempt)
{
    char caller[QL_UUID_SIZE];

    ql_uuid_copy(caller, call->identity.subject);
    return strcmp(caller, attempt->user_id) == 0;
}

static enum ql_code refuse_caller(struct ql_call *call)
{
    return ql_fail(call, QL_PERMISSION_DENIED, "NOT_OWNER", "the attempt is another player's");
}

enum ql_code attempt_check_owner(struct ql_call *call, const struct attempt *attempt)
{
    return is_own(call, attempt) ? QL_OK : refuse_caller(call);
}

enum ql_code attempt_check_reader(struct ql_call *call, const struct attempt *attempt)
{
    if (call->identity.role != QL_ROLE_USER || is_own(call, attempt))
        return QL_OK;
    return refuse_caller(call);
}

enum ql_code attempt_check_open(struct ql_call *call, const struct attempt *attempt)
{
    if (attempt->is_late || attempt->ended_by == ENDED_BY_SERVER)
        return ql_fail(call, QL_FAILED_PRECONDITION, "ATTEMPT_EXPIRED",
                       "the attempt's deadline is over");
    if (attempt->state != ATTEMPT_STATE_IN_PROGRESS)
        return ql_fail(call, QL_FAILED_PRECONDITION, "ATTEMPT_ENDED", "the attempt is over");
    return QL_OK;
}

/* Whether the quiz shows its players what is right, to this one now. */
static bool is_review_allowed(const struct attempt *attempt, const Quiz *quiz)
{
    if (attempt->ended_by == ENDED_BY_UNSPECIFIED || quiz->review == REVIEW_POLICY_NEVER)
        return false;
    if (quiz->review != REVIEW_POLICY_AFTER_CLOSE)
        return true;
    return quiz->closes_at != NULL && attempt->now_ms >= ql_timestamp_ms(quiz->closes_at);
}

enum ql_code attempt_check_review(struct ql_call *call, const struct attempt *attempt,
                                  const Quiz *quiz)
{
    bool is_player = call->identity.role == QL_ROLE_USER;

    if (attempt->ended_by == ENDED_BY_UNSPECIFIED ||
        (is_player && !is_review_allowed(attempt, quiz)))
        return ql_fail(call, QL_FAILED_PRECONDITION, "REVIEW_NOT_ALLOWED",
                       "the right answers are not shown, or not yet");
    if (attempt->state == ATTEMPT_STATE_SCORED)
        return QL_OK;
    ql_fail(call, QL_FAILED_PRECONDITION, "NOT_SCORED_YET", "the attempt has no score yet");
    ql_retry_after(call, SCORE_DELAY_MS);
    return QL_FAILED_PRECONDITION;
}

Score *attempt_score_to_pb(struct ql_call *call, const struct attempt *attempt)
{
    Score *score;

    if (attempt->state != ATTEMPT_STATE_SCORED)
        return NULL;
    score = ql_arena_alloc(call->arena, sizeof(*score));
    if (score == NULL)
        return NULL;
    Score_init(score);
    score->millipoints = attempt->millipoints;
    score->max_millipoints = attempt->max_millipoints;
    score->percent = attempt->percent;
    score->basis_points = attempt->basis_points;
    score->passed = attempt->passed;
    return score;
}

static bool fill_times(struct ql_call *call, const struct attempt *attempt, Attempt *pb)
{
    pb->started_at = ql_timestamp_new(call, attempt->started_ms);
    pb->deadline_at = ql_timestamp_new(call, attempt->deadline_ms);
    pb->server_time = ql_timestamp_new(call, attempt->now_ms);
    if (pb->started_at == NULL || pb->deadline_at == NULL || pb->server_time == NULL)
        return false;
    if (attempt->ended_by == ENDED_BY_UNSPECIFIED)
        return true;
    pb->ended_at = ql_timestamp_new(call, attempt->ended_ms);
    return pb->ended_at != NULL;
}

Attempt *attempt_to_pb(struct ql_call *call, const struct attempt *attempt)
{
    Attempt *pb = ql_arena_alloc(call->arena, sizeof(*pb));
    char commitment[QL_SHA256_HEX_SIZE];

    if (pb == NULL)
        return NULL;
    Attempt_init(pb);
    ql_sha256_hex(commitment, attempt->seed, sizeof(attempt->seed));
    pb->attempt_id = ql_arena_strdup(call->arena, attempt->attempt_id);
    pb->quiz_id = ql_arena_strdup(call->arena, attempt->quiz_id);
    pb->user_id = ql_arena_strdup(call->arena, attempt->user_id);
    pb->draw_commitment = ql_arena_strdup(call->arena, commitment);
    pb->quiz_version = attempt->quiz_version;
    pb->ordinal = attempt->ordinal;
    pb->state = attempt->state;
    pb->ended_by = attempt->ended_by;
    pb->score = attempt_score_to_pb(call, attempt);
    if (!fill_times(call, attempt, pb) || ql_arena_is_spent(call->arena))
        return NULL;
    return pb;
}
