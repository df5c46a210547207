/* QuizCommandService and QuizDraftService: drafts, which nobody but administrators sees. */
#include <string.h>

#include "platform/resource/command.h"
#include "platform/service/service.h"
#include "questline/quiz/v1/server.h"
#include "services/quiz/quizzes/draft.h"
#include "services/quiz/quizzes/quiz.h"
#include "services/quiz/quizzes/quiz_kind.h"
#include "services/quiz/quizzes/slots.h"

/* What a client says of a quiz, as it is stored. */
static enum ql_code check_quiz(struct ql_call *call, Quiz *quiz)
{
    enum ql_code rc;

    ql_resource_drop_unknown(&quiz->base);
    rc = quiz_normalize(call, quiz);
    if (rc != QL_OK)
        return rc;
    return quiz_validate(call, quiz);
}

static enum ql_code record_draft(struct ql_call *call, struct ql_pg_tx *tx,
                                 const struct draft *draft)
{
    return ql_resource_record(call, tx, quiz_kind.name, draft->quiz->quiz_id, draft->quiz->etag);
}

static enum ql_code create_quiz(struct ql_call *call, const CreateQuizRequest *in,
                                CreateQuizResponse *out)
{
    QL_CLEANUP(ql_resource_command_done) struct ql_resource_command command = {0};
    char id[QL_UUID_SIZE];
    struct draft draft;
    Quiz quiz = *in->quiz;
    enum ql_code rc = QL_OK;

    if (quiz.etag[0] != '\0')
        rc = ql_violate(call, "quiz.etag", "names no draft of a new quiz");
    if (check_quiz(call, &quiz) != QL_OK)
        return call->status.code;
    if (rc != QL_OK)
        return rc;
    rc = ql_resource_command_begin(call, &command, &in->base, &out->base);
    if (rc != QL_OK || command.is_repeated)
        return rc;
    ql_uuid_new(id);
    quiz.quiz_id = ql_arena_strdup(call->arena, id);
    out->quiz = ql_arena_memdup(call->arena, &quiz, sizeof(quiz));
    if (quiz.quiz_id == NULL || out->quiz == NULL)
        return ql_fail_memory(call);
    out->quiz->state = QUIZ_STATE_DRAFT;
    rc = draft_store_insert(call, command.tx, out->quiz, &draft);
    if (rc != QL_OK)
        return rc;
    rc = record_draft(call, command.tx, &draft);
    if (rc != QL_OK)
        return rc;
    return ql_resource_command_finish(call, &command);
}

static enum ql_code refuse_archived(struct ql_call *call, const char *field,
                                    const struct draft *draft)
{
    if (draft->quiz->state != QUIZ_STATE_ARCHIVED)
        return QL_OK;
    return ql_resource_refuse(call, quiz_kind.archived_reason, field, "quiz %s is archived",
                              draft->quiz->quiz_id);
}

/* Sets what the update names, and stores it unless it is the same. */
static enum ql_code edit_draft(struct ql_call *call, struct ql_pg_tx *tx,
                               const struct ql_update *changes, const Quiz *wanted,
                               struct draft *draft)
{
    const Quiz *before = draft->quiz;
    Quiz *after = ql_arena_memdup(call->arena, before, sizeof(*before));
    bool is_same;
    enum ql_code rc;

    if (after == NULL)
        return ql_fail_memory(call);
    rc = ql_update_apply(call, changes, quiz_kind.name, &wanted->base, &after->base);
    if (rc != QL_OK)
        return rc;
    rc = check_quiz(call, after);
    if (rc != QL_OK)
        return rc;
    if (before->published_version > 0) {
        rc = quiz_check_fixed(call, before, after);
        if (rc != QL_OK)
            return rc;
    }
    rc = quiz_is_same(call, before, after, &is_same);
    if (rc != QL_OK || is_same)
        return rc;
    draft->quiz = after;
    rc = draft_store_put(call, tx, draft);
    if (rc != QL_OK)
        return rc;
    return record_draft(call, tx, draft);
}

