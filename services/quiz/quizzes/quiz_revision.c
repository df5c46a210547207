/* Revisions of quizzes: what makes one. */
#include "services/quiz/quizzes/quiz_revision.h"

#include "platform/base/clock.h"
#include "platform/pb/wire/timestamp.h"
#include "platform/resource/command.h"
#include "platform/resource/store.h"
#include "services/quiz/quizzes/publication.h"
#include "services/quiz/quizzes/quiz_kind.h"

/* The next revision of what players see: its etag is its number. */
static enum ql_code revise_quiz(struct ql_call *call, Quiz *quiz,
                                Questline__Quiz__V1__QuizState state)
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
static enum ql_code keep_revision(struct ql_call *call, struct ql_pg_tx *tx, struct draft *draft,
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

enum ql_code quiz_revision_publish(struct ql_call *call, struct ql_pg_tx *tx, struct draft *draft)
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
    rc = revise_quiz(call, version.quiz, QUIZ_STATE_PUBLISHED);
    if (rc != QL_OK)
        return rc;
    rc = version_store(call, tx, &version);
    if (rc != QL_OK)
        return rc;
    rc = ql_resource_publish(call, tx, &quiz_kind, &version.quiz->base);
    if (rc != QL_OK)
        return rc;
    return keep_revision(call, tx, draft, version.quiz);
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
    rc = revise_quiz(call, (Quiz *)resource, QUIZ_STATE_ARCHIVED);
    if (rc != QL_OK)
        return rc;
    rc = ql_resource_publish(call, tx, &quiz_kind, resource);
    if (rc != QL_OK)
        return rc;
    return keep_revision(call, tx, draft, (Quiz *)resource);
}

/* Players never saw it, and need not learn of it. */
static enum ql_code archive_draft(struct ql_call *call, struct ql_pg_tx *tx, struct draft *draft)
{
    Quiz *quiz = ql_arena_memdup(call->arena, draft->quiz, sizeof(*quiz));
    enum ql_code rc;

    if (quiz == NULL)
        return ql_fail_memory(call);
    rc = revise_quiz(call, quiz, QUIZ_STATE_ARCHIVED);
    if (rc != QL_OK)
        return rc;
    return keep_revision(call, tx, draft, quiz);
}

enum ql_code quiz_revision_archive(struct ql_call *call, struct ql_pg_tx *tx, struct draft *draft)
{
    if (draft->quiz->state == QUIZ_STATE_ARCHIVED)
        return QL_OK;
    if (draft->quiz->published_version > 0)
        return archive_published(call, tx, draft);
    return archive_draft(call, tx, draft);
}
