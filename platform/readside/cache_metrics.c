/* The table of the metrics. */
#include "platform/readside/cache_metrics.h"

#include "platform/base/clock.h"

enum {
    ENTRIES,
    BYTES,
    AGE,
    READ_MODEL_SYNCED,
    LEASES_LOST,
    RELISTS,
    METRICS,
};

static struct ql_metric metrics[METRICS] = {
    [ENTRIES] = {.kind = QL_METRIC_GAUGE,
                 .name = "cache_entries",
                 .help = "Entries of the cache in memory, by kind of resource.",
                 .label = "kind"},
    [BYTES] = {.kind = QL_METRIC_GAUGE,
               .name = "cache_bytes",
               .help = "Bytes of the cache in memory, by kind of resource.",
               .label = "kind"},
    [AGE] =
        {.kind = QL_METRIC_GAUGE,
         .name = "cache_age_ms",
         .help =
             "Milliseconds since the moment as of which the cache lacks no change; -1: there was "
             "none yet."},
    [READ_MODEL_SYNCED] =
        {.kind = QL_METRIC_GAUGE,
         .name = "read_model_synced",
         .help = "1 while this process answers from Redis what its cache does not hold, else 0."},
    [LEASES_LOST] = {.kind = QL_METRIC_COUNTER,
                     .name = "leases_lost_total",
                     .help = "Times the lease of the cache ran out: reads went to PostgreSQL."},
    [RELISTS] = {.kind = QL_METRIC_COUNTER,
                 .name = "relists_total",
                 .help = "Relists of PostgreSQL that filled the caches or the read model."},
};

static char names[METRICS][QLI_METRIC_NAME_SIZE];

static bool had_lease; /* when it was last shown */

void qli_cache_metrics_register(const struct ql_read_side *side)
{
    qli_read_side_register(side, metrics, names, METRICS);
}

void qli_cache_metrics_show(const struct ql_read_side *side)
{
    int64_t now_ms = ql_monotonic_ms(), redis_ms = atomic_load(&side->redis_synced_as_of_ms);
    bool has_lease = ql_cache_has_lease(side->caches[0], now_ms);

    for (int kind = 0; kind < side->n_kinds; kind++) {
        const char *name = qli_read_kind_name(&side->kinds[kind]);

        ql_metric_set(&metrics[ENTRIES], name, (int64_t)ql_cache_count(side->caches[kind]));
        ql_metric_set(&metrics[BYTES], name, (int64_t)ql_cache_bytes(side->caches[kind]));
    }
    if (had_lease && !has_lease)
        ql_metric_add(&metrics[LEASES_LOST], NULL, 1);
    had_lease = has_lease;
    ql_metric_set(&metrics[AGE], NULL, ql_cache_age_ms(side->caches[0], now_ms));
    ql_metric_set(&metrics[READ_MODEL_SYNCED], NULL,
                  redis_ms != 0 && now_ms - redis_ms < QL_CACHE_LEASE_MS);
}

void qli_cache_metrics_count_relist(void)
{
    ql_metric_add(&metrics[RELISTS], NULL, 1);
}
