/* Made by scripts/generate.sh: calls of the methods of questline.quiz.v1. */
#ifndef QUESTLINE_QUIZ_V1_CLIENT_H
#define QUESTLINE_QUIZ_V1_CLIENT_H

#include "platform/rpc/client/unary_call.h"
#include "questline/quiz/v1/names.h"

/* Each calls and waits as ql_rpc_call does; those that end with _as send this token
 * ("" for none) instead of the channel's own. The answer lies in the call's arena. */

QL_MUST_CHECK static inline enum ql_code attempt_service_start_attempt(
    struct ql_call *call, struct ql_rpc_channel *channel, const StartAttemptRequest *in,
    StartAttemptResponse **ret_out)
{
    return ql_rpc_call(call, channel, AttemptService_StartAttempt, in,
                       &StartAttemptResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code attempt_service_start_attempt_as(
    struct ql_call *call, struct ql_rpc_channel *channel, const char *authorization,
    const StartAttemptRequest *in, StartAttemptResponse **ret_out)
{
    return ql_rpc_call_as(call, channel, authorization, AttemptService_StartAttempt, in,
                          &StartAttemptResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code attempt_service_get_attempt(
    struct ql_call *call, struct ql_rpc_channel *channel, const GetAttemptRequest *in,
    GetAttemptResponse **ret_out)
{
    return ql_rpc_call(call, channel, AttemptService_GetAttempt, in,
                       &GetAttemptResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code attempt_service_get_attempt_as(
    struct ql_call *call, struct ql_rpc_channel *channel, const char *authorization,
    const GetAttemptRequest *in, GetAttemptResponse **ret_out)
{
    return ql_rpc_call_as(call, channel, authorization, AttemptService_GetAttempt, in,
                          &GetAttemptResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code attempt_service_list_attempts(
    struct ql_call *call, struct ql_rpc_channel *channel, const ListAttemptsRequest *in,
    ListAttemptsResponse **ret_out)
{
    return ql_rpc_call(call, channel, AttemptService_ListAttempts, in,
                       &ListAttemptsResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code attempt_service_list_attempts_as(
    struct ql_call *call, struct ql_rpc_channel *channel, const char *authorization,
    const ListAttemptsRequest *in, ListAttemptsResponse **ret_out)
{
    return ql_rpc_call_as(call, channel, authorization, AttemptService_ListAttempts, in,
                          &ListAttemptsResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code attempt_service_save_answer(
    struct ql_call *call, struct ql_rpc_channel *channel, const SaveAnswerRequest *in,
    SaveAnswerResponse **ret_out)
{
    return ql_rpc_call(call, channel, AttemptService_SaveAnswer, in,
                       &SaveAnswerResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code attempt_service_save_answer_as(
    struct ql_call *call, struct ql_rpc_channel *channel, const char *authorization,
    const SaveAnswerRequest *in, SaveAnswerResponse **ret_out)
{
    return ql_rpc_call_as(call, channel, authorization, AttemptService_SaveAnswer, in,
                          &SaveAnswerResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code attempt_service_save_answers(
    struct ql_call *call, struct ql_rpc_channel *channel, const SaveAnswersRequest *in,
    SaveAnswersResponse **ret_out)
{
    return ql_rpc_call(call, channel, AttemptService_SaveAnswers, in,
                       &SaveAnswersResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code attempt_service_save_answers_as(
    struct ql_call *call, struct ql_rpc_channel *channel, const char *authorization,
    const SaveAnswersRequest *in, SaveAnswersResponse **ret_out)
{
    return ql_rpc_call_as(call, channel, authorization, AttemptService_SaveAnswers, in,
                          &SaveAnswersResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code attempt_service_submit_attempt(
    struct ql_call *call, struct ql_rpc_channel *channel, const SubmitAttemptRequest *in,
    SubmitAttemptResponse **ret_out)
{
    return ql_rpc_call(call, channel, AttemptService_SubmitAttempt, in,
                       &SubmitAttemptResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code attempt_service_submit_attempt_as(
    struct ql_call *call, struct ql_rpc_channel *channel, const char *authorization,
    const SubmitAttemptRequest *in, SubmitAttemptResponse **ret_out)
{
    return ql_rpc_call_as(call, channel, authorization, AttemptService_SubmitAttempt, in,
                          &SubmitAttemptResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code attempt_service_get_review(
    struct ql_call *call, struct ql_rpc_channel *channel, const GetReviewRequest *in,
    GetReviewResponse **ret_out)
{
    return ql_rpc_call(call, channel, AttemptService_GetReview, in,
                       &GetReviewResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code attempt_service_get_review_as(
    struct ql_call *call, struct ql_rpc_channel *channel, const char *authorization,
    const GetReviewRequest *in, GetReviewResponse **ret_out)
{
    return ql_rpc_call_as(call, channel, authorization, AttemptService_GetReview, in,
                          &GetReviewResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code question_service_create_question(
    struct ql_call *call, struct ql_rpc_channel *channel, const CreateQuestionRequest *in,
    CreateQuestionResponse **ret_out)
{
    return ql_rpc_call(call, channel, QuestionService_CreateQuestion, in,
                       &CreateQuestionResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code question_service_create_question_as(
    struct ql_call *call, struct ql_rpc_channel *channel, const char *authorization,
    const CreateQuestionRequest *in, CreateQuestionResponse **ret_out)
{
    return ql_rpc_call_as(call, channel, authorization, QuestionService_CreateQuestion, in,
                          &CreateQuestionResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code question_service_update_question(
    struct ql_call *call, struct ql_rpc_channel *channel, const UpdateQuestionRequest *in,
    UpdateQuestionResponse **ret_out)
{
    return ql_rpc_call(call, channel, QuestionService_UpdateQuestion, in,
                       &UpdateQuestionResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code question_service_update_question_as(
    struct ql_call *call, struct ql_rpc_channel *channel, const char *authorization,
    const UpdateQuestionRequest *in, UpdateQuestionResponse **ret_out)
{
    return ql_rpc_call_as(call, channel, authorization, QuestionService_UpdateQuestion, in,
                          &UpdateQuestionResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code question_service_archive_question(
    struct ql_call *call, struct ql_rpc_channel *channel, const ArchiveQuestionRequest *in,
    ArchiveQuestionResponse **ret_out)
{
    return ql_rpc_call(call, channel, QuestionService_ArchiveQuestion, in,
                       &ArchiveQuestionResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code question_service_archive_question_as(
    struct ql_call *call, struct ql_rpc_channel *channel, const char *authorization,
    const ArchiveQuestionRequest *in, ArchiveQuestionResponse **ret_out)
{
    return ql_rpc_call_as(call, channel, authorization, QuestionService_ArchiveQuestion, in,
                          &ArchiveQuestionResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code question_service_get_question(
    struct ql_call *call, struct ql_rpc_channel *channel, const GetQuestionRequest *in,
    GetQuestionResponse **ret_out)
{
    return ql_rpc_call(call, channel, QuestionService_GetQuestion, in,
                       &GetQuestionResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code question_service_get_question_as(
    struct ql_call *call, struct ql_rpc_channel *channel, const char *authorization,
    const GetQuestionRequest *in, GetQuestionResponse **ret_out)
{
    return ql_rpc_call_as(call, channel, authorization, QuestionService_GetQuestion, in,
                          &GetQuestionResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code question_service_list_questions(
    struct ql_call *call, struct ql_rpc_channel *channel, const ListQuestionsRequest *in,
    ListQuestionsResponse **ret_out)
{
    return ql_rpc_call(call, channel, QuestionService_ListQuestions, in,
                       &ListQuestionsResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code question_service_list_questions_as(
    struct ql_call *call, struct ql_rpc_channel *channel, const char *authorization,
    const ListQuestionsRequest *in, ListQuestionsResponse **ret_out)
{
    return ql_rpc_call_as(call, channel, authorization, QuestionService_ListQuestions, in,
                          &ListQuestionsResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code quiz_command_service_create_quiz(
    struct ql_call *call, struct ql_rpc_channel *channel, const CreateQuizRequest *in,
    CreateQuizResponse **ret_out)
{
    return ql_rpc_call(call, channel, QuizCommandService_CreateQuiz, in,
                       &CreateQuizResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code quiz_command_service_create_quiz_as(
    struct ql_call *call, struct ql_rpc_channel *channel, const char *authorization,
    const CreateQuizRequest *in, CreateQuizResponse **ret_out)
{
    return ql_rpc_call_as(call, channel, authorization, QuizCommandService_CreateQuiz, in,
                          &CreateQuizResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code quiz_command_service_update_quiz(
    struct ql_call *call, struct ql_rpc_channel *channel, const UpdateQuizRequest *in,
    UpdateQuizResponse **ret_out)
{
    return ql_rpc_call(call, channel, QuizCommandService_UpdateQuiz, in,
                       &UpdateQuizResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code quiz_command_service_update_quiz_as(
    struct ql_call *call, struct ql_rpc_channel *channel, const char *authorization,
    const UpdateQuizRequest *in, UpdateQuizResponse **ret_out)
{
    return ql_rpc_call_as(call, channel, authorization, QuizCommandService_UpdateQuiz, in,
                          &UpdateQuizResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code quiz_command_service_set_quiz_slots(
    struct ql_call *call, struct ql_rpc_channel *channel, const SetQuizSlotsRequest *in,
    SetQuizSlotsResponse **ret_out)
{
    return ql_rpc_call(call, channel, QuizCommandService_SetQuizSlots, in,
                       &SetQuizSlotsResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code quiz_command_service_set_quiz_slots_as(
    struct ql_call *call, struct ql_rpc_channel *channel, const char *authorization,
    const SetQuizSlotsRequest *in, SetQuizSlotsResponse **ret_out)
{
    return ql_rpc_call_as(call, channel, authorization, QuizCommandService_SetQuizSlots, in,
                          &SetQuizSlotsResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code quiz_command_service_publish_quiz(
    struct ql_call *call, struct ql_rpc_channel *channel, const PublishQuizRequest *in,
    PublishQuizResponse **ret_out)
{
    return ql_rpc_call(call, channel, QuizCommandService_PublishQuiz, in,
                       &PublishQuizResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code quiz_command_service_publish_quiz_as(
    struct ql_call *call, struct ql_rpc_channel *channel, const char *authorization,
    const PublishQuizRequest *in, PublishQuizResponse **ret_out)
{
    return ql_rpc_call_as(call, channel, authorization, QuizCommandService_PublishQuiz, in,
                          &PublishQuizResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code quiz_command_service_archive_quiz(
    struct ql_call *call, struct ql_rpc_channel *channel, const ArchiveQuizRequest *in,
    ArchiveQuizResponse **ret_out)
{
    return ql_rpc_call(call, channel, QuizCommandService_ArchiveQuiz, in,
                       &ArchiveQuizResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code quiz_command_service_archive_quiz_as(
    struct ql_call *call, struct ql_rpc_channel *channel, const char *authorization,
    const ArchiveQuizRequest *in, ArchiveQuizResponse **ret_out)
{
    return ql_rpc_call_as(call, channel, authorization, QuizCommandService_ArchiveQuiz, in,
                          &ArchiveQuizResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code quiz_draft_service_get_quiz_draft(
    struct ql_call *call, struct ql_rpc_channel *channel, const GetQuizDraftRequest *in,
    GetQuizDraftResponse **ret_out)
{
    return ql_rpc_call(call, channel, QuizDraftService_GetQuizDraft, in,
                       &GetQuizDraftResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code quiz_draft_service_get_quiz_draft_as(
    struct ql_call *call, struct ql_rpc_channel *channel, const char *authorization,
    const GetQuizDraftRequest *in, GetQuizDraftResponse **ret_out)
{
    return ql_rpc_call_as(call, channel, authorization, QuizDraftService_GetQuizDraft, in,
                          &GetQuizDraftResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code quiz_query_service_get_quiz(
    struct ql_call *call, struct ql_rpc_channel *channel, const GetQuizRequest *in,
    GetQuizResponse **ret_out)
{
    return ql_rpc_call(call, channel, QuizQueryService_GetQuiz, in,
                       &GetQuizResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code quiz_query_service_get_quiz_as(
    struct ql_call *call, struct ql_rpc_channel *channel, const char *authorization,
    const GetQuizRequest *in, GetQuizResponse **ret_out)
{
    return ql_rpc_call_as(call, channel, authorization, QuizQueryService_GetQuiz, in,
                          &GetQuizResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code quiz_query_service_list_quizzes(
    struct ql_call *call, struct ql_rpc_channel *channel, const ListQuizzesRequest *in,
    ListQuizzesResponse **ret_out)
{
    return ql_rpc_call(call, channel, QuizQueryService_ListQuizzes, in,
                       &ListQuizzesResponse_descriptor, ret_out);
}

QL_MUST_CHECK static inline enum ql_code quiz_query_service_list_quizzes_as(
    struct ql_call *call, struct ql_rpc_channel *channel, const char *authorization,
    const ListQuizzesRequest *in, ListQuizzesResponse **ret_out)
{
    return ql_rpc_call_as(call, channel, authorization, QuizQueryService_ListQuizzes, in,
                          &ListQuizzesResponse_descriptor, ret_out);
}

#endif
