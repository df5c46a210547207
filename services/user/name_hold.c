/* Held names in PostgreSQL: bind, run, map. */
#include "services/user/name_hold.h"

#include <stdio.h>
#include <string.h>

#include "name_hold_sql.h"
#include "platform/base/digest.h"
#include "platform/base/text.h"
#include "services/user/user.h"

/* The digest of the name in small letters, behind a word of its own: it is no key of
 * another table. */
static void make_key(const char *user_name, char ret_key[QL_SHA256_HEX_SIZE])
{
    char text[sizeof("name ") + USER_NAME_SIZE];

    snprintf(text, sizeof(text), "name %s", user_name);
    ql_text_lower(text);
    ql_sha256_hex(ret_key, text, strlen(text));
}

enum ql_code name_hold_begin(struct ql_call *call, struct ql_pg_tx *tx, const char *user_name,
                             int64_t for_ms)
{
    char key[QL_SHA256_HEX_SIZE];
    const char *const parameters[] = {key, ql_pg_from_int64(call, for_ms)};

    if (for_ms == 0)
        return QL_OK;
    make_key(user_name, key);
    return ql_pg_run(call, tx, &sql_name_hold_begin, parameters, QL_ARRAY_LENGTH(parameters), NULL);
}

enum ql_code name_hold_check(struct ql_call *call, struct ql_pg_tx *tx, const char *user_name)
{
    char key[QL_SHA256_HEX_SIZE];
    const char *const parameters[] = {key};
    struct ql_pg_rows rows;
    enum ql_code rc;

    make_key(user_name, key);
    rc = ql_pg_run(call, tx, &sql_name_hold_is_held, parameters, 1, &rows);
    if (rc != QL_OK)
        return rc;
    if (ql_pg_bool(&rows, 0, 0))
        return ql_fail(call, QL_ALREADY_EXISTS, "USER_NAME_TAKEN", "the name %s is taken",
                       user_name);
    return QL_OK;
}

enum ql_code name_hold_purge(struct ql_call *call, struct ql_pg_pool *pool, bool *ret_has_more)
{
    return ql_pg_purge(call, pool, &sql_name_hold_purge, ret_has_more);
}
