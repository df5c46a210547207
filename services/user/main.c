/* questline-user: accounts, sign-in, reward claims, wallets. Wiring only. */
#include "services/user/user_service.h"

#include <stddef.h>

#include "platform/service/service_main.h"
#include "questline/user/v1/server.h"
#include "services/user/admin_command.h"
#include "services/user/claim_events.h"
#include "services/user/demo.h"
#include "services/user/score_events.h"

static const struct ql_rpc_method *const methods[] = {USER_METHODS, NULL};

static const struct ql_subscription subscriptions[] = {
    {.queue = QUEUE_USER, .handler = claim_events_consume, .max_batch = 100},
    {.queue = QUEUE_USER_SCORES, .handler = score_events_consume, .max_batch = 100},
    {0},
};

int main(int argc, char **argv)
{
    static struct user_service app;
    const struct ql_service_command commands[] = {
        {
            .flag = "--make-admin",
            .help = "NAME: makes the user of that name an administrator, the first one too",
            .run = admin_command_run,
            .ret_argument = &app.admin_name,
        },
        {0},
    };

    return ql_service_main(
        argc, argv,
        &(const struct ql_service){
            .name = "user",
            .settings = user_settings,
            .settings_target = &app,
            .app = &app.parts,
            .migrations = user_service_migrations(),
            .methods = methods,
            .heavy_full = {"TOO_MANY_PASSWORD_CHECKS", "too many password checks are waiting"},
            .subscriptions = subscriptions,
            .chores = user_service_chores,
            .calls = {"catalog"},
            .start = user_service_start,
            .stop = user_service_stop,
            .seed_demo = demo_seed,
            .commands = commands,
        });
}
