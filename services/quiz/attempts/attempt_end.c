/* Ending attempts, and QuizCompleted. */
#include "services/quiz/attempts/attempt_end.h"

#include "platform/outbox/outbox.h"
#include "platform/pb/wire/timestamp.h"
#include "services/quiz/attempts/attempt_metrics.h"
#include "services/quiz/attempts/attempt_store.h"
#include "services/quiz/attempts/completed.h"

static enum ql_code fill_items(struct ql_call *call, const struct sheet *sheet,
                               const struct saved_answer *answers, size_t n_answers,
                               QuizCompleted *body)
{
    const Answer **sorted = sheet_sort_answers(call, sheet, answers, n_answers);

    body->items = ql_arena_calloc(call->arena, sheet->n_questions + 1, sizeof(*body->items));
    if (sorted == NULL || body->items == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < sheet->n_questions; i++) {
        body->items[i] = completed_item_new(call, &sheet->questions[i], sorted[i]);
        if (body->items[i] == NULL)
            return ql_fail_memory(call);
        if (sorted[i] != NULL)
            body->answered_count++;
    }
    body->n_items = sheet->n_questions;
    body->question_count = (int32_t)sheet->n_questions;
    return QL_OK;
}

static void fill_rules(const Quiz *quiz, QuizCompleted *body)
{
    body->category = quiz->category;
    body->grading = quiz->grading;
    body->practice = quiz->practice;
    body->board_points = quiz->board_points;
    body->pass_basis_points = quiz->pass_basis_points;
    body->formula_scoring = quiz->formula_scoring;
}

static enum ql_code fill_attempt(struct ql_call *call, const struct attempt *attempt,
                                 QuizCompleted *body)
{
    body->attempt_id = (char *)attempt->attempt_id;
    body->quiz_id = (char *)attempt->quiz_id;
    body->quiz_version = attempt->quiz_version;
    body->ordinal = attempt->ordinal;
    body->ended_by = attempt->ended_by;
    body->duration_ms = attempt->ended_ms - attempt->started_ms;
    body->started_at = ql_timestamp_new(call, attempt->started_ms);
    body->submitted_at = ql_timestamp_new(call, attempt->ended_ms);
    if (body->started_at == NULL || body->submitted_at == NULL)
        return ql_fail_memory(call);
    return QL_OK;
}

enum ql_code attempt_publish_completed(struct ql_call *call, struct ql_pg_tx *tx,
                                       const struct attempt *attempt, const struct sheet *sheet,
                                       const struct saved_answer *answers, size_t n_answers)
{
    const char *const parts[] = {"quiz_completed", attempt->attempt_id};
    char event_id[QL_UUID_SIZE];
    QuizCompleted body;
    struct ql_event event;
    enum ql_code rc;

    QuizCompleted_init(&body);
    fill_rules(sheet->version.quiz, &body);
    rc = fill_attempt(call, attempt, &body);
    if (rc != QL_OK)
        return rc;
    rc = fill_items(call, sheet, answers, n_answers, &body);
    if (rc != QL_OK)
        return rc;
    ql_uuid_derive(event_id, parts, QL_ARRAY_LENGTH(parts));
    rc = ql_event_make(call, EVENT_QUIZ_COMPLETED, event_id, attempt->user_id, &body.base, &event);
    if (rc != QL_OK)
        return rc;
    event.occurred_ms = attempt->ended_ms;
    return ql_outbox_add(call, tx, &event, 1);
}

enum ql_code attempt_end(struct ql_call *call, struct ql_pg_tx *tx, struct attempt *attempt,
                         Questline__Quiz__V1__EndedBy ended_by, const struct sheet *sheet,
                         const struct saved_answer *answers, size_t n_answers)
{
    enum ql_code rc;

    rc = attempt_store_set_ended(call, tx, attempt, ended_by);
    if (rc != QL_OK)
        return rc;
    return attempt_publish_completed(call, tx, attempt, sheet, answers, n_answers);
}

enum ql_code attempt_expire(struct ql_call *call, struct ql_pg_tx **tx, struct attempt *attempt)
{
    struct saved_answer *answers;
    struct sheet sheet;
    size_t n_answers;
    enum ql_code rc;

    rc = sheet_load(call, *tx, attempt, &sheet);
    if (rc != QL_OK)
        return rc;
    rc = answer_store_list(call, *tx, attempt->attempt_id, &answers, &n_answers);
    if (rc != QL_OK)
        return rc;
    rc = attempt_end(call, *tx, attempt, ENDED_BY_SERVER, &sheet, answers, n_answers);
    if (rc != QL_OK)
        return rc;
    rc = ql_service_commit(call, tx);
    if (rc == QL_OK)
        attempt_metrics_count("expired", 1);
    return rc;
}

enum ql_code attempt_expire_if_late(struct ql_call *call, struct ql_pg_tx **tx,
                                    const char *attempt_id)
{
    struct quiz_service *app = call->app;
    struct attempt attempt;
    enum ql_code rc;

    rc = attempt_store_lock(call, *tx, attempt_id, app->grace_ms, &attempt);
    if (rc != QL_OK)
        return rc;
    return attempt.is_late ? attempt_expire(call, tx, &attempt) : ql_pg_commit(call, tx);
}

enum ql_code attempt_open_to_read(struct ql_call *call, const char *attempt_id,
                                  struct ql_pg_tx **ret_tx, struct attempt *ret_attempt)
{
    struct quiz_service *app = call->app;
    enum ql_code rc;

    rc = ql_pg_begin(call, app->parts.pg, ret_tx);
    if (rc != QL_OK)
        return rc;
    rc = attempt_store_get(call, *ret_tx, attempt_id, app->grace_ms, ret_attempt);
    if (rc != QL_OK)
        return rc;
    rc = attempt_check_reader(call, ret_attempt);
    if (rc != QL_OK || !ret_attempt->is_late)
        return rc;
    rc = attempt_expire_if_late(call, ret_tx, attempt_id);
    if (rc != QL_OK)
        return rc;
    rc = ql_pg_begin(call, app->parts.pg, ret_tx);
    if (rc != QL_OK)
        return rc;
    return attempt_store_get(call, *ret_tx, attempt_id, app->grace_ms, ret_attempt);
}
