/* questline-evaluation: scores of attempts, results, boards, statistics. Wiring only. */
#include "services/evaluation/app/evaluation.h"

#include <stddef.h>

#include "platform/service/service_main.h"
#include "questline/evaluation/v1/server.h"
#include "services/evaluation/board_commands.h"
#include "services/evaluation/results/check.h"
#include "services/evaluation/results/consumer.h"

static const struct ql_rpc_method *const methods[] = {EVALUATION_METHODS, NULL};

static const struct ql_subscription subscriptions[] = {
    {.queue = QUEUE_EVALUATION, .handler = consumer_handle, .max_batch = CONSUMER_BATCH_MAX},
    {0},
};

static struct evaluation app;

static const struct ql_service_command commands[] = {
    {.flag = "--check",
     .help = "computes results, boards and figures again from attempts and prints what differs",
     .run = check_command},
    {.flag = "--rebuild-boards",
     .help = "has all boards in Redis filled anew from PostgreSQL by the running processes",
     .run = board_commands_rebuild},
    {.flag = "--close-week",
     .help = "makes an ISO week, such as 2026-W49, FINAL without the attempts that are missing",
     .run = board_commands_close_week,
     .ret_argument = &app.closed_week},
    {0},
};

int main(int argc, char **argv)
{

    consumer_register_metrics();
    return ql_service_main(argc, argv,
                           &(const struct ql_service){
                               .name = "evaluation",
                               .app = &app.parts,
                               .migrations = evaluation_migrations(),
                               .methods = methods,
                               .subscriptions = subscriptions,
                               .needs_redis = true,
                               .start = evaluation_start,
                               .stop = evaluation_stop,
                               .commands = commands,
                           });
}
