/* QuizCommandService: publishing and ending quizzes. */
#include "platform/resource/command.h"
#include "platform/rpc/server/method.h"
#include "questline/quiz/v1/server.h"
#include "services/quiz/quizzes/draft.h"
#include "services/quiz/quizzes/quiz_kind.h"
#include "services/quiz/quizzes/quiz_revision.h"

static enum ql_code publish_quiz(struct ql_call *call, const PublishQuizRequest *in,
                                 PublishQuizResponse *out)
{
    QL_CLEANUP(ql_resource_command_done) struct ql_resource_command command = {0};
    struct draft draft;
    enum ql_code rc;

    rc = ql_resource_command_begin(call, &command, &in->base, &out->base);
    if (rc != QL_OK || command.is_repeated)
        return rc;
    rc = draft_store_lock(call, command.tx, in->quiz_id, in->etag, &draft);
    if (rc != QL_OK)
        return rc;
    if (draft.quiz->state == QUIZ_STATE_ARCHIVED)
        return ql_resource_refuse(call, quiz_kind.archived_reason, "quizId", "quiz %s is archived",
                                  draft.quiz->quiz_id);
    rc = quiz_revision_publish(call, command.tx, &draft);
    if (rc != QL_OK)
        return rc;
    out->quiz = draft.quiz;
    return ql_resource_command_finish(call, &command);
}

static enum ql_code archive_quiz(struct ql_call *call, const ArchiveQuizRequest *in,
                                 ArchiveQuizResponse *out)
{
    QL_CLEANUP(ql_resource_command_done) struct ql_resource_command command = {0};
    struct draft draft;
    enum ql_code rc;

    rc = ql_resource_command_begin(call, &command, &in->base, &out->base);
    if (rc != QL_OK || command.is_repeated)
        return rc;
    rc = draft_store_lock(call, command.tx, in->quiz_id, in->etag, &draft);
    if (rc != QL_OK)
        return rc;
    rc = quiz_revision_archive(call, command.tx, &draft);
    if (rc != QL_OK)
        return rc;
    out->quiz = draft.quiz;
    return ql_resource_command_finish(call, &command);
}

QL_RPC_SERVE(QuizCommandService_PublishQuiz, publish_quiz)
QL_RPC_SERVE(QuizCommandService_ArchiveQuiz, archive_quiz)
