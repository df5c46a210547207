/* Starting and stopping what the user service has beyond the standard parts. */
#include "services/user/user_service.h"

#include "migrations_sql.h"

enum ql_code user_service_start(struct ql_call *call, void *app)
{
    struct user_service *service = app;

    service->promises = promise_cache_new();
    return service->promises == NULL ? ql_fail_memory(call) : QL_OK;
}

void user_service_stop(void *app)
{
    struct user_service *service = app;

    promise_cache_free(service->promises);
    service->promises = NULL;
}

const struct ql_pg_migration *user_service_migrations(void)
{
    return sql_migrations;
}
