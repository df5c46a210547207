/* Starting and stopping what evaluation has beyond the standard parts. */
#include "services/evaluation/evaluation.h"

enum ql_code evaluation_start(struct ql_call *call, void *app)
{
    struct evaluation *evaluation = app;
    const char *fault = ql_redis_url_fault(evaluation->redis_url);

    if (fault != NULL)
        return ql_fail(call, QL_FAILED_PRECONDITION, "START_FAILED", "QL_REDIS_URL: %s", fault);
    evaluation->redis = ql_redis_new(&(const struct ql_redis_options){
        .url = evaluation->redis_url, .client_name = "questline-evaluation"});
    if (evaluation->redis == NULL)
        return ql_fail(call, QL_RESOURCE_EXHAUSTED, "START_FAILED",
                       "the client of Redis cannot be made");
    return boards_open(call, &evaluation->boards, evaluation->parts.pg, evaluation->redis);
}

void evaluation_stop(void *app)
{
    struct evaluation *evaluation = app;

    boards_close(&evaluation->boards);
    ql_redis_free(evaluation->redis);
    evaluation->redis = NULL;
}
