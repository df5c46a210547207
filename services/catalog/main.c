/* questline-catalog: quests and rewards. Wiring only. */
#include "services/catalog/catalog.h"

#include <stddef.h>

#include "platform/service/service_main.h"
#include "questline/catalog/v1/server.h"

static const struct ql_rpc_method *const methods[] = {CATALOG_METHODS, NULL};

static const struct ql_subscription subscriptions[] = {
    {.queue = QUEUE_CATALOG, .handler = catalog_project, .max_batch = 100},
    {0},
};

static const struct ql_service_command commands[] = {
    {
        .flag = "--rebuild-read-model",
        .help = "forgets what Redis holds and fills it from PostgreSQL",
        .run = catalog_rebuild_read_model,
    },
    {0},
};

int main(int argc, char **argv)
{
    static struct catalog app;

    return ql_service_main(argc, argv,
                           &(const struct ql_service){
                               .name = "catalog",
                               .settings = catalog_settings,
                               .settings_target = &app,
                               .app = &app.parts,
                               .migrations = catalog_migrations(),
                               .methods = methods,
                               .subscriptions = subscriptions,
                               .needs_redis = true,
                               .start = catalog_start,
                               .stop = catalog_stop,
                               .seed_demo = catalog_seed_demo,
                               .commands = commands,
                           });
}
