/* The catalog's own settings and migrations. */
#include "services/catalog/catalog.h"

#include <stddef.h>

#include "migrations_sql.h"

const struct ql_setting catalog_settings[] = {
    {.key = "QL_PG_READ_URL",
     .type = QL_SETTING_TEXT,
     .offset = offsetof(struct catalog, pg_read_url),
     .help = "PostgreSQL URL of the read-only role, for queries (or QL_PG_READ_URL_FILE)",
     .secret = true},
    {0},
};

const struct ql_pg_migration *catalog_migrations(void)
{
    return sql_migrations;
}
