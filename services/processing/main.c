/* questline-processing: the event table and quest progress. Wiring only. */
#include <stddef.h>

#include "platform/service/service_main.h"
#include "questline/processing/v1/server.h"
#include "services/processing/live/event_consumer.h"
#include "services/processing/live/startup.h"
#include "services/processing/rpc/rebuild_rpc.h"

static const struct ql_rpc_method *const methods[] = {PROCESSING_METHODS, NULL};

static const struct ql_subscription subscriptions[] = {
    {.queue = QUEUE_PROCESSING, .handler = event_consume, .max_batch = 200, .chore = event_chore},
    {0},
};

int main(int argc, char **argv)
{
    static struct processing app;
    const struct ql_service_command commands[] = {
        {
            .flag = "--rebuild",
            .help = "recomputes progress and reports differences; --swap installs the result",
            .run = rebuild_command,
            .option = "--swap",
            .ret_has_option = &app.rebuild_swaps,
        },
        {0},
    };

    return ql_service_main(argc, argv,
                           &(const struct ql_service){
                               .name = "processing",
                               .settings = processing_settings,
                               .settings_target = &app,
                               .app = &app.parts,
                               .migrations = processing_migrations(),
                               .methods = methods,
                               .subscriptions = subscriptions,
                               .calls = {"catalog"},
                               .not_ready = event_not_ready,
                               .start = processing_start,
                               .stop = processing_stop,
                               .commands = commands,
                           });
}
