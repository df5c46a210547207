/* What a deleted account leaves behind. */
#include "services/quiz/attempts/departure.h"

#include "departure_sql.h"

enum ql_code departure_apply(struct ql_call *call, struct ql_pg_tx *tx,
                             struct ql_delivery *delivery, int64_t *ret_n_discarded)
{
    char user_id[QL_UUID_SIZE];
    const char *const parameters[] = {user_id};
    struct ql_pg_rows rows;
    enum ql_code rc;

    if (!ql_uuid_is_valid(delivery->event.user_id)) {
        ql_delivery_reject(delivery, "USER_NOT_FOUND", "the event names no user");
        return QL_OK;
    }
    ql_uuid_copy(user_id, delivery->event.user_id);
    rc = ql_pg_run(call, tx, &sql_departure_lock, parameters, 1, NULL);
    if (rc != QL_OK)
        return rc;
    rc = ql_pg_run(call, tx, &sql_departure_insert, parameters, 1, NULL);
    if (rc != QL_OK)
        return rc;
    rc = ql_pg_run(call, tx, &sql_departure_discard, parameters, 1, &rows);
    if (rc != QL_OK)
        return rc;
    *ret_n_discarded += rows.n_affected;
    return ql_pg_run(call, tx, &sql_departure_delete_answers, parameters, 1, NULL);
}
