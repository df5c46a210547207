/* The registry and its exposition.
 *
 * A metric owns a table of series, allocated on first use and never freed. With a label
 * it is an open-addressed hash table of LABEL_VALUES_MAX values, and one series more for
 * "other"; values are never removed, so that finding one needs no lock. */
#include "platform/base/metrics.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/base/hash.h"

enum {
    LABEL_VALUES_MAX = 64, /* a power of two: the hash is masked with it */
    LABEL_VALUE_BYTES_MAX = 128,
    N_BUCKETS = 13,
};

static const int bucket_bounds_ms[N_BUCKETS] = {1,   2,   5,    10,   20,   50,   100,
                                                200, 500, 1000, 2000, 5000, 10000};

struct ql_metric_series {
    char *_Atomic label_value;              /* NULL: free */
    _Atomic int64_t value;                  /* of a histogram: the sum */
    _Atomic int64_t buckets[N_BUCKETS + 1]; /* not cumulative; the last is +Inf */
};

static pthread_mutex_t registry_lock = PTHREAD_MUTEX_INITIALIZER;
static struct ql_metric *registry_first;

/* Guards adding label values to any metric. */
static pthread_mutex_t intern_lock = PTHREAD_MUTEX_INITIALIZER;

void ql_metrics_register(struct ql_metric *metrics, int n_metrics)
{
    pthread_mutex_lock(&registry_lock);
    for (int i = 0; i < n_metrics; i++) {
        struct ql_metric **end = &registry_first;

        while (*end != NULL && *end != &metrics[i])
            end = &(*end)->next;
        if (*end == NULL)
            *end = &metrics[i];
    }
    pthread_mutex_unlock(&registry_lock);
}

static int series_count(const struct ql_metric *metric)
{
    return metric->label != NULL ? LABEL_VALUES_MAX + 1 : 1;
}

/* The metric's table, allocated by the first caller. NULL without memory. */
static struct ql_metric_series *series_table(struct ql_metric *metric)
{
    struct ql_metric_series *table = atomic_load_explicit(&metric->series, memory_order_acquire);
    struct ql_metric_series *fresh;

    if (table != NULL)
        return table;
    fresh = calloc((size_t)series_count(metric), sizeof(*fresh));
    if (fresh == NULL)
        return NULL;
    if (atomic_compare_exchange_strong(&metric->series, &table, fresh))
        return fresh;
    free(fresh);
    return table;
}

/* True for values that get a series of their own: short and printable. Any other value,
 * which a client may have chosen, is counted under "other", so that the exposition needs
 * no check. */
static bool has_own_series(const char *label_value)
{
    size_t length;

    if (label_value == NULL || strcmp(label_value, "other") == 0)
        return false;
    for (length = 0; label_value[length] != '\0'; length++)
        if (length == LABEL_VALUE_BYTES_MAX || label_value[length] < ' ' ||
            label_value[length] > '~')
            return false;
    return length > 0;
}

/* The value's series, or the free one at which it would be added; NULL when the table is
 * full. */
static struct ql_metric_series *series_find(struct ql_metric_series *table, const char *label_value,
                                            bool *ret_free)
{
    const uint64_t hash = ql_hash_text(ql_hash_start, label_value);

    for (uint32_t i = 0; i < LABEL_VALUES_MAX; i++) {
        struct ql_metric_series *series = &table[(hash + i) & (LABEL_VALUES_MAX - 1)];
        const char *held = atomic_load_explicit(&series->label_value, memory_order_acquire);

        *ret_free = held == NULL;
        if (held == NULL || strcmp(held, label_value) == 0)
            return series;
    }
    *ret_free = false;
    return NULL;
}

static struct ql_metric_series *series_intern(struct ql_metric_series *table,
                                              const char *label_value)
{
    struct ql_metric_series *series;
    bool is_free;

    pthread_mutex_lock(&intern_lock);
    series = series_find(table, label_value, &is_free);
    if (series != NULL && is_free) {
        char *copy = strdup(label_value);

        if (copy == NULL)
            series = NULL;
        else
            atomic_store_explicit(&series->label_value, copy, memory_order_release);
    }
    pthread_mutex_unlock(&intern_lock);
    return series;
}

/* The series to update; NULL without memory: the update is dropped. */
static struct ql_metric_series *series_get(struct ql_metric *metric, const char *label_value)
{
    struct ql_metric_series *table = series_table(metric), *series;
    bool is_free = false;

    if (table == NULL || metric->label == NULL)
        return table;
    if (!has_own_series(label_value))
        return &table[LABEL_VALUES_MAX];
    series = series_find(table, label_value, &is_free);
    if (series != NULL && is_free)
        series = series_intern(table, label_value);
    return series != NULL ? series : &table[LABEL_VALUES_MAX];
}

void ql_metric_add(struct ql_metric *metric, const char *label_value, int64_t amount)
{
    struct ql_metric_series *series = series_get(metric, label_value);

    if (series != NULL)
        atomic_fetch_add_explicit(&series->value, amount, memory_order_relaxed);
}

