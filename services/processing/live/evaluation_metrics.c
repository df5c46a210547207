/* What is counted of batches, and how many quests there are. */
#include "services/processing/live/evaluation_metrics.h"

#include "platform/base/metrics.h"

static struct ql_metric metrics[] = {
    {.kind = QL_METRIC_COUNTER,
     .name = "ql_processing_events_stored_total",
     .help = "Rows added to the event table, by event type.",
     .label = "type"},
    {.kind = QL_METRIC_COUNTER,
     .name = "ql_processing_events_known_total",
     .help = "Events that were delivered again and changed nothing."},
    {.kind = QL_METRIC_GAUGE,
     .name = "ql_processing_quests",
     .help = "Quests that events are evaluated by."},
    {.kind = QL_METRIC_GAUGE,
     .name = "ql_processing_backfills",
     .help = "Quests whose history is still being counted."},
};

enum { METRIC_STORED, METRIC_KNOWN, METRIC_QUESTS, METRIC_BACKFILLS };

void evaluation_metrics_register(void)
{
    ql_metrics_register(metrics, (int)QL_ARRAY_LENGTH(metrics));
}

void evaluation_metrics_show_quests(const struct processing *app)
{
    ql_metric_set(&metrics[METRIC_QUESTS], NULL, (int64_t)definitions_count(app->definitions));
    ql_metric_set(&metrics[METRIC_BACKFILLS], NULL,
                  (int64_t)definitions_count_held(app->definitions));
}

void evaluation_metrics_count(const struct batch *batch, size_t n_completions)
{
    for (size_t i = 0; i < batch->n_events; i++) {
        const struct batch_event *event = &batch->events[i];

        if (batch_event_is_new(event))
            ql_metric_add(&metrics[METRIC_STORED], event->event->type, 1);
        else if (!event->is_forged)
            ql_metric_add(&metrics[METRIC_KNOWN], NULL, 1);
    }
    if (n_completions > 0)
        ql_metric_add(&metrics[METRIC_STORED], EVENT_QUEST_COMPLETED, (int64_t)n_completions);
}
