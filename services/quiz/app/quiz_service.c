/* The quiz service's own settings and migrations. */
#include "services/quiz/app/quiz_service.h"

#include <stddef.h>

#include "migrations_sql.h"

const struct ql_setting quiz_service_settings[] = {
    {.key = "QL_PG_READ_URL",
     .type = QL_SETTING_TEXT,
     .offset = offsetof(struct quiz_service, pg_read_url),
     .help = "PostgreSQL URL of the read-only role, for queries (or QL_PG_READ_URL_FILE)",
     .secret = QL_SECRET},
    {0},
};

const struct ql_pg_migration *quiz_service_migrations(void)
{
    return sql_migrations;
}
