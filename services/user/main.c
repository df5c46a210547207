/* questline-user: accounts, sign-in, reward claims, wallets. Wiring only. */
#include "services/user/user_service.h"

#include <stddef.h>

#include "platform/service/service_main.h"

static const struct ql_rpc_method *const methods[] = {
    user_methods,
    user_admin_methods,
    password_methods,
    session_methods,
    session_refresh_methods,
    claim_methods,
    wallet_methods,
    personal_data_methods,
    service_account_methods,
    api_key_methods,
    NULL,
};

static const struct ql_subscription subscriptions[] = {
    {.queue = "questline.user.v1", .handler = claim_on_deliveries, .max_batch = 100},
    {0},
};

int main(int argc, char **argv)
{
    static struct user_service app;
    const struct ql_service_command make_admin = {
        .flag = "--make-admin",
        .help = "NAME: makes the user of that name an administrator, the first one too",
        .run = user_service_make_admin,
        .ret_argument = &app.admin_name,
    };

    return ql_service_main(argc, argv,
                           &(const struct ql_service){
                               .name = "user",
                               .settings = user_settings,
                               .settings_target = &app,
                               .app = &app.parts,
                               .migrations = user_service_migrations(),
                               .methods = methods,
                               .subscriptions = subscriptions,
                               .calls = {"catalog"},
                               .start = user_service_start,
                               .stop = user_service_stop,
                               .seed_demo = user_service_seed_demo,
                               .command = &make_admin,
                           });
}
