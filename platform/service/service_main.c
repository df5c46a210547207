/* From the table that main.c gives to a process that runs. */
#include "platform/service/service_main.h"

#include <assert.h>

#include "platform/service/commands.h"
#include "platform/service/parts.h"

enum { TABLES_MAX = 6 /* with the NULL that ends them */, COMMANDS_MAX = QL_SERVICE_COMMANDS_MAX };

/* Describes the service's own commands; returns their number. */
static size_t add_own_commands(struct qli_assembly *assembly, struct qli_own_command *own,
                               struct ql_command *ret_commands)
{
    const struct ql_service_command *command = assembly->service->commands;
    size_t n = 0;

    for (; command != NULL && command->flag != NULL; command++, n++) {
        assert(n < COMMANDS_MAX);
        own[n] = (struct qli_own_command){.assembly = assembly, .command = command};
        ret_commands[n] = (struct ql_command){.flag = command->flag,
                                              .help = command->help,
                                              .run = qli_service_own_command,
                                              .context = &own[n],
                                              .ret_argument = command->ret_argument,
                                              .option = command->option,
                                              .ret_has_option = command->ret_has_option,
                                              .ret_option_argument = command->ret_option_argument};
    }
    return n;
}

int ql_service_main(int argc, char **argv, const struct ql_service *service)
{
    struct qli_assembly assembly = {.service = service};
    const struct ql_setting *tables[TABLES_MAX] = {qli_service_settings_table,
                                                   ql_limits_rpc_settings};
    void *targets[TABLES_MAX] = {&assembly.settings, &assembly.limits};
    /* Beside the service's own --migrate, --seed-demo and the end. */
    struct ql_command commands[COMMANDS_MAX + 3] = {
        {"--migrate", "brings the database's tables up to date (QL_PG_OWNER_URL)",
         qli_service_migrate, &assembly, NULL, NULL, NULL, NULL},
    };
    struct qli_own_command own[COMMANDS_MAX];
    struct ql_part parts[QLI_PARTS_MAX] = {{0}};
    struct ql_process process = {
        .name = service->name,
        .settings = &assembly.process,
        .tables = tables,
        .targets = targets,
        .parts = parts,
        .commands = commands,
    };
    size_t n = 2, n_commands = 1;

    if (service->calls[0] != NULL) {
        qli_callees_describe(&assembly.callees, service->calls);
        tables[n] = assembly.callees.table;
        targets[n++] = &assembly.callees;
    }
    if (service->settings != NULL) {
        tables[n] = service->settings;
        targets[n++] = service->settings_target;
    }
    if (service->needs_redis) {
        tables[n] = qli_redis_settings_table;
        targets[n++] = &assembly.redis;
    }
    n_commands += add_own_commands(&assembly, own, commands + n_commands);
    if (service->seed_demo != NULL)
        commands[n_commands] =
            (struct ql_command){.flag = "--seed-demo",
                                .help = "stores the demo data, in local mode; twice is once",
                                .run = qli_service_seed_demo,
                                .context = &assembly};
    for (size_t i = 0; qli_service_parts[i].name != NULL && i + 1 < QLI_PARTS_MAX; i++) {
        parts[i] = qli_service_parts[i];
        parts[i].context = &assembly;
    }
    return ql_process_run(argc, argv, &process);
}
