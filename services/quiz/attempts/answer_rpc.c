/* AttemptService: saving answers, and submitting. */
#include <stdio.h>

#include "questline/quiz/v1/server.h"
#include "services/quiz/attempts/answer.h"
#include "services/quiz/attempts/attempt_end.h"
#include "services/quiz/attempts/attempt_metrics.h"
#include "services/quiz/attempts/attempt_store.h"

enum { FIELD_SIZE = 64 };

/* An attempt that is locked for its player, with its questions. */
struct opened {
    struct ql_pg_tx *tx;
    struct attempt attempt;
    struct sheet sheet;
};

static void opened_end(struct opened *opened) /* for QL_CLEANUP */
{
    ql_pg_tx_endp(&opened->tx);
}

static enum ql_code open_attempt(struct ql_call *call, const char *attempt_id,
                                 struct opened *ret_opened)
{
    struct quiz_service *app = call->app;
    enum ql_code rc;

    rc = ql_pg_begin(call, app->parts.pg, &ret_opened->tx);
    if (rc != QL_OK)
        return rc;
    rc = attempt_store_lock(call, ret_opened->tx, attempt_id, app->grace_ms, &ret_opened->attempt);
    if (rc != QL_OK)
        return rc;
    return attempt_check_owner(call, &ret_opened->attempt);
}

/* Whether it takes answers. One that is late is ended by the call that comes too late, which
 * fails all the same. */
static enum ql_code check_open(struct ql_call *call, struct opened *opened)
{
    enum ql_code rc;

    if (opened->attempt.is_late) {
        rc = attempt_expire(call, &opened->tx, &opened->attempt);
        if (rc != QL_OK)
            return rc;
        attempt_metrics_count_late();
    }
    return attempt_check_open(call, &opened->attempt);
}

static enum ql_code open_for_answers(struct ql_call *call, const char *attempt_id,
                                     const char *const *question_ids, size_t n_ids,
                                     struct opened *ret_opened)
{
    enum ql_code rc;

    rc = open_attempt(call, attempt_id, ret_opened);
    if (rc != QL_OK)
        return rc;
    rc = check_open(call, ret_opened);
    if (rc != QL_OK)
        return rc;
    return sheet_load_forms(call, ret_opened->tx, &ret_opened->attempt, question_ids, n_ids,
                            &ret_opened->sheet);
}

/* One answer of a request; path is the answer's. */
static enum ql_code read_answer(struct ql_call *call, const struct sheet *sheet, const char *path,
                                const char *question_id, const Answer *answer, int64_t sequence,
                                struct saved_answer *ret_answer)
{
    const struct drawn_question *drawn = sheet_find(sheet, question_id);

    if (drawn == NULL)
        return ql_fail(call, QL_NOT_FOUND, "QUESTION_NOT_FOUND",
                       "the attempt does not have the question %s", question_id);
    *ret_answer = (struct saved_answer){.number = drawn->number, .sequence = sequence};
    Answer_init(&ret_answer->answer);
    if (answer != NULL)
        ret_answer->answer = *answer;
    return answer_check(call, path, drawn, &ret_answer->answer);
}

static enum ql_code check_question_is_new(struct ql_call *call, const struct saved_answer *answers,
                                          size_t index)
{
    char path[FIELD_SIZE];

    snprintf(path, sizeof(path), "answers[%zu].questionId", index);
    for (size_t i = 0; i < index; i++)
        if (answers[i].number == answers[index].number)
            return ql_violate(call, path, "names a question a second time");
    return QL_OK;
}

/* The answers of a request, all or none; every one that is wrong is named. */
static enum ql_code read_answers(struct ql_call *call, const struct sheet *sheet,
                                 AnswerToSave *const *given, size_t n_given,
                                 struct saved_answer **ret_answers)
{
    struct saved_answer *answers = ql_arena_calloc(call->arena, n_given + 1, sizeof(*answers));
    bool is_wrong = false;
    enum ql_code rc;

    if (answers == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < n_given; i++) {
        char path[FIELD_SIZE];

        snprintf(path, sizeof(path), "answers[%zu].answer", i);
        rc = read_answer(call, sheet, path, given[i]->question_id, given[i]->answer,
                         given[i]->sequence, &answers[i]);
        if (rc == QL_OK)
            rc = check_question_is_new(call, answers, i);
        if (rc != QL_OK && rc != QL_INVALID_ARGUMENT)
            return rc;
        is_wrong = is_wrong || rc != QL_OK;
    }
    *ret_answers = answers;
    return is_wrong ? QL_INVALID_ARGUMENT : QL_OK;
}

static enum ql_code attempt_rpc_save_answer(struct ql_call *call, const SaveAnswerRequest *in,
                                            SaveAnswerResponse *out)
{
    QL_CLEANUP(opened_end) struct opened opened = {.tx = NULL};
    const char *question_id = in->question_id;
    struct saved_answer answer, *saved;
    enum ql_code rc;

    rc = open_for_answers(call, in->attempt_id, &question_id, 1, &opened);
    if (rc != QL_OK)
        return rc;
    rc = read_answer(call, &opened.sheet, "answer", in->question_id, in->answer, in->sequence,
                     &answer);
    if (rc != QL_OK)
        return rc;
    rc = answer_store_save(call, opened.tx, opened.attempt.attempt_id, &answer, 1, &saved);
    if (rc != QL_OK)
        return rc;
    out->answer = sheet_answer_to_pb(call, &opened.sheet, saved);
    if (out->answer == NULL)
        return ql_fail_memory(call);
    return ql_pg_commit(call, &opened.tx);
}