void ql_metric_set(struct ql_metric *metric, const char *label_value, int64_t value)
{
    struct ql_metric_series *series = series_get(metric, label_value);

    if (series != NULL)
        atomic_store_explicit(&series->value, value, memory_order_relaxed);
}

void ql_metric_observe_ms(struct ql_metric *metric, const char *label_value, int64_t duration_ms)
{
    struct ql_metric_series *series = series_get(metric, label_value);
    int bucket = 0;

    if (series == NULL)
        return;
    while (bucket < N_BUCKETS && duration_ms > bucket_bounds_ms[bucket])
        bucket++;
    atomic_fetch_add_explicit(&series->buckets[bucket], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&series->value, duration_ms, memory_order_relaxed);
}

static int64_t count_observations(struct ql_metric_series *series)
{
    int64_t count = 0;

    for (int i = 0; i <= N_BUCKETS; i++)
        count += atomic_load_explicit(&series->buckets[i], memory_order_relaxed);
    return count;
}

int64_t ql_metric_value(struct ql_metric *metric, const char *label_value)
{
    struct ql_metric_series *series = atomic_load_explicit(&metric->series, memory_order_acquire);
    bool is_free = false;

    if (series == NULL)
        return 0;
    if (metric->label != NULL && has_own_series(label_value))
        series = series_find(series, label_value, &is_free);
    else if (metric->label != NULL)
        series = &series[LABEL_VALUES_MAX];
    if (series == NULL || is_free)
        return 0;
    if (metric->kind == QL_METRIC_HISTOGRAM_MS)
        return count_observations(series);
    return atomic_load_explicit(&series->value, memory_order_relaxed);
}

static void append_escaped(struct ql_buffer *out, const char *text, bool quote)
{
    for (; *text != '\0'; text++) {
        if (*text == '\\' || (quote && *text == '"'))
            ql_buffer_append_byte(out, '\\');
        if (*text == '\n')
            ql_buffer_append_text(out, "\\n");
        else
            ql_buffer_append_byte(out, *text);
    }
}

/* One line: name<suffix>{label="value",le="bound"} number. */
static void expose_sample(struct ql_buffer *out, const struct ql_metric *metric, const char *suffix,
                          const char *label_value, const char *bound, int64_t number)
{
    ql_buffer_printf(out, "%s%s", metric->name, suffix);
    if (label_value != NULL || bound != NULL)
        ql_buffer_append_byte(out, '{');
    if (label_value != NULL) {
        ql_buffer_printf(out, "%s=\"", metric->label);
        append_escaped(out, label_value, true);
        ql_buffer_append_byte(out, '"');
    }
    if (bound != NULL)
        ql_buffer_printf(out, "%sle=\"%s\"", label_value != NULL ? "," : "", bound);
    if (label_value != NULL || bound != NULL)
        ql_buffer_append_byte(out, '}');
    ql_buffer_printf(out, " %" PRId64 "\n", number);
}

static void expose_series(struct ql_buffer *out, const struct ql_metric *metric,
                          struct ql_metric_series *series, const char *label_value)
{
    int64_t value = atomic_load_explicit(&series->value, memory_order_relaxed), count = 0;

    if (metric->kind != QL_METRIC_HISTOGRAM_MS) {
        expose_sample(out, metric, "", label_value, NULL, value);
        return;
    }
    for (int i = 0; i <= N_BUCKETS; i++) {
        char bound[16] = "+Inf";

        if (i < N_BUCKETS)
            snprintf(bound, sizeof(bound), "%d", bucket_bounds_ms[i]);
        count += atomic_load_explicit(&series->buckets[i], memory_order_relaxed);
        expose_sample(out, metric, "_bucket", label_value, bound, count);
    }
    expose_sample(out, metric, "_sum", label_value, NULL, value);
    expose_sample(out, metric, "_count", label_value, NULL, count);
}

static void expose_metric(struct ql_buffer *out, struct ql_metric *metric)
{
    static const char *const kind_names[] = {"counter", "gauge", "histogram"};
    struct ql_metric_series *table = series_table(metric);

    ql_buffer_printf(out, "# HELP %s ", metric->name);
    append_escaped(out, metric->help, false);
    ql_buffer_printf(out, "\n# TYPE %s %s\n", metric->name, kind_names[metric->kind]);
    if (table == NULL)
        return;
    if (metric->label == NULL) {
        expose_series(out, metric, &table[0], NULL);
        return;
    }
    for (int i = 0; i < LABEL_VALUES_MAX; i++) {
        const char *held = atomic_load_explicit(&table[i].label_value, memory_order_acquire);

        if (held != NULL)
            expose_series(out, metric, &table[i], held);
    }
    if (table[LABEL_VALUES_MAX].value != 0 || count_observations(&table[LABEL_VALUES_MAX]) != 0)
        expose_series(out, metric, &table[LABEL_VALUES_MAX], "other");
}

void ql_metrics_expose(struct ql_buffer *out)
{
    pthread_mutex_lock(&registry_lock);
    for (struct ql_metric *metric = registry_first; metric != NULL; metric = metric->next)
        expose_metric(out, metric);
    pthread_mutex_unlock(&registry_lock);
}
