/* SQL in, places out: the event table by the time of arrival, which no index has: it
 * grows with seq, and is searched for. */
#include "services/processing/store/arrival_store.h"

#include "arrival_sql.h"

enum ql_code arrival_store_has_since(struct ql_call *call, struct ql_pg_tx *tx,
                                     const char *const *types, size_t n_types, int64_t since_ms,
                                     int64_t before_seq, bool *ret_has)
{
    const char *const parameters[] = {ql_pg_from_array(call, types, n_types),
                                      ql_pg_from_int64(call, before_seq)};
    struct ql_pg_rows rows;
    enum ql_code rc;

    rc = ql_pg_run(call, tx, &sql_arrival_newest_of_types, parameters, QL_ARRAY_LENGTH(parameters),
                   &rows);
    if (rc != QL_OK)
        return rc;
    *ret_has = !ql_pg_is_null(&rows, 0, 0) && ql_pg_int64(&rows, 0, 0) >= since_ms;
    return QL_OK;
}

/* Whether the first row from seq on was received before since_ms. */
static enum ql_code is_before(struct ql_call *call, struct ql_pg_tx *tx, int64_t seq,
                              int64_t before_seq, int64_t since_ms, bool *ret_is_before)
{
    const char *const parameters[] = {ql_pg_from_int64(call, seq),
                                      ql_pg_from_int64(call, before_seq)};
    struct ql_pg_rows rows;
    enum ql_code rc;

    rc = ql_pg_run(call, tx, &sql_arrival_at, parameters, QL_ARRAY_LENGTH(parameters), &rows);
    if (rc != QL_OK)
        return rc;
    *ret_is_before = rows.n_rows > 0 && ql_pg_int64(&rows, 0, 0) < since_ms;
    return QL_OK;
}

enum ql_code arrival_store_find(struct ql_call *call, struct ql_pg_tx *tx, int64_t since_ms,
                                int64_t before_seq, int64_t *ret_after_seq)
{
    int64_t low = 0, high = before_seq; /* the place is in [low, high) */
    bool is_low = false;
    enum ql_code rc;

    /* Backwards by steps that double, for what is looked for is near the end. */
    for (int64_t step = 1; !is_low && high > 1; step *= 2) {
        int64_t seq = before_seq > step ? before_seq - step : 1;

        rc = is_before(call, tx, seq, before_seq, since_ms, &is_low);
        if (rc != QL_OK)
            return rc;
        if (is_low)
            low = seq;
        else
            high = seq;
    }
    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;
        bool is_middle = false;

        rc = is_before(call, tx, middle, before_seq, since_ms, &is_middle);
        if (rc != QL_OK)
            return rc;
        if (is_middle)
            low = middle;
        else
            high = middle;
    }
    *ret_after_seq = low;
    return QL_OK;
}
