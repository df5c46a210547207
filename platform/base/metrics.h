/* Metrics registry: counters, gauges and histograms in Prometheus text format.
 *
 * A module describes its metrics in a static table and registers it once. A metric has at
 * most one label, whose values are interned up to a bound (further ones are counted under
 * "other"). Updates are lock-free after the first use of a label value; any thread. */
#ifndef QL_BASE_METRICS_H
#define QL_BASE_METRICS_H

#include <stdint.h>

#include "platform/base/buffer.h"

enum ql_metric_kind { QL_METRIC_COUNTER, QL_METRIC_GAUGE, QL_METRIC_HISTOGRAM_MS };

struct ql_metric_series;

struct ql_metric {
    enum ql_metric_kind kind;
    const char *name;                        /* "ql_rpc_calls_total": unit as suffix */
    const char *help;                        /* one line */
    const char *label;                       /* NULL: none */
    struct ql_metric_series *_Atomic series; /* private; leave zero */
    struct ql_metric *next;                  /* private; leave zero */
};

/* Makes the metrics appear in the exposition; registering twice is harmless. */
void ql_metrics_register(struct ql_metric *metrics, int n_metrics);

/* label_value is NULL for a metric without a label. */
void ql_metric_add(struct ql_metric *metric, const char *label_value, int64_t amount);
void ql_metric_set(struct ql_metric *metric, const char *label_value, int64_t value);
/* A duration into a histogram with buckets 1, 2, 5, ... 10000 ms. */
void ql_metric_observe_ms(struct ql_metric *metric, const char *label_value, int64_t duration_ms);

/* The current value, for tests. For a histogram: the number of observations. */
int64_t ql_metric_value(struct ql_metric *metric, const char *label_value);

/* Appends all registered metrics in text exposition format 0.0.4. */
void ql_metrics_expose(struct ql_buffer *out);

#endif
