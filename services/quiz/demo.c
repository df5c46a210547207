/* Demo data of a local system. */
#include "services/quiz/demo.h"

#include <stdio.h>

#include "platform/pb/schema/message.h"
#include "platform/pb/json/json.h"
#include "platform/resource/standard_command.h"
#include "services/quiz/app/quiz_service.h"
#include "services/quiz/question/question_kind.h"
#include "services/quiz/quizzes/draft.h"
#include "services/quiz/quizzes/quiz.h"
#include "services/quiz/quizzes/quiz_revision.h"

extern const unsigned char demo_redis[];
extern const size_t demo_redis_length;

enum { NUMBER_SIZE = 24, TIME_LIMIT_S = 15 * 60, PASS_BASIS_POINTS = 8000 };

/* A quiz of all questions of a file, in the form of an answer of ListQuestions. */
static const struct demo_quiz {
    const char *category, *title, *description;
    const unsigned char *file;
    const size_t *length;
} quizzes[] = {
    {"redis", "Redis", "Commands, data types, persistence and clusters.", demo_redis,
     &demo_redis_length},
};

static char *demo_id(struct ql_call *call, const char *noun, const char *category, size_t number)
{
    char text[NUMBER_SIZE], id[QL_UUID_SIZE];
    const char *const parts[] = {"demo", noun, category, text};

    snprintf(text, sizeof(text), "%zu", number);
    ql_uuid_derive(id, parts, QL_ARRAY_LENGTH(parts));
    return ql_arena_strdup(call->arena, id);
}

static enum ql_code read_questions(struct ql_call *call, const struct demo_quiz *demo,
                                   ListQuestionsResponse **ret_file)
{
    char *json = ql_arena_strndup(call->arena, (const char *)demo->file, *demo->length);
    uint8_t *bytes;
    size_t length;
    enum ql_code rc;

    if (json == NULL)
        return ql_fail_memory(call);
    rc = ql_message_from_json(call, ListQuestionsResponse_descriptor.name, json, &bytes, &length);
    if (rc != QL_OK)
        return rc;
    return ql_message_unpack(call, &ListQuestionsResponse_descriptor, bytes, length, ret_file);
}

/* A slot for each question. */
static enum ql_code seed_questions(struct ql_call *call, struct ql_pg_tx *tx,
                                   const struct demo_quiz *demo, struct draft *draft)
{
    ListQuestionsResponse *file = NULL;
    QuizSlot *slots;
    enum ql_code rc = read_questions(call, demo, &file);

    if (rc != QL_OK || file == NULL) /* which analysers cannot know */
        return rc;
    slots = ql_arena_calloc(call->arena, file->n_questions, sizeof(*slots));
    draft->slots = ql_arena_calloc(call->arena, file->n_questions, sizeof(QuizSlot *));
    if (slots == NULL || draft->slots == NULL)
        return ql_fail_memory(call);
    draft->n_slots = file->n_questions;
    for (size_t i = 0; i < file->n_questions; i++) {
        char **id = ql_arena_calloc(call->arena, 1, sizeof(*id));

        if (id == NULL)
            return ql_fail_memory(call);
        *id = demo_id(call, "question", demo->category, i);
        if (*id == NULL)
            return ql_fail_memory(call);
        rc = ql_resource_seed(call, tx, &question_kind, *id, &file->questions[i]->base);
        if (rc != QL_OK)
            return rc;
        QuizSlot_init(&slots[i]);
        slots[i].question_ids = id;
        slots[i].n_question_ids = 1;
        slots[i].count = 1;
        draft->slots[i] = &slots[i];
    }
    return QL_OK;
}

static enum ql_code make_quiz(struct ql_call *call, struct ql_pg_tx *tx,
                              const struct demo_quiz *demo, char *quiz_id)
{
    struct draft draft;
    Quiz quiz;
    enum ql_code rc;

    Quiz_init(&quiz);
    quiz.quiz_id = quiz_id;
    quiz.title = (char *)demo->title;
    quiz.description = (char *)demo->description;
    quiz.category = (char *)demo->category;
    quiz.time_limit_s = TIME_LIMIT_S;
    quiz.pass_basis_points = PASS_BASIS_POINTS;
    quiz.shuffle_questions = quiz.shuffle_options = true;
    quiz.state = QUIZ_STATE_DRAFT;
    rc = quiz_normalize(call, &quiz);
    if (rc != QL_OK)
        return rc;
    rc = draft_store_insert(call, tx, &quiz, &draft);
    if (rc != QL_OK)
        return rc;
    rc = seed_questions(call, tx, demo, &draft);
    if (rc != QL_OK)
        return rc;
    rc = draft_store_put(call, tx, &draft);
    if (rc != QL_OK)
        return rc;
    return quiz_revision_publish(call, tx, &draft);
}

static enum ql_code seed_quiz(struct ql_call *call, struct ql_pg_tx *tx,
                              const struct demo_quiz *demo)
{
    char *quiz_id = demo_id(call, "quiz", demo->category, 0);
    struct draft draft;
    enum ql_code rc;

    if (quiz_id == NULL)
        return ql_fail_memory(call);
    rc = draft_store_get(call, tx, quiz_id, &draft);
    if (rc != QL_NOT_FOUND)
        return rc;
    ql_call_clear_status(call);
    return make_quiz(call, tx, demo, quiz_id);
}

enum ql_code demo_seed(struct ql_call *call, void *app)
{
    const struct quiz_service *quiz = app;
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    enum ql_code rc = ql_pg_begin(call, quiz->parts.pg, &tx);

    if (rc != QL_OK)
        return rc;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(quizzes); i++) {
        rc = seed_quiz(call, tx, &quizzes[i]);
        if (rc != QL_OK)
            return rc;
    }
    return ql_service_commit(call, &tx);
}
