/* ScoreCalculated becomes the totals of an account. */
#include "services/user/score_events.h"

#include <string.h>

#include "platform/pb/schema/message.h"
#include "questline/evaluation/v1/names.h"
#include "services/user/quiz_stats.h"
#include "services/user/user_service.h"

/* Takes the totals out of an event, or rejects its delivery. */
static enum ql_code read_event(struct ql_call *call, struct ql_delivery *delivery,
                               struct quiz_stats_report *ret_report, bool *ret_is_report)
{
    const struct ql_event *event = &delivery->event;
    ScoreCalculated *body = NULL;
    enum ql_code rc;

    *ret_is_report = false;
    if (strcmp(event->type, EVENT_SCORE_CALCULATED) != 0) {
        ql_delivery_reject(delivery, "UNEXPECTED_TYPE", "this queue is for ScoreCalculated");
        return QL_OK;
    }
    rc = ql_message_unpack(call, &ScoreCalculated_descriptor, event->body, event->body_length,
                           &body);
    if (rc == QL_INVALID_ARGUMENT) {
        ql_call_clear_status(call);
        ql_delivery_reject(delivery, "UNEXPECTED_BODY", "the body cannot be read");
        return QL_OK;
    }
    if (rc != QL_OK)
        return rc;
    if (!ql_uuid_is_valid(event->user_id) || body->totals == NULL || body->totals->sequence < 1) {
        ql_delivery_reject(delivery, "UNEXPECTED_BODY", "the event has no user or no totals");
        return QL_OK;
    }
    *ret_report =
        (struct quiz_stats_report){.user_id = event->user_id,
                                   .stats = {
                                       .sequence = body->totals->sequence,
                                       .attempts = body->totals->attempts,
                                       .quizzes = body->totals->quizzes,
                                       .quizzes_passed = body->totals->quizzes_passed,
                                       .millipoints = body->totals->millipoints,
                                       .average_basis_points = body->totals->average_basis_points,
                                   }};
    *ret_is_report = true;
    return QL_OK;
}

enum ql_code score_events_consume(struct ql_call *call, struct ql_delivery *deliveries,
                                  size_t n_deliveries)
{
    struct user_service *app = call->app;
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    struct quiz_stats_report *reports =
        ql_arena_calloc(call->arena, n_deliveries, sizeof(*reports));
    size_t n_reports = 0;
    enum ql_code rc;

    if (reports == NULL)
        return ql_fail_memory(call);
    for (size_t i = 0; i < n_deliveries; i++) {
        bool is_report;

        rc = read_event(call, &deliveries[i], &reports[n_reports], &is_report);
        if (rc != QL_OK)
            return rc;
        n_reports += is_report;
    }
    if (n_reports == 0)
        return QL_OK;
    rc = ql_pg_begin(call, app->parts.pg, &tx);
    if (rc != QL_OK)
        return rc;
    rc = quiz_stats_put(call, tx, reports, n_reports);
    if (rc != QL_OK)
        return rc;
    return ql_pg_commit(call, &tx);
}
