/* Reading ScoreCalculated, and storing what it says. */
#include "services/quiz/attempts/score_event.h"

#include "platform/pb/schema/message.h"
#include "questline/evaluation/v1/names.h"
#include "services/quiz/app/quiz_service.h"
#include "services/quiz/attempts/attempt_store.h"

enum { MAX_MILLIPOINTS = 10000000, MILLIPOINTS = 1000, PERCENT = 100, BASIS_POINTS = 10000 };

static bool is_share(int32_t number, int32_t most)
{
    return number >= 0 && number <= most;
}

/* What the table takes. */
static bool is_score(const ScoreCalculated *body)
{
    return ql_uuid_is_valid(body->attempt_id) &&
           is_share(body->max_millipoints - MILLIPOINTS, MAX_MILLIPOINTS - MILLIPOINTS) &&
           is_share(body->millipoints, body->max_millipoints) &&
           is_share(body->score_percent, PERCENT) &&
           is_share(body->score_basis_points, BASIS_POINTS) && body->n_items >= 1 &&
           body->n_items <= DRAW_QUESTIONS_MAX;
}

static enum ql_code read_body(struct ql_call *call, struct ql_delivery *delivery,
                              ScoreCalculated **ret_body)
{
    enum ql_code rc;

    *ret_body = NULL;
    rc = ql_message_unpack(call, &ScoreCalculated_descriptor, delivery->event.body,
                           delivery->event.body_length, ret_body);
    if (rc == QL_INVALID_ARGUMENT) {
        ql_call_clear_status(call);
        ql_delivery_reject(delivery, "UNEXPECTED_BODY", "the body cannot be read");
        return QL_OK;
    }
    if (rc == QL_OK && !is_score(*ret_body)) {
        ql_delivery_reject(delivery, "UNEXPECTED_BODY", "the body is no score of an attempt");
        *ret_body = NULL;
    }
    return rc;
}

/* One that is scored already is what it is, as is one that was discarded. */
static enum ql_code check_exists(struct ql_call *call, struct ql_pg_tx *tx,
                                 struct ql_delivery *delivery, const char *attempt_id)
{
    struct attempt attempt;
    enum ql_code rc;

    rc = attempt_store_get(call, tx, attempt_id, 0, &attempt);
    if (rc != QL_NOT_FOUND)
        return rc;
    ql_call_clear_status(call);
    ql_delivery_reject(delivery, "ATTEMPT_NOT_FOUND", "attempt %s does not exist", attempt_id);
    return QL_OK;
}

static enum ql_code store_score(struct ql_call *call, struct ql_delivery *delivery,
                                const struct attempt *attempt)
{
    struct quiz_service *app = call->app;
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    bool is_stored;
    enum ql_code rc;

    rc = ql_pg_begin(call, app->parts.pg, &tx);
    if (rc != QL_OK)
        return rc;
    rc = attempt_store_set_scored(call, tx, attempt, &is_stored);
    if (rc != QL_OK)
        return rc;
    if (!is_stored)
        return check_exists(call, tx, delivery, attempt->attempt_id);
    return ql_pg_commit(call, &tx);
}

enum ql_code score_event_on_calculated(struct ql_call *call, struct ql_delivery *delivery)
{
    int32_t items[DRAW_QUESTIONS_MAX];
    struct attempt attempt = {.item_millipoints = items};
    ScoreCalculated *body;
    enum ql_code rc;

    rc = read_body(call, delivery, &body);
    if (rc != QL_OK || body == NULL)
        return rc;
    for (size_t i = 0; i < body->n_items; i++)
        items[i] = body->items[i]->millipoints;
    attempt.n_items = body->n_items;
    attempt.millipoints = body->millipoints;
    attempt.max_millipoints = body->max_millipoints;
    attempt.percent = body->score_percent;
    attempt.basis_points = body->score_basis_points;
    attempt.passed = body->passed;
    ql_uuid_copy(attempt.attempt_id, body->attempt_id);
    return store_score(call, delivery, &attempt);
}
