/* Quotas in PostgreSQL: bind, run, map. */
#include "services/user/quota.h"

#include <stdio.h>
#include <string.h>

#include "platform/base/digest.h"
#include "quota_sql.h"

enum { KEY_SIZE = 33, WHOSE_MAX = 80 };

/* What is counted is named in the keys, and in the reasons of refusals. */
static const struct {
    const char *name, *reason, *message;
} kinds[] = {
    [QUOTA_SIGN_UPS] = {"sign-ups", "TOO_MANY_SIGN_UPS",
                        "too many accounts were made from this address: try again later"},
    [QUOTA_SIGN_INS] = {"sign-ins", "TOO_MANY_SIGN_INS",
                        "the account signed in too often: try again later"},
    [QUOTA_CHANGES] = {"changes", "TOO_MANY_CHANGES",
                       "the account was changed too often: try again later"},
};

/* A digest, so that no address stands in the table. */
static void make_key(enum quota_kind kind, const char *whose, char ret_key[KEY_SIZE])
{
    char text[WHOSE_MAX + 16], digest[QL_SHA256_HEX_SIZE];

    snprintf(text, sizeof(text), "%s %.*s", kinds[kind].name, WHOSE_MAX, whose);
    ql_sha256_hex(digest, text, strlen(text));
    snprintf(ret_key, KEY_SIZE, "%.*s", KEY_SIZE - 1, digest);
}

static enum ql_code refuse(struct ql_call *call, struct ql_pg_tx *tx, enum quota_kind kind,
                           const char *key)
{
    struct ql_pg_rows rows;
    enum ql_code rc;

    rc = ql_pg_run(call, tx, &sql_quota_ends, &key, 1, &rows);
    if (rc != QL_OK)
        return rc;
    ql_fail(call, QL_RESOURCE_EXHAUSTED, kinds[kind].reason, "%s", kinds[kind].message);
    ql_retry_after(call, rows.n_rows == 0 ? 0 : ql_pg_int64(&rows, 0, 0));
    return QL_RESOURCE_EXHAUSTED;
}

enum ql_code quota_take(struct ql_call *call, struct ql_pg_tx *tx, const struct quota_rules *rules,
                        enum quota_kind kind, const char *whose)
{
    char key[KEY_SIZE];
    const char *const parameters[] = {
        key,
        ql_pg_from_int64(call, rules->limits[kind]),
        ql_pg_from_int64(call, rules->window_ms),
    };
    struct ql_pg_rows rows;
    enum ql_code rc;

    make_key(kind, whose, key);
    rc = ql_pg_run(call, tx, &sql_quota_take, parameters, QL_ARRAY_LENGTH(parameters), &rows);
    if (rc != QL_OK || rows.n_affected == 1)
        return rc;
    return refuse(call, tx, kind, key);
}

enum ql_code quota_purge(struct ql_call *call, struct ql_pg_pool *pool, bool *ret_has_more)
{
    return ql_pg_purge(call, pool, &sql_quota_purge, ret_has_more);
}
