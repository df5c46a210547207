/* questline-processing: the event table and quest progress. Wiring only. */
#include "services/processing/processing.h"

#include <stddef.h>

static const struct ql_rpc_method *const methods[] = {
    audit_methods,   dead_letter_methods, event_methods,   progress_methods,
    publish_methods, rebuild_methods,     try_out_methods, NULL};

static const struct ql_subscription subscriptions[] = {
    {.queue = "questline.processing.v1", .handler = event_consume, .max_batch = 200},
    {0},
};

static const struct ql_service_command rebuild = {
    .flag = "--rebuild",
    .help = "makes progress again from the events and tells what differs (QL_REBUILD_SWAP)",
    .run = rebuild_command,
};

int main(int argc, char **argv)
{
    static struct processing app;

    return ql_service_main(argc, argv,
                           &(const struct ql_service){
                               .name = "processing",
                               .settings = processing_settings,
                               .settings_target = &app,
                               .app = &app.parts,
                               .migrations = processing_migrations(),
                               .methods = methods,
                               .subscriptions = subscriptions,
                               .calls_catalog = true,
                               .start = processing_start,
                               .stop = processing_stop,
                               .command = &rebuild,
                           });
}