static enum ql_code fill_saved(struct ql_call *call, const struct sheet *sheet,
                               const struct saved_answer *saved, size_t n_saved,
                               SaveAnswersResponse *out)
{
    out->answers = ql_arena_calloc(call->arena, n_saved, sizeof(*out->answers));
    if (out->answers == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < n_saved; i++) {
        out->answers[i] = sheet_answer_to_pb(call, sheet, &saved[i]);
        if (out->answers[i] == NULL)
            return ql_fail_memory(call);
    }
    out->n_answers = n_saved;
    return QL_OK;
}

static enum ql_code attempt_rpc_save_answers(struct ql_call *call, const SaveAnswersRequest *in,
                                             SaveAnswersResponse *out)
{
    QL_CLEANUP(opened_end) struct opened opened = {.tx = NULL};
    const char **question_ids = ql_arena_calloc(call->arena, in->n_answers, sizeof(char *));
    struct saved_answer *answers = NULL, *saved;
    enum ql_code rc;

    if (question_ids == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < in->n_answers; i++)
        question_ids[i] = in->answers[i]->question_id;
    rc = open_for_answers(call, in->attempt_id, question_ids, in->n_answers, &opened);
    if (rc != QL_OK)
        return rc;
    rc = read_answers(call, &opened.sheet, in->answers, in->n_answers, &answers);
    if (rc != QL_OK)
        return rc;
    rc = answer_store_save(call, opened.tx, opened.attempt.attempt_id, answers, in->n_answers,
                           &saved);
    if (rc != QL_OK)
        return rc;
    rc = fill_saved(call, &opened.sheet, saved, in->n_answers, out);
    if (rc != QL_OK)
        return rc;
    return ql_pg_commit(call, &opened.tx);
}

/* The last answers are saved, and those of before come with them. */
static enum ql_code save_last(struct ql_call *call, struct opened *opened,
                              const SubmitAttemptRequest *in, struct saved_answer **ret_answers,
                              size_t *ret_n_answers)
{
    struct saved_answer *answers = NULL, *saved;
    enum ql_code rc;

    rc = read_answers(call, &opened->sheet, in->answers, in->n_answers, &answers);
    if (rc != QL_OK)
        return rc;
    if (in->n_answers > 0) {
        rc = answer_store_save(call, opened->tx, opened->attempt.attempt_id, answers, in->n_answers,
                               &saved);
        if (rc != QL_OK)
            return rc;
    }
    return answer_store_list(call, opened->tx, opened->attempt.attempt_id, ret_answers,
                             ret_n_answers);
}

/* What was submitted before is answered as it is. */
static enum ql_code show_submitted(struct ql_call *call, struct opened *opened,
                                   SubmitAttemptResponse *out)
{
    struct saved_answer *answers;
    size_t n_answers;
    enum ql_code rc;

    rc = sheet_load(call, opened->tx, &opened->attempt, &opened->sheet);
    if (rc != QL_OK)
        return rc;
    rc = answer_store_list(call, opened->tx, opened->attempt.attempt_id, &answers, &n_answers);
    if (rc != QL_OK)
        return rc;
    return sheet_show(call, &opened->sheet, &opened->attempt, answers, n_answers, &out->attempt);
}

/* SubmitAttempt: answers, end and QuizCompleted in one transaction. */
static enum ql_code attempt_rpc_submit(struct ql_call *call, const SubmitAttemptRequest *in,
                                       SubmitAttemptResponse *out)
{
    QL_CLEANUP(opened_end) struct opened opened = {.tx = NULL};
    struct saved_answer *answers;
    size_t n_answers;
    enum ql_code rc;

    rc = open_attempt(call, in->attempt_id, &opened);
    if (rc != QL_OK)
        return rc;
    if (opened.attempt.ended_by == ENDED_BY_PLAYER)
        return show_submitted(call, &opened, out);
    rc = check_open(call, &opened);
    if (rc != QL_OK)
        return rc;
    rc = sheet_load(call, opened.tx, &opened.attempt, &opened.sheet);
    if (rc != QL_OK)
        return rc;
    rc = save_last(call, &opened, in, &answers, &n_answers);
    if (rc != QL_OK)
        return rc;
    rc = attempt_end(call, opened.tx, &opened.attempt, ENDED_BY_PLAYER, &opened.sheet, answers,
                     n_answers);
    if (rc != QL_OK)
        return rc;
    rc = sheet_show(call, &opened.sheet, &opened.attempt, answers, n_answers, &out->attempt);
    if (rc != QL_OK)
        return rc;
    rc = ql_service_commit(call, &opened.tx);
    if (rc == QL_OK)
        attempt_metrics_count("submitted", 1);
    return rc;
}

QL_RPC_SERVE(AttemptService_SaveAnswer, attempt_rpc_save_answer)
QL_RPC_SERVE(AttemptService_SaveAnswers, attempt_rpc_save_answers)
QL_RPC_SERVE(AttemptService_SubmitAttempt, attempt_rpc_submit)
