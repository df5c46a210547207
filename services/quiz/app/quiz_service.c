/* The quiz service's own settings and migrations. */
#include "services/quiz/app/quiz_service.h"

#include <stddef.h>

#include "migrations_sql.h"

enum { GRACE_MAX_MS = 60000 };

const struct ql_setting quiz_service_settings[] = {
    {.key = "QL_PG_READ_URL",
     .type = QL_SETTING_TEXT,
     .offset = offsetof(struct quiz_service, pg_read_url),
     .help = "PostgreSQL URL of the read-only role, for queries (or QL_PG_READ_URL_FILE)",
     .secret = QL_SECRET},
    {.key = "QL_AMQP_WATCH_URL",
     .type = QL_SETTING_TEXT,
     .offset = offsetof(struct quiz_service, amqp_watch_url),
     .fallback = "",
     .help = "RabbitMQ URL of the account that watches changes, which may make queues of its own "
             "(or QL_AMQP_WATCH_URL_FILE); none: QL_AMQP_URL",
     .secret = QL_SECRET},
    {.key = "QL_QUIZ_CACHE_MAX",
     .type = QL_SETTING_INT,
     .offset = offsetof(struct quiz_service, cache_max),
     .fallback = "10000",
     .help = "quizzes, and figures of as many, that each process holds in memory at most",
     .min = 0,
     .max = 1000000},
    {.key = "QL_QUIZ_GRACE",
     .type = QL_SETTING_DURATION,
     .offset = offsetof(struct quiz_service, grace_ms),
     .fallback = "2s",
     .help = "how long behind its deadline an attempt takes answers, for slow networks",
     .min = 0,
     .max = GRACE_MAX_MS},
    {0},
};

const struct ql_pg_migration *quiz_service_migrations(void)
{
    return sql_migrations;
}
