/* Starting and stopping what processing has beyond the standard parts. */
#include "services/processing/live/startup.h"

#include <stddef.h>

#include "services/processing/live/erasure.h"
#include "services/processing/live/evaluation_metrics.h"

#include "migrations_sql.h"

/* Enough for a batch of 200 large events as texts and as parameters; a batch that needs more is
 * evaluated in halves. */
static const size_t scratch_limit = 64u * 1024 * 1024;

const struct ql_setting processing_settings[] = {
    {.key = "QL_AMQP_DEAD_LETTERS_URL",
     .type = QL_SETTING_TEXT,
     .offset = offsetof(struct processing, amqp_dead_letters_url),
     .fallback = "",
     .help = "RabbitMQ URL of the account that reads dead letters and gives them back to their "
             "queues (or QL_AMQP_DEAD_LETTERS_URL_FILE); none: QL_AMQP_URL",
     .secret = QL_SECRET},
    {0},
};

const struct ql_pg_migration *processing_migrations(void)
{
    return sql_migrations;
}

enum ql_code processing_start(struct ql_call *call, void *app)
{
    struct processing *processing = app;

    processing->definitions = definitions_new();
    processing->zones = day_zones_new();
    processing->scratch = ql_arena_new(scratch_limit);
    if (processing->definitions == NULL || processing->zones == NULL || processing->scratch == NULL)
        return ql_fail(call, QL_RESOURCE_EXHAUSTED, "MEMORY_LIMIT",
                       "no memory for the first quest definitions");
    evaluation_metrics_register();
    erasure_register_metrics();
    return QL_OK;
}

void processing_stop(void *app)
{
    struct processing *processing = app;

    definitions_freep(&processing->definitions);
    day_zones_freep(&processing->zones);
    ql_arena_freep(&processing->scratch);
}
