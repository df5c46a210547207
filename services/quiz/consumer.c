/* The queue of the service. */
#include "services/quiz/consumer.h"

#include <string.h>

#include "platform/readside/projector.h"
#include "questline/evaluation/v1/names.h"
#include "questline/quiz/v1/names.h"
#include "questline/user/v1/names.h"
#include "services/quiz/app/quiz_service.h"
#include "services/quiz/attempts/departure.h"
#include "services/quiz/attempts/score_event.h"
#include "services/quiz/quizzes/figures.h"

static enum ql_code project(struct ql_call *call, struct ql_delivery *delivery)
{
    const struct quiz_service *app = call->app;

    return ql_projector_project(call, &app->reads, delivery);
}

/* Each takes effect once, however often an event is delivered: all events of a batch are
 * delivered again when one of them fails. */
static const struct {
    const char *type;
    enum ql_code (*handle)(struct ql_call *call, struct ql_delivery *delivery);
} handlers[] = {
    {EVENT_QUIZ_CHANGED, project},
    {EVENT_LEADERBOARD_UPDATED, figures_on_leaderboard_updated},
    {EVENT_SCORE_CALCULATED, score_event_on_calculated},
    {EVENT_USER_DELETED, departure_on_user_deleted},
};

static enum ql_code handle(struct ql_call *call, struct ql_delivery *delivery)
{
    for (size_t i = 0; i < QL_ARRAY_LENGTH(handlers); i++)
        if (strcmp(handlers[i].type, delivery->event.type) == 0)
            return handlers[i].handle(call, delivery);
    ql_delivery_reject(delivery, "UNEXPECTED_TYPE", "nothing here handles events of this type");
    return QL_OK;
}

enum ql_code consumer_handle(struct ql_call *call, struct ql_delivery *deliveries,
                             size_t n_deliveries)
{
    for (size_t i = 0; i < n_deliveries; i++) {
        enum ql_code rc = handle(call, &deliveries[i]);

        if (rc != QL_OK)
            return rc;
    }
    return QL_OK;
}
