/* AttemptService: beginning attempts, and seeing them. */
#include "platform/idempotency/idempotency.h"
#include "platform/service/page.h"
#include "questline/quiz/v1/server.h"
#include "services/quiz/attempts/attempt_end.h"
#include "services/quiz/attempts/attempt_metrics.h"
#include "services/quiz/attempts/attempt_store.h"

/* An insert that another call of the same player was before is tried again this often. */
enum { STARTS_MAX = 3 };

#define LAST_UUID "ffffffff-ffff-ffff-ffff-ffffffffffff"

/* What a start came to. */
struct start {
    struct version version;
    struct attempt attempt;
    enum {
        START_IS_BEATEN, /* by another call of the player */
        START_IS_NEW,
        START_IS_FOUND, /* the attempt was in progress */
        START_IS_LATE,  /* so it was, and is to be ended first */
    } outcome;
};

static enum ql_code check_state(struct ql_call *call, Questline__Quiz__V1__QuizState state)
{
    if (state == QUIZ_STATE_ARCHIVED)
        return ql_fail(call, QL_FAILED_PRECONDITION, "QUIZ_ARCHIVED", "the quiz is archived");
    if (state != QUIZ_STATE_PUBLISHED)
        return ql_fail(call, QL_FAILED_PRECONDITION, "QUIZ_NOT_PUBLISHED",
                       "the quiz is not published");
    return QL_OK;
}

static enum ql_code find_or_insert(struct ql_call *call, struct ql_pg_tx *tx, struct start *start)
{
    struct quiz_service *app = call->app;
    const Quiz *quiz = start->version.quiz;
    struct attempt_preparation prepared;
    bool is_new;
    enum ql_code rc;

    rc = attempt_store_prepare(call, tx, call->identity.subject, quiz->quiz_id, app->grace_ms,
                               &prepared);
    if (rc != QL_OK)
        return rc;
    if (prepared.is_departed)
        return ql_fail(call, QL_FAILED_PRECONDITION, "USER_DELETED", "the account is deleted");
    if (prepared.latest.state == ATTEMPT_STATE_IN_PROGRESS) {
        start->attempt = prepared.latest;
        start->outcome = prepared.latest.is_late ? START_IS_LATE : START_IS_FOUND;
        return QL_OK;
    }
    rc = attempt_check_start(call, quiz, &prepared.latest, prepared.now_ms);
    if (rc != QL_OK)
        return rc;
    attempt_begin(&start->attempt, call->identity.subject, quiz, prepared.latest.ordinal + 1,
                  prepared.now_ms);
    rc = attempt_store_insert(call, tx, &start->attempt, &is_new);
    start->outcome = is_new ? START_IS_NEW : START_IS_BEATEN;
    return rc;
}

/* The attempt in progress, or a new one at the published version. */
static enum ql_code start_attempt(struct ql_call *call, struct ql_pg_tx *tx, const char *quiz_id,
                                  struct start *start)
{
    Questline__Quiz__V1__QuizState state;
    int32_t number;
    enum ql_code rc;

    rc = version_find_published(call, tx, quiz_id, &state, &number);
    if (rc != QL_OK)
        return rc;
    rc = check_state(call, state);
    if (rc != QL_OK)
        return rc;
    rc = version_load(call, tx, quiz_id, number, &start->version);
    if (rc != QL_OK)
        return rc;
    for (int i = 0; i < STARTS_MAX; i++) {
        rc = find_or_insert(call, tx, start);
        if (rc != QL_OK || start->outcome != START_IS_BEATEN)
            return rc;
    }
    return ql_fail(call, QL_ABORTED, "DATABASE_CONFLICT", "other calls begin attempts at the quiz");
}

/* An attempt with its questions and answers. */
static enum ql_code show_attempt(struct ql_call *call, struct ql_pg_tx *tx,
                                 const struct attempt *attempt, Attempt **ret_pb)
{
    struct saved_answer *answers;
    struct sheet sheet;
    size_t n_answers;
    enum ql_code rc;

    rc = sheet_load(call, tx, attempt, &sheet);
    if (rc != QL_OK)
        return rc;
    rc = answer_store_list(call, tx, attempt->attempt_id, &answers, &n_answers);
    if (rc != QL_OK)
        return rc;
    return sheet_show(call, &sheet, attempt, answers, n_answers, ret_pb);
}

static enum ql_code show_new(struct ql_call *call, struct ql_pg_tx *tx, const struct start *start,
                             Attempt **ret_pb)
{
    struct sheet sheet;
    enum ql_code rc;

    rc = sheet_draw(call, tx, &start->attempt, &start->version, &sheet);
    if (rc != QL_OK)
        return rc;
    return sheet_show(call, &sheet, &start->attempt, NULL, 0, ret_pb);
}

/* A repeated call is answered with the attempt of the first time as it is now: of the answer
 * only the id is kept, which is small however long the questions are. */
static enum ql_code keep_answer(struct ql_call *call, struct ql_pg_tx *tx,
                                const struct attempt *attempt)
{
    StartAttemptResponse kept;
    Attempt pb;

    StartAttemptResponse_init(&kept);
    Attempt_init(&pb);
    pb.attempt_id = (char *)attempt->attempt_id;
    kept.attempt = &pb;
    return ql_idempotency_finish(call, tx, &kept);
}

