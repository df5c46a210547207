/* Opening and closing what queries are answered from. */
#include "platform/readside/read_side.h"

#include <stdio.h>
#include <string.h>

#include "platform/base/clock.h"

enum {
    READ_CONNECTIONS = 8, /* so many reads of PostgreSQL at once */
    SINGLEFLIGHT_KEYS = 128,
    CACHE_BYTES_EACH = 1024, /* about what a resource takes */
    CACHE_BYTES_MIN = 1024 * 1024,
    READ_NOTED_EVERY_MS = 200,
    NAME_SIZE = 64,
};

static struct ql_metric metrics[] = {
    {.kind = QL_METRIC_COUNTER,
     .name = "reads_total",
     .help = "Resources and pages of them read, by what answered: memory, redis, postgres, or "
             "shared for another call's read of one of these.",
     .label = "from"},
};
static char names[QL_ARRAY_LENGTH(metrics)][QLI_METRIC_NAME_SIZE];

void qli_read_side_register(const struct ql_read_side *side, struct ql_metric *table,
                            char (*names_of_table)[QLI_METRIC_NAME_SIZE], size_t n_metrics)
{
    for (size_t i = 0; i < n_metrics; i++) {
        if (table[i].name == names_of_table[i])
            continue; /* it has been registered */
        snprintf(names_of_table[i], QLI_METRIC_NAME_SIZE, "ql_%s_%s", side->service, table[i].name);
        table[i].name = names_of_table[i];
    }
    ql_metrics_register(table, (int)n_metrics);
}

void ql_read_side_register_metrics(const struct ql_read_side *side)
{
    qli_read_side_register(side, metrics, names, QL_ARRAY_LENGTH(metrics));
}

int64_t ql_read_side_answered_from(const char *from)
{
    return ql_metric_value(&metrics[0], from);
}

/* Readers share the time of the last read: it is written a few times a second. */
void ql_read_side_count(struct ql_read_side *side, const char *from)
{
    int64_t now_ms = ql_monotonic_ms();

    ql_metric_add(&metrics[0], from, 1);
    if (now_ms - atomic_load_explicit(&side->read_ms, memory_order_relaxed) > READ_NOTED_EVERY_MS)
        atomic_store_explicit(&side->read_ms, now_ms, memory_order_relaxed);
}

static struct ql_cache *open_cache(const struct ql_read_kind *kind, size_t max_entries)
{
    size_t max_bytes = max_entries * CACHE_BYTES_EACH;

    return ql_cache_new(&(const struct ql_cache_options){
        .max_entries = max_entries,
        .max_bytes = max_bytes > CACHE_BYTES_MIN ? max_bytes : CACHE_BYTES_MIN,
        .lease_ms = QL_CACHE_LEASE_MS,
        .publish_delay_ms = kind->snapshot != NULL ? 0 : QL_CACHE_PUBLISH_DELAY_MS,
        .is_of_snapshots = kind->snapshot != NULL,
    });
}

static enum ql_code fail_start(struct ql_call *call, const char *what)
{
    return ql_fail(call, QL_RESOURCE_EXHAUSTED, "START_FAILED", "%s cannot be made", what);
}

enum ql_code ql_read_side_open(struct ql_call *call, struct ql_read_side *side,
                               const struct ql_read_side_options *options)
{
    char name[NAME_SIZE];

    snprintf(name, sizeof(name), "questline-%s-read", options->service);
    side->service = options->service;
    side->kinds = options->kinds;
    side->n_kinds = options->n_kinds;
    side->redis = options->redis;
    side->publish_delay_ms = QL_CACHE_PUBLISH_DELAY_MS;
    side->pg = ql_pg_pool_new(&(const struct ql_pg_pool_options){
        .url = options->pg_url,
        .application_name = name,
        .max_connections = READ_CONNECTIONS,
        .read_only = true,
    });
    if (side->pg == NULL)
        return fail_start(call, "the pool of the read-only role");
    side->loads = ql_singleflight_new(SINGLEFLIGHT_KEYS, QL_SINGLEFLIGHT_FRESH_MS);
    if (side->loads == NULL)
        return fail_start(call, "the table of loads");
    for (int kind = 0; kind < side->n_kinds; kind++) {
        side->caches[kind] = open_cache(&side->kinds[kind], options->cache_max);
        if (side->caches[kind] == NULL)
            return fail_start(call, "the cache in memory");
    }
    return QL_OK;
}

void ql_read_side_close(struct ql_read_side *side)
{
    side->redis = NULL;
    for (int kind = 0; kind < side->n_kinds; kind++) {
        ql_cache_free(side->caches[kind]);
        side->caches[kind] = NULL;
    }
    ql_singleflight_free(side->loads);
    side->loads = NULL;
    ql_pg_pool_free(side->pg);
    side->pg = NULL;
}

int ql_read_side_kind_of(const struct ql_read_side *side, const struct ql_event *event)
{
    for (int kind = 0; kind < side->n_kinds; kind++)
        if (strcmp(qli_read_kind_event_type(&side->kinds[kind]), event->type) == 0)
            return kind;
    return -1;
}
