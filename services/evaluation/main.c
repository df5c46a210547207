/* questline-evaluation: scores of attempts, results, boards, statistics. Wiring only. */
#include "services/evaluation/evaluation.h"

#include <stddef.h>

#include "platform/service/service_main.h"
#include "questline/evaluation/v1/server.h"
#include "services/evaluation/results/check.h"
#include "services/evaluation/results/consumer.h"

static const struct ql_rpc_method *const methods[] = {EVALUATION_METHODS, NULL};

static const struct ql_subscription subscriptions[] = {
    {.queue = QUEUE_EVALUATION, .handler = consumer_handle, .max_batch = CONSUMER_BATCH_MAX},
    {0},
};

static const struct ql_service_command commands[] = {
    {.flag = "--check",
     .help = "computes results, boards and figures again from attempts and prints what differs",
     .run = check_command},
    {0},
};

int main(int argc, char **argv)
{
    static struct evaluation app;

    return ql_service_main(argc, argv,
                           &(const struct ql_service){
                               .name = "evaluation",
                               .settings = evaluation_settings,
                               .settings_target = &app,
                               .app = &app.parts,
                               .migrations = evaluation_migrations(),
                               .methods = methods,
                               .subscriptions = subscriptions,
                               .start = evaluation_start,
                               .stop = evaluation_stop,
                               .commands = commands,
                           });
}
