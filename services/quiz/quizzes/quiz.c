/* The rules of a quiz. */
#include "services/quiz/quizzes/quiz.h"

#include <stdio.h>
#include <string.h>

#include "platform/base/text.h"
#include "platform/pb/schema/message.h"
#include "platform/pb/validate/validator.h"
#include "platform/pb/wire/timestamp.h"

static bool cut_time(struct ql_call *call, Google__Protobuf__Timestamp **time)
{
    if (*time == NULL)
        return true;
    *time = ql_timestamp_new(call, ql_timestamp_ms(*time));
    return *time != NULL;
}

enum ql_code quiz_normalize(struct ql_call *call, Quiz *quiz)
{
    if (quiz->quiz_id[0] != '\0') {
        char *lower = ql_arena_alloc(call->arena, QL_UUID_SIZE);

        if (lower == NULL)
            return ql_fail_memory(call);
        ql_uuid_copy(lower, quiz->quiz_id);
        quiz->quiz_id = lower;
    }
    if (!cut_time(call, &quiz->opens_at) || !cut_time(call, &quiz->closes_at))
        return ql_fail_memory(call);
    if (quiz->grading == GRADING_UNSPECIFIED)
        quiz->grading = GRADING_BEST;
    if (quiz->review == REVIEW_POLICY_UNSPECIFIED)
        quiz->review = REVIEW_POLICY_AFTER_SUBMIT;
    if (quiz->board_points == 0)
        quiz->board_points = QUIZ_BOARD_POINTS_DEFAULT;
    return QL_OK;
}

enum ql_code quiz_validate(struct ql_call *call, const Quiz *quiz)
{
    enum ql_code rc = ql_validate(call, "quiz", &quiz->base);

    if (rc != QL_OK && rc != QL_INVALID_ARGUMENT)
        return rc;
    if (quiz->title[0] != '\0' && !ql_text_is_name(quiz->title))
        rc = ql_violate(call, "quiz.title", "must not be only blanks nor have control characters");
    if (quiz->review == REVIEW_POLICY_AFTER_CLOSE && quiz->closes_at == NULL)
        rc = ql_violate(call, "quiz.review", "needs quiz.closesAt when it is AFTER_CLOSE");
    if (quiz->opens_at != NULL && quiz->closes_at != NULL &&
        ql_timestamp_ms(quiz->opens_at) >= ql_timestamp_ms(quiz->closes_at))
        rc = ql_violate(call, "quiz.closesAt", "must be later than quiz.opensAt");
    return rc;
}

static void violate_fixed(struct ql_call *call, const char *field, bool *ret_is_violated)
{
    ql_violate(call, field, "cannot change after the first publication");
    *ret_is_violated = true;
}

enum ql_code quiz_check_fixed(struct ql_call *call, const Quiz *before, const Quiz *after)
{
    bool is_violated = false;

    if (strcmp(before->category, after->category) != 0)
        violate_fixed(call, "quiz.category", &is_violated);
    if (before->grading != after->grading)
        violate_fixed(call, "quiz.grading", &is_violated);
    if (before->practice != after->practice)
        violate_fixed(call, "quiz.practice", &is_violated);
    if (before->board_points != after->board_points)
        violate_fixed(call, "quiz.boardPoints", &is_violated);
    if (!is_violated)
        return QL_OK;
    snprintf(call->status.reason, sizeof(call->status.reason), "FIXED_AFTER_PUBLISH");
    return QL_INVALID_ARGUMENT;
}

/* Without what the service sets. */
static enum ql_code pack_said(struct ql_call *call, const Quiz *quiz, uint8_t **ret_bytes,
                              size_t *ret_length)
{
    static const Quiz none = QUESTLINE__QUIZ__V1__QUIZ__INIT;
    Quiz said = *quiz;

    said.quiz_id = none.quiz_id;
    said.state = none.state;
    said.revision = none.revision;
    said.published_version = none.published_version;
    said.revised_at = none.revised_at;
    said.question_count = none.question_count;
    said.max_points = none.max_points;
    said.etag = none.etag;
    return ql_message_pack(call, &said, ret_bytes, ret_length);
}

enum ql_code quiz_is_same(struct ql_call *call, const Quiz *one, const Quiz *other,
                          bool *ret_is_same)
{
    uint8_t *left, *right;
    size_t left_length, right_length;
    enum ql_code rc = pack_said(call, one, &left, &left_length);

    if (rc != QL_OK)
        return rc;
    rc = pack_said(call, other, &right, &right_length);
    if (rc != QL_OK)
        return rc;
    *ret_is_same = left_length == right_length && memcmp(left, right, left_length) == 0;
    return QL_OK;
}
