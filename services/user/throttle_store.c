/* Failed sign-ins in PostgreSQL: bind, run, map. */
#include "services/user/throttle_store.h"

#include <string.h>

#include "throttle_sql.h"

enum { THROTTLES_MAX = 2 };

/* The columns that throttle_counts selects, in its order. */
enum { KEY, FAILURES, ENDS_IN_MS };

/* Keys of one throttle, or of two: THROTTLES_MAX bounds n_throttles. */
static const char *keys_of(struct ql_call *call, const struct throttle *const *throttles,
                           size_t n_throttles)
{
    const char *keys[THROTTLES_MAX * THROTTLE_SCOPES];
    size_t n_keys = 0;

    for (size_t i = 0; i < n_throttles; i++) {
        size_t n = throttles[i]->has_address ? THROTTLE_SCOPES : THROTTLE_ADDRESS;

        for (size_t scope = 0; scope < n; scope++)
            keys[n_keys++] = throttles[i]->keys[scope];
    }
    return ql_pg_from_array(call, keys, n_keys);
}

static enum ql_code read_counts(struct ql_call *call, struct ql_pg_tx *tx,
                                const struct throttle *throttle,
                                struct throttle_count ret_counts[THROTTLE_SCOPES])
{
    const char *const parameters[] = {keys_of(call, &throttle, 1)};
    struct ql_pg_rows rows;
    enum ql_code rc;

    memset(ret_counts, 0, THROTTLE_SCOPES * sizeof(*ret_counts));
    rc = ql_pg_run(call, tx, &sql_throttle_counts, parameters, 1, &rows);
    if (rc != QL_OK)
        return rc;
    for (size_t row = 0; row < rows.n_rows; row++)
        for (int scope = 0; scope < THROTTLE_SCOPES; scope++)
            if (strcmp(ql_pg_text(&rows, row, KEY), throttle->keys[scope]) == 0)
                ret_counts[scope] = (struct throttle_count){
                    .failures = ql_pg_int64(&rows, row, FAILURES),
                    .ends_in_ms = ql_pg_int64(&rows, row, ENDS_IN_MS),
                };
    return QL_OK;
}

static enum ql_code read_is_at_home(struct ql_call *call, struct ql_pg_tx *tx,
                                    const char *user_name, const struct throttle *throttle,
                                    bool *ret_is_at_home)
{
    const char *const parameters[] = {user_name, throttle->keys[THROTTLE_PAIR]};
    struct ql_pg_rows rows;
    enum ql_code rc;

    rc = ql_pg_run(call, tx, &sql_throttle_is_at_home, parameters, 2, &rows);
    if (rc != QL_OK)
        return rc;
    *ret_is_at_home = ql_pg_bool(&rows, 0, 0);
    return QL_OK;
}

enum ql_code throttle_store_check(struct ql_call *call, struct ql_pg_tx *tx,
                                  const struct throttle_rules *rules, const char *user_name,
                                  struct throttle *throttle)
{
    struct throttle_count counts[THROTTLE_SCOPES];
    bool is_at_home = false;
    int64_t wait_ms;
    enum ql_code rc;

    rc = read_counts(call, tx, throttle, counts);
    if (rc != QL_OK)
        return rc;
    if (throttle->has_address &&
        (counts[THROTTLE_ACCOUNT].failures >= rules->limits[THROTTLE_ACCOUNT] ||
         counts[THROTTLE_ADDRESS].failures >= rules->limits[THROTTLE_ADDRESS]))
        rc = read_is_at_home(call, tx, user_name, throttle, &is_at_home);
    if (rc != QL_OK)
        return rc;
    throttle->has_failed = counts[THROTTLE_PAIR].failures > 0;
    wait_ms = throttle_wait_ms(rules, counts, is_at_home);
    if (wait_ms == 0)
        return QL_OK;
    ql_fail(call, QL_RESOURCE_EXHAUSTED, "TOO_MANY_SIGN_INS",
            "too many sign-ins failed: try again later");
    ql_retry_after(call, wait_ms);
    return QL_RESOURCE_EXHAUSTED;
}

enum ql_code throttle_store_add(struct ql_call *call, struct ql_pg_pool *pool,
                                const struct throttle_rules *rules, const struct throttle *throttle,
                                const struct throttle *more)
{
    const struct throttle *const throttles[THROTTLES_MAX] = {throttle, more};
    const char *const parameters[] = {
        keys_of(call, throttles, more == NULL ? 1 : 2),
        ql_pg_from_int64(call, rules->window_ms),
    };
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    enum ql_code rc;

    rc = ql_pg_begin(call, pool, &tx);
    if (rc != QL_OK)
        return rc;
    rc = ql_pg_run(call, tx, &sql_throttle_add, parameters, 2, NULL);
    if (rc != QL_OK)
        return rc;
    return ql_pg_commit(call, &tx);
}

enum ql_code throttle_store_forget(struct ql_call *call, struct ql_pg_tx *tx,
                                   const struct throttle *throttle)
{
    const char *const parameters[] = {throttle->keys[THROTTLE_PAIR]};

    if (!throttle->has_failed)
        return QL_OK;
    return ql_pg_run(call, tx, &sql_throttle_forget, parameters, 1, NULL);
}

enum ql_code throttle_store_purge(struct ql_call *call, struct ql_pg_pool *pool, bool *ret_has_more)
{
    return ql_pg_purge(call, pool, &sql_throttle_purge, ret_has_more);
}
