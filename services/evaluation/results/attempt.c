/* Reading and scoring an announced attempt. */
#include "services/evaluation/results/attempt.h"

#include <string.h>

#include "platform/pb/schema/message.h"
#include "platform/pb/wire/timestamp.h"

/* Of times, as of envelopes: 2000-01-01 to 9999-12-31. */
static const int64_t submitted_min_ms = 946684800000, submitted_max_ms = 253402300799999;

enum { BOARD_POINTS_MAX = 1000, PASS_MAX = 10000, CATEGORY_MAX = 40 };

static enum ql_code fail_attempt(struct ql_call *call, const char *what)
{
    return ql_fail(call, QL_INVALID_ARGUMENT, "ATTEMPT_INVALID", "%s", what);
}

static const char *grading_name(Questline__Quiz__V1__Grading grading)
{
    switch (grading) {
    case GRADING_UNSPECIFIED:
    case GRADING_BEST:
        return "BEST";
    case GRADING_LAST:
        return "LAST";
    case GRADING_AVERAGE:
        return "AVERAGE";
    default:
        return NULL;
    }
}

/* Words of lower-case letters and digits, joined by '-'. */
static bool is_category(const char *text)
{
    size_t length = strlen(text);

    if (length == 0 || length > CATEGORY_MAX || text[0] == '-' || text[length - 1] == '-')
        return false;
    return strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == length &&
           strstr(text, "--") == NULL;
}

/* What the quiz service guarantees of an attempt, but for its items. */
static enum ql_code check_body(struct ql_call *call, const struct ql_event *event,
                               const QuizCompleted *body)
{
    int64_t submitted_ms = body->submitted_at == NULL ? 0 : ql_timestamp_ms(body->submitted_at);

    if (!ql_uuid_is_valid(event->user_id) || !ql_uuid_is_valid(body->attempt_id) ||
        !ql_uuid_is_valid(body->quiz_id))
        return fail_attempt(call, "user, attempt or quiz has no id");
    if (!is_category(body->category) || body->ordinal < 1 || body->duration_ms < 0)
        return fail_attempt(call, "category, ordinal or duration is missing");
    if (submitted_ms < submitted_min_ms || submitted_ms > submitted_max_ms)
        return fail_attempt(call, "it ended at no time");
    if (grading_name(body->grading) == NULL || body->board_points < 0 ||
        body->board_points > BOARD_POINTS_MAX || body->pass_basis_points < 0 ||
        body->pass_basis_points > PASS_MAX)
        return fail_attempt(call, "grading, points of boards or share to pass is none");
    return QL_OK;
}

/* In the scratch arena, which is the call's here. */
static enum ql_code read_body(struct ql_call *call, const struct ql_event *event,
                              QuizCompleted **ret_body, struct score *ret_score)
{
    enum ql_code rc;

    if (strcmp(event->body_type, QuizCompleted_descriptor.name) != 0)
        return fail_attempt(call, "the body is not a QuizCompleted");
    rc = ql_message_unpack(call, &QuizCompleted_descriptor, event->body, event->body_length,
                           ret_body);
    if (rc != QL_OK)
        return rc;
    rc = check_body(call, event, *ret_body);
    if (rc != QL_OK)
        return rc;
    return score_attempt(call, *ret_body, ret_score);
}

static void copy_questions(const QuizCompleted *body, struct attempt *attempt)
{
    for (size_t i = 0; i < body->n_items; i++) {
        ql_uuid_copy(attempt->questions[i].question_id, body->items[i]->question_id);
        attempt->questions[i].revision = body->items[i]->revision;
    }
}

static enum ql_code check_questions(struct ql_call *call, const QuizCompleted *body)
{
    for (size_t i = 0; i < body->n_items; i++)
        if (!ql_uuid_is_valid(body->items[i]->question_id) || body->items[i]->revision < 1)
            return ql_fail(call, QL_INVALID_ARGUMENT, "ITEMS_INVALID",
                           "item %zu names no revision of a question", i + 1);
    return QL_OK;
}

/* What stays when the scratch arena is reset. */
static enum ql_code keep_attempt(struct ql_call *call, const struct ql_event *event,
                                 const QuizCompleted *body, const struct score *score,
                                 struct attempt *ret_attempt)
{
    struct attempt attempt = {
        .traceparent = event->traceparent,
        .category = ql_arena_strdup(call->arena, body->category),
        .ordinal = body->ordinal,
        .submitted_ms = ql_timestamp_ms(body->submitted_at),
        .duration_ms = body->duration_ms,
        .ended_by = body->ended_by,
        .grading = grading_name(body->grading),
        .is_practice = body->practice,
        .score = *score,
        .questions = ql_arena_calloc(call->arena, body->n_items, sizeof(*attempt.questions)),
    };

    attempt.score.items =
        ql_arena_memdup(call->arena, score->items, score->n_items * sizeof(*score->items));
    if (attempt.category == NULL || attempt.questions == NULL || attempt.score.items == NULL)
        return ql_fail_memory(call);
    ql_uuid_copy(attempt.attempt_id, body->attempt_id);
    ql_uuid_copy(attempt.user_id, event->user_id);
    ql_uuid_copy(attempt.quiz_id, body->quiz_id);
    week_of(attempt.submitted_ms, attempt.week);
    copy_questions(body, &attempt);
    *ret_attempt = attempt;
    return QL_OK;
}

enum ql_code attempt_read(struct ql_call *call, const struct ql_event *event,
                          struct ql_arena *scratch, struct attempt *ret_attempt)
{
    QuizCompleted *body = NULL;
    struct score score;
    enum ql_code rc;

    ql_arena_reset(scratch);
    {
        QL_CLEANUP(ql_arena_leave)
        struct ql_arena_scope scope = ql_arena_enter(&call->arena, scratch);

        rc = read_body(call, event, &body, &score);
        if (rc == QL_OK)
            rc = check_questions(call, body);
        if (rc == QL_RESOURCE_EXHAUSTED) {
            ql_call_clear_status(call);
            return ql_fail(call, QL_INVALID_ARGUMENT, "ATTEMPT_TOO_LARGE",
                           "its score takes too much memory");
        }
    }
    if (rc != QL_OK)
        return rc;
    return keep_attempt(call, event, body, &score, ret_attempt);
}
