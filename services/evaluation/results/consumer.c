/* One batch, one transaction. */
#include "services/evaluation/results/consumer.h"

#include "platform/base/metrics.h"
#include "services/evaluation/app/evaluation.h"
#include "services/evaluation/results/apply.h"

static struct ql_metric metrics[] = {
    {.kind = QL_METRIC_COUNTER,
     .name = "ql_evaluation_scored_total",
     .help = "Attempts that were scored."},
    {.kind = QL_METRIC_COUNTER,
     .name = "ql_evaluation_late_total",
     .help = "Attempts of a week that was FINAL already: they count for all time only."},
};

enum { METRIC_SCORED, METRIC_LATE };

void consumer_register_metrics(void)
{
    ql_metrics_register(metrics, (int)QL_ARRAY_LENGTH(metrics));
}

enum ql_code consumer_handle(struct ql_call *call, struct ql_delivery *deliveries,
                             size_t n_deliveries)
{
    struct evaluation *app = call->app;
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    struct applied applied;
    struct batch batch;
    enum ql_code rc;

    rc = batch_read(call, deliveries, n_deliveries, app->scratch, &batch);
    if (rc != QL_OK)
        return rc;
    rc = ql_pg_begin(call, app->parts.pg, &tx);
    if (rc != QL_OK)
        return rc;
    rc = apply_batch(call, tx, &batch, &applied);
    if (rc != QL_OK)
        return rc;
    rc = ql_service_commit(call, &tx);
    if (rc != QL_OK)
        return rc;
    boards_wake(&app->boards);
    ql_metric_add(&metrics[METRIC_SCORED], NULL, (int64_t)applied.n_scored);
    ql_metric_add(&metrics[METRIC_LATE], NULL, (int64_t)applied.n_late);
    return QL_OK;
}