static enum ql_code repeat_answer(struct ql_call *call, struct ql_pg_tx *tx,
                                  StartAttemptResponse *out)
{
    struct quiz_service *app = call->app;
    struct attempt attempt;
    enum ql_code rc;

    rc = attempt_store_get(call, tx, out->attempt->attempt_id, app->grace_ms, &attempt);
    return rc == QL_OK ? show_attempt(call, tx, &attempt, &out->attempt) : rc;
}

/* One transaction of StartAttempt; *ret_is_late: it ended a late attempt, and nothing else. */
static enum ql_code try_start(struct ql_call *call, const StartAttemptRequest *in,
                              StartAttemptResponse *out, bool *ret_is_late)
{
    struct quiz_service *app = call->app;
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    struct start start = {.outcome = START_IS_BEATEN};
    bool is_repeated;
    enum ql_code rc;

    *ret_is_late = false;
    rc = ql_pg_begin(call, app->parts.pg, &tx);
    if (rc != QL_OK)
        return rc;
    rc = ql_idempotency_begin(call, tx, in, out, &is_repeated);
    if (rc != QL_OK)
        return rc;
    if (is_repeated)
        return repeat_answer(call, tx, out);
    rc = start_attempt(call, tx, in->quiz_id, &start);
    if (rc != QL_OK)
        return rc;
    *ret_is_late = start.outcome == START_IS_LATE;
    if (*ret_is_late)
        return attempt_expire_if_late(call, &tx, start.attempt.attempt_id);
    if (start.outcome == START_IS_NEW)
        rc = show_new(call, tx, &start, &out->attempt);
    else
        rc = show_attempt(call, tx, &start.attempt, &out->attempt);
    if (rc != QL_OK)
        return rc;
    rc = keep_answer(call, tx, &start.attempt);
    if (rc != QL_OK)
        return rc;
    rc = ql_pg_commit(call, &tx);
    if (rc == QL_OK && start.outcome == START_IS_NEW)
        attempt_metrics_count("started", 1);
    return rc;
}

/* StartAttempt: an attempt of the player that is late is ended first. */
static enum ql_code attempt_rpc_start(struct ql_call *call, const StartAttemptRequest *in,
                                      StartAttemptResponse *out)
{
    bool is_late;
    enum ql_code rc;

    if (!ql_uuid_is_valid(call->identity.subject))
        return ql_fail(call, QL_PERMISSION_DENIED, "ROLE_NOT_ALLOWED", "only users take quizzes");
    rc = try_start(call, in, out, &is_late);
    if (rc == QL_OK && is_late)
        rc = try_start(call, in, out, &is_late);
    if (rc == QL_OK && is_late)
        return ql_fail(call, QL_ABORTED, "DATABASE_CONFLICT",
                       "other calls begin attempts at the quiz");
    return rc;
}

/* GetAttempt: of an attempt that is late this is the end. */
static enum ql_code attempt_rpc_get(struct ql_call *call, const GetAttemptRequest *in,
                                    GetAttemptResponse *out)
{
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    struct attempt attempt;
    enum ql_code rc;

    rc = attempt_open_to_read(call, in->attempt_id, &tx, &attempt);
    if (rc != QL_OK)
        return rc;
    return show_attempt(call, tx, &attempt, &out->attempt);
}

static void *attempt_message(struct ql_call *call, const void *row)
{
    return attempt_to_pb(call, row);
}

/* ListAttempts: whose they are is checked before we are called. */
static enum ql_code attempt_rpc_list(struct ql_call *call, const ListAttemptsRequest *in,
                                     ListAttemptsResponse *out)
{
    struct quiz_service *app = call->app;
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    struct attempt *attempts;
    struct ql_page page;
    size_t n_attempts, n_shown;
    enum ql_code rc;

    rc = ql_page_read(call, in, QL_PAGE_SIZE_DEFAULT, &page);
    if (rc != QL_OK)
        return rc;
    if (!ql_uuid_is_valid(in->user_id)) /* nobody, who has no attempts */
        return QL_OK;
    rc = ql_pg_begin(call, app->parts.pg, &tx);
    if (rc != QL_OK)
        return rc;
    /* One row more than asked for shows whether a page follows. */
    rc = attempt_store_list(call, tx, in->user_id, in->quiz_id[0] == '\0' ? NULL : in->quiz_id,
                            page.is_first ? LAST_UUID : ql_page_after_uuid(&page), page.n_rows + 1,
                            &attempts, &n_attempts);
    if (rc != QL_OK)
        return rc;
    rc = ql_page_fill(
        call, &page,
        &(const struct ql_page_rows){attempts, n_attempts, sizeof(*attempts), attempt_message}, out,
        "attempts", &n_shown);
    if (rc != QL_OK || n_shown == n_attempts)
        return rc;
    return ql_page_token(call, &page, attempts[n_shown - 1].attempt_id, &out->next_page_token);
}

QL_RPC_SERVE(AttemptService_StartAttempt, attempt_rpc_start)
QL_RPC_SERVE(AttemptService_GetAttempt, attempt_rpc_get)
QL_RPC_SERVE(AttemptService_ListAttempts, attempt_rpc_list)
