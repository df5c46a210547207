/* Figures of a quiz. */
#include "services/quiz/quizzes/figures.h"

#include "platform/pb/schema/message.h"
#include "platform/readside/projector.h"
#include "questline/evaluation/v1/names.h"
#include "services/quiz/app/quiz_service.h"

#include "figures_sql.h"

const struct ql_snapshot_kind figures_kind = {
    .name = "figures",
    .event_type = EVENT_LEADERBOARD_UPDATED,
    .type = &questline__quiz__v1__quiz_figures__descriptor,
    .body = &LeaderboardUpdated_descriptor,
    .id_field = "quiz_id",
    .number_field = "sequence",
    .snapshot_field = "figures",
    .statements = {.get = &sql_figures_get, .list = &sql_figures_list},
};

static enum ql_code store(struct ql_call *call, const LeaderboardUpdated *body)
{
    const struct quiz_service *app = call->app;
    const char *const parameters[] = {
        body->quiz_id,
        ql_pg_from_int64(call, body->sequence),
        ql_pg_from_int64(call, body->figures->players),
        ql_pg_from_int64(call, body->figures->attempts),
        ql_pg_from_int64(call, body->figures->passed_attempts),
        ql_pg_from_int64(call, body->figures->average_basis_points),
    };
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    enum ql_code rc = ql_pg_begin(call, app->parts.pg, &tx);

    if (rc != QL_OK)
        return rc;
    rc = ql_pg_run(call, tx, &sql_figures_put, parameters, QL_ARRAY_LENGTH(parameters), NULL);
    if (rc != QL_OK)
        return rc;
    return ql_pg_commit(call, &tx);
}

static bool has_figures(const LeaderboardUpdated *body)
{
    const Questline__Quiz__V1__QuizFigures *figures = body->figures;

    return ql_uuid_is_valid(body->quiz_id) && body->sequence >= 1 && figures != NULL &&
           figures->players >= 0 && figures->attempts >= figures->players &&
           figures->passed_attempts >= 0 && figures->passed_attempts <= figures->attempts &&
           figures->average_basis_points >= 0 && figures->average_basis_points <= 10000;
}

enum ql_code figures_on_leaderboard_updated(struct ql_call *call, struct ql_delivery *delivery)
{
    const struct quiz_service *app = call->app;
    LeaderboardUpdated *body;
    enum ql_code rc = ql_message_unpack(call, &LeaderboardUpdated_descriptor, delivery->event.body,
                                        delivery->event.body_length, &body);

    if (rc != QL_OK)
        return rc;
    if (!has_figures(body)) {
        ql_delivery_reject(delivery, "NO_FIGURES", "the event has no figures of a quiz");
        return QL_OK;
    }
    rc = store(call, body);
    if (rc != QL_OK)
        return rc;
    return ql_projector_project(call, &app->reads, delivery);
}
