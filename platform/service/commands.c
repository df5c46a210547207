/* The commands of a service beside running it: --migrate, --seed-demo, its own. */
#include "platform/service/commands.h"

#include <stdio.h>
#include <stdlib.h>

#include "platform/base/clock.h"
#include "platform/base/log.h"
#include "platform/idempotency/idempotency.h"
#include "platform/service/parts.h"

enum {
    EXIT_USAGE = 2,
    MIGRATE_TIMEOUT_MS = 6 * 60 * 60 * 1000, /* a migration may write a large table anew */
    WORK_TIMEOUT_MS = 30000,
};

/* A command speaks to whoever typed it, not to the log. */
static int report_failure(const struct ql_call *call)
{
    fprintf(stderr, "%s: %s: %s\n", call->method, call->status.reason, call->status.message);
    return EXIT_FAILURE;
}

int qli_service_migrate(struct ql_call *call, void *context)
{
    struct qli_assembly *assembly = context;
    const struct ql_pg_migration *tables[4];
    size_t n_tables = 0;

    if (assembly->settings.pg_owner_url[0] == '\0') {
        fprintf(stderr, "%s: QL_PG_OWNER_URL is missing\n", call->method);
        return EXIT_USAGE;
    }
    if (assembly->service->migrations != NULL)
        tables[n_tables++] = assembly->service->migrations;
    tables[n_tables++] = ql_outbox_migrations();
    tables[n_tables++] = ql_idempotency_migrations();
    tables[n_tables++] = ql_pg_lease_migrations();
    call->deadline_ms = ql_monotonic_ms() + MIGRATE_TIMEOUT_MS;
    if (ql_pg_migrate(call, assembly->settings.pg_owner_url, tables, n_tables) != QL_OK)
        return report_failure(call);
    QL_LOG(QL_LOG_INFO, &call->trace, QL_TEXT("event", "migrated"));
    return EXIT_SUCCESS;
}

typedef enum ql_code service_work(struct ql_call *call, void *app);

static enum ql_code start_and_work(struct ql_call *call, struct qli_assembly *assembly,
                                   service_work *work)
{
    enum ql_code rc = qli_database_start(call, assembly);

    if (rc != QL_OK)
        return rc;
    rc = qli_keys_start(call, assembly);
    if (rc != QL_OK)
        return rc;
    rc = qli_redis_start(call, assembly);
    if (rc != QL_OK)
        return rc;
    call->app = assembly->service->app;
    call->deadline_ms = ql_monotonic_ms() + WORK_TIMEOUT_MS;
    return work(call, call->app);
}

/* The work, with what every service needs and nothing that serves. */
static enum ql_code with_parts(struct ql_call *call, struct qli_assembly *assembly,
                               service_work *work)
{
    enum ql_code rc = start_and_work(call, assembly, work);

    qli_redis_stop(assembly);
    qli_keys_stop(assembly);
    qli_database_stop(assembly);
    return rc;
}

int qli_service_seed_demo(struct ql_call *call, void *context)
{
    struct qli_assembly *assembly = context;

    if (!ql_process_is_local(&assembly->process)) {
        fprintf(stderr, "%s: demo data exists in local mode only\n", call->method);
        return EXIT_USAGE;
    }
    if (with_parts(call, assembly, assembly->service->seed_demo) != QL_OK)
        return report_failure(call);
    QL_LOG(QL_LOG_INFO, &call->trace, QL_TEXT("event", "demo data seeded"));
    return EXIT_SUCCESS;
}

int qli_service_own_command(struct ql_call *call, void *context)
{
    const struct qli_own_command *own = context;
    const struct ql_service_command *command = own->command;

    if (with_parts(call, own->assembly, command->run) != QL_OK)
        return report_failure(call);
    QL_LOG(QL_LOG_INFO, &call->trace, QL_TEXT("event", "command done"),
           QL_TEXT("command", command->flag));
    return EXIT_SUCCESS;
}
