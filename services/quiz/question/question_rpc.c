/* QuestionService: the bank, for administrators. */
#include "platform/resource/standard_command.h"
#include "platform/resource/store.h"
#include "platform/service/page.h"
#include "platform/service/service.h"
#include "questline/quiz/v1/server.h"
#include "services/quiz/question/question_kind.h"
#include "services/quiz/question/question_store.h"

static enum ql_code create_question(struct ql_call *call, const CreateQuestionRequest *in,
                                    CreateQuestionResponse *out)
{
    return ql_resource_create(call, &question_kind, &in->base, &out->base);
}

static enum ql_code update_question(struct ql_call *call, const UpdateQuestionRequest *in,
                                    UpdateQuestionResponse *out)
{
    return ql_resource_update(call, &question_kind, &in->base, &out->base);
}

static enum ql_code archive_question(struct ql_call *call, const ArchiveQuestionRequest *in,
                                     ArchiveQuestionResponse *out)
{
    return ql_resource_archive(call, &question_kind, &in->base, &out->base);
}

static enum ql_code get_question(struct ql_call *call, const GetQuestionRequest *in,
                                 GetQuestionResponse *out)
{
    const struct ql_service_parts *parts = call->app;
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    ProtobufCMessage *question;
    enum ql_code rc = ql_pg_begin(call, parts->pg, &tx);

    if (rc != QL_OK)
        return rc;
    rc = ql_resource_store_get(call, tx, &question_kind, in->question_id, in->revision, &question);
    if (rc != QL_OK)
        return rc;
    out->question = (Question *)question;
    call->etag = out->question->etag;
    return QL_OK;
}

static enum ql_code list_questions(struct ql_call *call, const ListQuestionsRequest *in,
                                   ListQuestionsResponse *out)
{
    const struct ql_service_parts *parts = call->app;
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    struct question_page found;
    struct ql_page page;
    enum ql_code rc = ql_page_read(call, in, QL_PAGE_SIZE_DEFAULT, &page);

    if (rc != QL_OK)
        return rc;
    rc = ql_pg_begin(call, parts->pg, &tx);
    if (rc != QL_OK)
        return rc;
    rc = question_store_list(call, tx,
                             &(const struct question_list){.after = ql_page_after_uuid(&page),
                                                           .n_rows = page.n_rows,
                                                           .max_bytes = QL_PAGE_MAX_BYTES,
                                                           .with_archived = in->show_archived,
                                                           .category = in->category,
                                                           .tag = in->tag,
                                                           .type = in->type},
                             &found);
    if (rc != QL_OK)
        return rc;
    out->questions = found.questions;
    out->n_questions = found.n_questions;
    if (!found.has_more)
        return QL_OK;
    return ql_page_token(call, &page, found.questions[found.n_questions - 1]->question_id,
                         &out->next_page_token);
}

QL_RPC_SERVE(QuestionService_CreateQuestion, create_question)
QL_RPC_SERVE(QuestionService_UpdateQuestion, update_question)
QL_RPC_SERVE(QuestionService_ArchiveQuestion, archive_question)
QL_RPC_SERVE(QuestionService_GetQuestion, get_question)
QL_RPC_SERVE(QuestionService_ListQuestions, list_questions)
