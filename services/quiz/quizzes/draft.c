/* Drafts of quizzes in PostgreSQL. */
#include "services/quiz/quizzes/draft.h"

#include <inttypes.h>
#include <stdio.h>

#include "platform/resource/document.h"
#include "platform/resource/etag.h"
#include "services/quiz/quizzes/slots.h"

#include "draft_sql.h"

enum { FIELD_SIZE = 64 };

/* Not the number alone: etags of what players see are numbers of other revisions. */
static enum ql_code set_etag(struct ql_call *call, struct draft *draft)
{
    draft->quiz->etag = ql_arena_printf(call->arena, "draft-%" PRId64, draft->revision);
    return draft->quiz->etag == NULL ? ql_fail_memory(call) : QL_OK;
}

static enum ql_code write_document(struct ql_call *call, const struct draft *draft,
                                   const char **ret_document)
{
    GetQuizDraftResponse document;

    GetQuizDraftResponse_init(&document);
    document.quiz = draft->quiz;
    document.slots = draft->slots;
    document.n_slots = draft->n_slots;
    return ql_document_write(call, &document.base, ret_document);
}

enum ql_code draft_store_insert(struct ql_call *call, struct ql_pg_tx *tx, Quiz *quiz,
                                struct draft *ret_draft)
{
    const char *parameters[2] = {quiz->quiz_id};
    enum ql_code rc;

    *ret_draft = (struct draft){.quiz = quiz, .revision = 1};
    rc = set_etag(call, ret_draft);
    if (rc != QL_OK)
        return rc;
    rc = write_document(call, ret_draft, &parameters[1]);
    if (rc != QL_OK)
        return rc;
    return ql_pg_run(call, tx, &sql_draft_insert, parameters, 2, NULL);
}

static enum ql_code read_draft(struct ql_call *call, struct ql_pg_tx *tx,
                               const struct ql_pg_statement *statement, const char *quiz_id,
                               struct draft *ret_draft)
{
    GetQuizDraftResponse *document;
    struct ql_pg_rows rows;
    enum ql_code rc = ql_pg_run(call, tx, statement, &quiz_id, 1, &rows);

    if (rc != QL_OK)
        return rc;
    if (rows.n_rows == 0)
        return ql_fail(call, QL_NOT_FOUND, "QUIZ_NOT_FOUND", "quiz %s does not exist", quiz_id);
    rc = ql_document_read(call, &GetQuizDraftResponse_descriptor, ql_pg_text(&rows, 0, 0),
                          &document);
    if (rc != QL_OK)
        return rc;
    *ret_draft = (struct draft){.quiz = document->quiz,
                                .slots = document->slots,
                                .n_slots = document->n_slots,
                                .revision = ql_pg_int64(&rows, 0, 1)};
    return set_etag(call, ret_draft);
}

enum ql_code draft_store_get(struct ql_call *call, struct ql_pg_tx *tx, const char *quiz_id,
                             struct draft *ret_draft)
{
    return read_draft(call, tx, &sql_draft_get, quiz_id, ret_draft);
}

enum ql_code draft_store_lock(struct ql_call *call, struct ql_pg_tx *tx, const char *quiz_id,
                              const char *etag, struct draft *ret_draft)
{
    enum ql_code rc = read_draft(call, tx, &sql_draft_lock, quiz_id, ret_draft);

    if (rc != QL_OK)
        return rc;
    return ql_resource_check_etag(call, etag, ret_draft->quiz->etag);
}

enum ql_code draft_store_put(struct ql_call *call, struct ql_pg_tx *tx, struct draft *draft)
{
    enum ql_code rc;

    draft->revision++;
    rc = set_etag(call, draft);
    if (rc != QL_OK)
        return rc;
    return draft_store_keep(call, tx, draft);
}

enum ql_code draft_store_keep(struct ql_call *call, struct ql_pg_tx *tx, const struct draft *draft)
{
    const char *parameters[3] = {draft->quiz->quiz_id, NULL,
                                 ql_pg_from_int64(call, draft->revision)};
    enum ql_code rc = write_document(call, draft, &parameters[1]);

    if (rc != QL_OK)
        return rc;
    return ql_pg_run(call, tx, &sql_draft_put, parameters, 3, NULL);
}

/* A place in all slots, from 1, as the field of the request. */
static void write_field(QuizSlot *const *slots, size_t place, char ret_field[FIELD_SIZE])
{
    size_t slot = 0;

    for (; place > slots[slot]->n_question_ids; slot++)
        place -= slots[slot]->n_question_ids;
    snprintf(ret_field, FIELD_SIZE, "slots[%zu].questionIds[%zu]", slot, place - 1);
}

enum ql_code draft_store_check_questions(struct ql_call *call, struct ql_pg_tx *tx,
                                         QuizSlot *const *slots, size_t n_slots)
{
    size_t n = slots_count_candidates(slots, n_slots), n_ids = 0;
    const char **ids = ql_arena_calloc(call->arena, n + 1, sizeof(*ids));
    struct ql_pg_rows missing;
    char field[FIELD_SIZE];
    const char *parameter;
    enum ql_code rc;

    if (ids == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < n_slots; i++)
        for (size_t k = 0; k < slots[i]->n_question_ids; k++)
            ids[n_ids++] = slots[i]->question_ids[k];
    parameter = ql_pg_from_array(call, ids, n_ids);
    rc = ql_pg_run(call, tx, &sql_draft_missing, &parameter, 1, &missing);
    if (rc != QL_OK)
        return rc;
    for (size_t i = 0; i < missing.n_rows; i++) {
        write_field(slots, (size_t)ql_pg_int64(&missing, i, 0), field);
        rc = ql_violate(call, field, "is no question");
    }
    return rc;
}