static enum ql_code update_quiz(struct ql_call *call, const UpdateQuizRequest *in,
                                UpdateQuizResponse *out)
{
    QL_CLEANUP(ql_resource_command_done) struct ql_resource_command command = {0};
    struct ql_update changes;
    struct draft draft;
    enum ql_code rc;

    rc = ql_update_read(call, in->update_mask, &in->quiz->base, &changes);
    if (rc != QL_OK)
        return rc;
    rc = ql_resource_command_begin(call, &command, &in->base, &out->base);
    if (rc != QL_OK || command.is_repeated)
        return rc;
    rc = draft_store_lock(call, command.tx, in->quiz->quiz_id, in->quiz->etag, &draft);
    if (rc != QL_OK)
        return rc;
    rc = refuse_archived(call, "quiz.quizId", &draft);
    if (rc != QL_OK)
        return rc;
    rc = edit_draft(call, command.tx, &changes, in->quiz, &draft);
    if (rc != QL_OK)
        return rc;
    out->quiz = draft.quiz;
    return ql_resource_command_finish(call, &command);
}

static bool has_slots(const struct draft *draft, QuizSlot *const *slots, size_t n_slots)
{
    if (draft->n_slots != n_slots)
        return false;
    for (size_t i = 0; i < n_slots; i++) {
        const QuizSlot *one = draft->slots[i], *other = slots[i];

        if (one->count != other->count || one->n_question_ids != other->n_question_ids)
            return false;
        for (size_t k = 0; k < one->n_question_ids; k++)
            if (strcmp(one->question_ids[k], other->question_ids[k]) != 0)
                return false;
    }
    return true;
}

/* Stores the slots, unless they are the same. */
static enum ql_code replace_slots(struct ql_call *call, struct ql_pg_tx *tx, QuizSlot **slots,
                                  size_t n_slots, struct draft *draft)
{
    enum ql_code rc;

    rc = draft_store_check_questions(call, tx, slots, n_slots);
    if (rc != QL_OK)
        return rc;
    if (has_slots(draft, slots, n_slots))
        return QL_OK;
    draft->slots = slots;
    draft->n_slots = n_slots;
    rc = draft_store_put(call, tx, draft);
    if (rc != QL_OK)
        return rc;
    return record_draft(call, tx, draft);
}

static enum ql_code set_quiz_slots(struct ql_call *call, const SetQuizSlotsRequest *in,
                                   SetQuizSlotsResponse *out)
{
    QL_CLEANUP(ql_resource_command_done) struct ql_resource_command command = {0};
    struct draft draft;
    enum ql_code rc;

    for (size_t i = 0; i < in->n_slots; i++)
        ql_resource_drop_unknown(&in->slots[i]->base);
    rc = slots_normalize(call, in->slots, in->n_slots);
    if (rc != QL_OK)
        return rc;
    rc = slots_validate(call, in->slots, in->n_slots);
    if (rc != QL_OK)
        return rc;
    rc = ql_resource_command_begin(call, &command, &in->base, &out->base);
    if (rc != QL_OK || command.is_repeated)
        return rc;
    rc = draft_store_lock(call, command.tx, in->quiz_id, in->etag, &draft);
    if (rc != QL_OK)
        return rc;
    rc = refuse_archived(call, "quizId", &draft);
    if (rc != QL_OK)
        return rc;
    rc = replace_slots(call, command.tx, in->slots, in->n_slots, &draft);
    if (rc != QL_OK)
        return rc;
    out->quiz = draft.quiz;
    out->slots = draft.slots;
    out->n_slots = draft.n_slots;
    out->etag = draft.quiz->etag;
    return ql_resource_command_finish(call, &command);
}

static enum ql_code get_quiz_draft(struct ql_call *call, const GetQuizDraftRequest *in,
                                   GetQuizDraftResponse *out)
{
    const struct ql_service_parts *parts = call->app;
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    struct draft draft;
    enum ql_code rc = ql_pg_begin(call, parts->pg, &tx);

    if (rc != QL_OK)
        return rc;
    rc = draft_store_get(call, tx, in->quiz_id, &draft);
    if (rc != QL_OK)
        return rc;
    out->quiz = draft.quiz;
    out->slots = draft.slots;
    out->n_slots = draft.n_slots;
    out->etag = draft.quiz->etag;
    call->etag = out->etag;
    return QL_OK;
}

QL_RPC_SERVE(QuizCommandService_CreateQuiz, create_quiz)
QL_RPC_SERVE(QuizCommandService_UpdateQuiz, update_quiz)
QL_RPC_SERVE(QuizCommandService_SetQuizSlots, set_quiz_slots)
QL_RPC_SERVE(QuizDraftService_GetQuizDraft, get_quiz_draft)
