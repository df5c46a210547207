/* The evaluation service's own settings and migrations. */
#include "services/evaluation/evaluation.h"

#include <stddef.h>

#include "migrations_sql.h"

const struct ql_setting evaluation_settings[] = {
    {.key = "QL_REDIS_URL",
     .type = QL_SETTING_TEXT,
     .offset = offsetof(struct evaluation, redis_url),
     .help = "Redis URL of the boards (or QL_REDIS_URL_FILE)",
     .secret = QL_SECRET},
    {0},
};

const struct ql_pg_migration *evaluation_migrations(void)
{
    return sql_migrations;
}
