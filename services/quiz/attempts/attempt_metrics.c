/* The metrics of attempts. */
#include "services/quiz/attempts/attempt_metrics.h"

#include "platform/base/attributes.h"
#include "platform/base/metrics.h"

enum { ATTEMPTS, LATE_ANSWERS, IN_PROGRESS };

static struct ql_metric metrics[] = {
    [ATTEMPTS] = {.kind = QL_METRIC_COUNTER,
                  .name = "ql_quiz_attempts_total",
                  .help = "Attempts that were started, submitted, expired or discarded",
                  .label = "event"},
    [LATE_ANSWERS] = {.kind = QL_METRIC_COUNTER,
                      .name = "ql_quiz_late_answers_total",
                      .help = "Calls with answers that came behind deadline and grace"},
    [IN_PROGRESS] = {.kind = QL_METRIC_GAUGE,
                     .name = "ql_quiz_attempts_in_progress",
                     .help = "Attempts in progress, in the whole database"},
};

void attempt_metrics_register(void)
{
    ql_metrics_register(metrics, QL_ARRAY_LENGTH(metrics));
}

void attempt_metrics_count(const char *event, int64_t n_attempts)
{
    ql_metric_add(&metrics[ATTEMPTS], event, n_attempts);
}

void attempt_metrics_count_late(void)
{
    ql_metric_add(&metrics[LATE_ANSWERS], NULL, 1);
}

void attempt_metrics_set_in_progress(int64_t n_attempts)
{
    ql_metric_set(&metrics[IN_PROGRESS], NULL, n_attempts);
}
