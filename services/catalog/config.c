/* The catalog's own settings and migrations. */
#include "services/catalog/catalog.h"

#include <stddef.h>

#include "migrations_sql.h"

const struct ql_setting catalog_settings[] = {
    {.key = "QL_PG_READ_URL",
     .type = QL_SETTING_TEXT,
     .offset = offsetof(struct catalog, pg_read_url),
     .help = "PostgreSQL URL of the read-only role, for queries (or QL_PG_READ_URL_FILE)",
     .secret = QL_SECRET},
    {.key = "QL_AMQP_WATCH_URL",
     .type = QL_SETTING_TEXT,
     .offset = offsetof(struct catalog, amqp_watch_url),
     .fallback = "",
     .help = "RabbitMQ URL of the account that watches changes, which may make queues of its own "
             "(or QL_AMQP_WATCH_URL_FILE); none: QL_AMQP_URL",
     .secret = QL_SECRET},
    {.key = "QL_CATALOG_CACHE_MAX",
     .type = QL_SETTING_INT,
     .offset = offsetof(struct catalog, cache_max),
     .fallback = "10000",
     .help = "quests, and as many rewards, that each process holds in memory at most",
     .min = 0,
     .max = 1000000},
    {0},
};

const struct ql_pg_migration *catalog_migrations(void)
{
    return sql_migrations;
}
