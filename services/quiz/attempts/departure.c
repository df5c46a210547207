/* What a deleted account leaves behind. */
#include "services/quiz/attempts/departure.h"

#include "services/quiz/app/quiz_service.h"
#include "services/quiz/attempts/attempt_metrics.h"

#include "departure_sql.h"

static enum ql_code forget_answers(struct ql_call *call, struct ql_pg_tx *tx, const char *user_id,
                                   int64_t *ret_n_discarded)
{
    struct ql_pg_rows rows;
    enum ql_code rc;

    rc = ql_pg_run(call, tx, &sql_departure_lock, &user_id, 1, NULL);
    if (rc != QL_OK)
        return rc;
    rc = ql_pg_run(call, tx, &sql_departure_insert, &user_id, 1, NULL);
    if (rc != QL_OK)
        return rc;
    rc = ql_pg_run(call, tx, &sql_departure_discard, &user_id, 1, &rows);
    if (rc != QL_OK)
        return rc;
    *ret_n_discarded = rows.n_affected;
    return ql_pg_run(call, tx, &sql_departure_delete_answers, &user_id, 1, NULL);
}

enum ql_code departure_on_user_deleted(struct ql_call *call, struct ql_delivery *delivery)
{
    struct quiz_service *app = call->app;
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    char user_id[QL_UUID_SIZE];
    int64_t n_discarded;
    enum ql_code rc;

    if (!ql_uuid_is_valid(delivery->event.user_id)) {
        ql_delivery_reject(delivery, "USER_NOT_FOUND", "the event names no user");
        return QL_OK;
    }
    ql_uuid_copy(user_id, delivery->event.user_id);
    rc = ql_pg_begin(call, app->parts.pg, &tx);
    if (rc != QL_OK)
        return rc;
    rc = forget_answers(call, tx, user_id, &n_discarded);
    if (rc != QL_OK)
        return rc;
    rc = ql_pg_commit(call, &tx);
    if (rc == QL_OK)
        attempt_metrics_count("discarded", n_discarded);
    return rc;
}
