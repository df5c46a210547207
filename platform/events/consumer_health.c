/* Counting and recording the failures of a consumer. */
#include "platform/events/consumer_health.h"

#include <stdio.h>

#include "platform/base/clock.h"
#include "platform/base/log.h"
#include "platform/base/metrics.h"

enum { LOG_EVERY_MS = 5000 };

static struct ql_metric metrics[] = {
    {QL_METRIC_COUNTER, "ql_consumer_failures_total",
     "Failed attempts: of the handler, of dead letters, of the connection", "queue", NULL, NULL},
};

void qli_consumer_health_init(struct qli_consumer_health *health, const char *queue)
{
    *health = (struct qli_consumer_health){.queue = queue};
    pthread_mutex_init(&health->lock, NULL);
    ql_metrics_register(metrics, (int)QL_ARRAY_LENGTH(metrics));
}

void qli_consumer_health_done(struct qli_consumer_health *health)
{
    pthread_mutex_destroy(&health->lock);
}

static void note_stuck(struct qli_consumer_health *health, const struct ql_call *call, size_t n)
{
    if (call->status.code == QL_UNAVAILABLE)
        return;
    pthread_mutex_lock(&health->lock);
    if (health->stuck_since_ms == 0)
        health->stuck_since_ms = ql_monotonic_ms();
    health->is_stuck_outside = n == 0;
    snprintf(health->stuck_reason, sizeof(health->stuck_reason), "%.60s: %.180s",
             call->status.reason, call->status.message);
    pthread_mutex_unlock(&health->lock);
}

void qli_consumer_health_failed(struct qli_consumer_health *health, const struct ql_call *call,
                                size_t n_events)
{
    int64_t now_ms = ql_monotonic_ms();

    note_stuck(health, call, n_events);
    health->n_failures++;
    ql_metric_add(&metrics[0], health->queue, 1);
    if (health->n_failures > 1 && now_ms < health->next_log_ms)
        return;
    health->next_log_ms = now_ms + LOG_EVERY_MS;
    QL_LOG(QL_LOG_WARN, &call->trace, QL_TEXT("event", "consume"), QL_TEXT("queue", health->queue),
           QL_TEXT("code", ql_code_name(call->status.code)), QL_TEXT("reason", call->status.reason),
           QL_TEXT("message", call->status.message), QL_NUMBER("events", n_events),
           QL_NUMBER("failures", health->n_failures));
}

void qli_consumer_health_succeeded(struct qli_consumer_health *health, bool is_batch)
{
    if (is_batch)
        health->n_failures = 0;
    pthread_mutex_lock(&health->lock);
    if (is_batch || health->is_stuck_outside)
        health->stuck_since_ms = 0;
    pthread_mutex_unlock(&health->lock);
}

int64_t qli_consumer_health_stuck_ms(struct qli_consumer_health *health, char *ret_reason,
                                     size_t reason_size)
{
    int64_t stuck_ms = 0;

    pthread_mutex_lock(&health->lock);
    if (health->stuck_since_ms != 0)
        stuck_ms = ql_monotonic_ms() - health->stuck_since_ms + 1;
    snprintf(ret_reason, reason_size, "%s is stuck: %s", health->queue, health->stuck_reason);
    pthread_mutex_unlock(&health->lock);
    return stuck_ms;
}
