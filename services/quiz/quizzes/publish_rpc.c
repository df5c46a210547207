/* QuizCommandService: publishing and ending quizzes. Each makes a revision that players see,
 * and announces it. */
#include "platform/pb/wire/timestamp.h"
#include "platform/base/clock.h"
#include "platform/resource/command.h"
#include "platform/resource/store.h"
#include "questline/quiz/v1/server.h"
#include "services/quiz/quizzes/publication.h"
#include "services/quiz/quizzes/quiz_kind.h"

/* The next revision of what players see: its etag is its number. */
static enum ql_code revise(struct ql_call *call, Quiz *quiz, Questline__Quiz__V1__QuizState state)
{
    quiz->state = state;
    quiz->revision++;
    quiz->revised_at = ql_timestamp_new(call, ql_unix_ms());
    if (quiz->revised_at == NULL)
        return ql_fail_memory(call);
    return ql_resource_set_etag(call, &quiz->base);
}

/* What the draft knows of the newest revision; its own etag stays. */
static void show_revision(struct draft *draft, const Quiz *quiz)
{
    draft->quiz->state = quiz->state;
    draft->quiz->revision = quiz->revision;
    draft->quiz->published_version = quiz->published_version;
    draft->quiz->revised_at = quiz->revised_at;
    draft->quiz->question_count = quiz->question_count;
    draft->quiz->max_points = quiz->max_points;
}

/* Stores the revision, and what the draft knows of it. */
static enum ql_code keep(struct ql_call *call, struct ql_pg_tx *tx, struct draft *draft,
                         const Quiz *quiz)
{
    enum ql_code rc = ql_resource_store_put(call, tx, &quiz_kind, &quiz->base);

    if (rc != QL_OK)
        return rc;
    show_revision(draft, quiz);
    rc = draft_store_keep(call, tx, draft);
    if (rc != QL_OK)
        return rc;
    return ql_resource_record(call, tx, quiz_kind.name, quiz->quiz_id, quiz->etag);
}

/* Freezes the draft as the next version. */
static enum ql_code publish(struct ql_call *call, struct ql_pg_tx *tx, struct draft *draft)
{
    struct version version, before;
    enum ql_code rc = publication_prepare(call, tx, draft, &version);

    if (rc != QL_OK)
        return rc;
    if (draft->quiz->published_version > 0) {
        rc = version_load(call, tx, draft->quiz->quiz_id, draft->quiz->published_version, &before);
        if (rc != QL_OK)
            return rc;
        rc = publication_check_changed(call, &before, &version);
        if (rc != QL_OK)
            return rc;
    }
    version.quiz->published_version++;
    rc = revise(call, version.quiz, QUIZ_STATE_PUBLISHED);
    if (rc != QL_OK)
        return rc;
    rc = version_store(call, tx, &version);
    if (rc != QL_OK)
        return rc;
    rc = ql_resource_publish(call, tx, &quiz_kind, &version.quiz->base);
    if (rc != QL_OK)
        return rc;
    return keep(call, tx, draft, version.quiz);
}

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
    rc = publish(call, command.tx, &draft);
    if (rc != QL_OK)
        return rc;
    out->quiz = draft.quiz;
    return ql_resource_command_finish(call, &command);
}

/* What players see last is the version that is published, not the draft. */
static enum ql_code archive_published(struct ql_call *call, struct ql_pg_tx *tx,
                                      struct draft *draft)
{
    ProtobufCMessage *resource;
    enum ql_code rc =
        ql_resource_store_get(call, tx, &quiz_kind, draft->quiz->quiz_id, 0, &resource);

    if (rc != QL_OK)
        return rc;
    rc = revise(call, (Quiz *)resource, QUIZ_STATE_ARCHIVED);
    if (rc != QL_OK)
        return rc;
    rc = ql_resource_publish(call, tx, &quiz_kind, resource);
    if (rc != QL_OK)
        return rc;
    return keep(call, tx, draft, (Quiz *)resource);
}

/* Players never saw it, and need not learn of it. */
static enum ql_code archive_draft(struct ql_call *call, struct ql_pg_tx *tx, struct draft *draft)
{
    Quiz *quiz = ql_arena_memdup(call->arena, draft->quiz, sizeof(*quiz));
    enum ql_code rc;

    if (quiz == NULL)
        return ql_fail_memory(call);
    rc = revise(call, quiz, QUIZ_STATE_ARCHIVED);
    if (rc != QL_OK)
        return rc;
    return keep(call, tx, draft, quiz);
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
    if (draft.quiz->published_version > 0 && draft.quiz->state != QUIZ_STATE_ARCHIVED)
        rc = archive_published(call, command.tx, &draft);
    else if (draft.quiz->state != QUIZ_STATE_ARCHIVED)
        rc = archive_draft(call, command.tx, &draft);
    if (rc != QL_OK)
        return rc;
    out->quiz = draft.quiz;
    return ql_resource_command_finish(call, &command);
}

QL_RPC_SERVE(QuizCommandService_PublishQuiz, publish_quiz)
QL_RPC_SERVE(QuizCommandService_ArchiveQuiz, archive_quiz)
