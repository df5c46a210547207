/* Accounts in PostgreSQL: bind, run, map. */
#include "services/user/user_store.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "services/user/name_hold.h"
#include "user_sql.h"

/* The columns that user.sql selects, in its order. */
enum {
    USER_ID,
    USER_NAME,
    GOLD,
    DIAMOND,
    STATUS,
    HASHED_PASSWORD,
    ROLE,
    TIME_ZONE,
    TOKEN_GENERATION,
    ATTEMPTS,
    QUIZZES,
    QUIZZES_PASSED,
    MILLIPOINTS,
    AVERAGE_BASIS_POINTS
};

/* Zeros where there is no row. */
static void quiz_stats_from_row(const struct ql_pg_rows *rows, size_t row,
                                struct quiz_stats *ret_stats)
{
    *ret_stats = (struct quiz_stats){
        .attempts = (int32_t)ql_pg_int64(rows, row, ATTEMPTS),
        .quizzes = (int32_t)ql_pg_int64(rows, row, QUIZZES),
        .quizzes_passed = (int32_t)ql_pg_int64(rows, row, QUIZZES_PASSED),
        .millipoints = (int32_t)ql_pg_int64(rows, row, MILLIPOINTS),
        .average_basis_points = (int32_t)ql_pg_int64(rows, row, AVERAGE_BASIS_POINTS),
    };
}

static void user_from_row(const struct ql_pg_rows *rows, size_t row, void *ret_element)
{
    struct user *ret_user = ret_element;

    snprintf(ret_user->user_id, sizeof(ret_user->user_id), "%s", ql_pg_text(rows, row, USER_ID));
    ret_user->user_name = ql_pg_text(rows, row, USER_NAME);
    ret_user->gold = (int32_t)ql_pg_int64(rows, row, GOLD);
    ret_user->diamond = (int32_t)ql_pg_int64(rows, row, DIAMOND);
    ret_user->status = user_status_from_name(ql_pg_text(rows, row, STATUS));
    ret_user->hashed_password = ql_pg_text(rows, row, HASHED_PASSWORD);
    ret_user->role =
        strcmp(ql_pg_text(rows, row, ROLE), "admin") == 0 ? QL_ROLE_ADMIN : QL_ROLE_USER;
    ret_user->time_zone = ql_pg_text(rows, row, TIME_ZONE);
    ret_user->token_generation = ql_pg_int64(rows, row, TOKEN_GENERATION);
    quiz_stats_from_row(rows, row, &ret_user->quiz_stats);
}

static const char *role_name(enum ql_role role)
{
    return role == QL_ROLE_ADMIN ? "admin" : "user";
}

enum ql_code user_store_insert(struct ql_call *call, struct ql_pg_tx *tx, const struct user *user)
{
    const char *const parameters[] = {
        user->user_id,         user->user_name,       user_status_name(user->status),
        user->hashed_password, role_name(user->role), user->time_zone,
    };
    enum ql_code rc;

    rc = ql_pg_run(call, tx, &sql_user_insert, parameters, QL_ARRAY_LENGTH(parameters), NULL);
    if (rc != QL_OK && strcmp(ql_pg_violated_constraint(tx), "users_lower_user_name_key") == 0)
        return ql_fail(call, QL_ALREADY_EXISTS, "USER_NAME_TAKEN", "the name %s is taken",
                       user->user_name);
    if (rc != QL_OK)
        return rc;
    /* Behind the insert, which waits for whoever is just giving the name away. */
    return name_hold_check(call, tx, user->user_name);
}

/* Runs a statement that finds one account by key. */
static enum ql_code find_user(struct ql_call *call, struct ql_pg_tx *tx,
                              const struct ql_pg_statement *statement, const char *key,
                              struct user *ret_user)
{
    struct ql_pg_rows rows;
    enum ql_code rc;

    rc = ql_pg_run(call, tx, statement, &key, 1, &rows);
    if (rc != QL_OK)
        return rc;
    if (rows.n_rows == 0)
        return ql_fail(call, QL_NOT_FOUND, "USER_NOT_FOUND", "user %s does not exist", key);
    user_from_row(&rows, 0, ret_user);
    return QL_OK;
}

enum ql_code user_store_get(struct ql_call *call, struct ql_pg_tx *tx, const char *user_id,
                            struct user *ret_user)
{
    if (!ql_uuid_is_valid(user_id))
        return ql_fail(call, QL_NOT_FOUND, "USER_NOT_FOUND", "user %s does not exist", user_id);
    return find_user(call, tx, &sql_user_get, user_id, ret_user);
}

enum ql_code user_store_get_by_name(struct ql_call *call, struct ql_pg_tx *tx,
                                    const char *user_name, struct user *ret_user)
{
    return find_user(call, tx, &sql_user_get_by_name, user_name, ret_user);
}

enum ql_code user_store_check_name(struct ql_call *call, struct ql_pg_tx *tx, const char *user_name)
{
    struct user owner;
    enum ql_code rc;

    rc = user_store_get_by_name(call, tx, user_name, &owner);
    if (rc == QL_OK)
        return ql_fail(call, QL_ALREADY_EXISTS, "USER_NAME_TAKEN", "the name %s is taken",
                       user_name);
    if (rc != QL_NOT_FOUND)
        return rc;
    ql_call_clear_status(call);
    return name_hold_check(call, tx, user_name);
}

enum ql_code user_store_lock(struct ql_call *call, struct ql_pg_tx *tx, const char *user_id,
                             struct user *ret_user)
{
    return find_user(call, tx, &sql_user_lock, user_id, ret_user);
}

enum ql_code user_store_lock_many(struct ql_call *call, struct ql_pg_tx *tx,
                                  const char *const *user_ids, size_t n_user_ids, bool *ret_found)
{
    const char *const parameters[] = {ql_pg_from_array(call, user_ids, n_user_ids)};
    struct ql_pg_rows rows;
    enum ql_code rc;

    rc = ql_pg_run(call, tx, &sql_user_lock_many, parameters, 1, &rows);
    if (rc != QL_OK)
        return rc;
    for (size_t i = 0; i < n_user_ids; i++) {
        ret_found[i] = false;
        for (size_t row = 0; row < rows.n_rows && !ret_found[i]; row++)
            ret_found[i] = strcasecmp(ql_pg_text(&rows, row, 0), user_ids[i]) == 0;
    }
    return QL_OK;
}

enum ql_code user_store_lock_other_admins(struct ql_call *call, struct ql_pg_tx *tx,
                                          const char *user_id, bool *ret_has_other)
{
    struct ql_pg_rows rows;
    enum ql_code rc;

    rc = ql_pg_run(call, tx, &sql_user_lock_other_admins, &user_id, 1, &rows);
    if (rc != QL_OK)
        return rc;
    *ret_has_other = rows.n_rows > 0;
    return QL_OK;
}

enum ql_code user_store_set_status(struct ql_call *call, struct ql_pg_tx *tx, const char *user_id,
                                   enum user_status status)
{
    const char *const parameters[] = {user_id, user_status_name(status)};

    return ql_pg_run(call, tx, &sql_user_set_status, parameters, 2, NULL);
}

enum ql_code user_store_ban(struct ql_call *call, struct ql_pg_tx *tx, const char *user_id)
{
    return ql_pg_run(call, tx, &sql_user_ban, &user_id, 1, NULL);
}

enum ql_code user_store_unban(struct ql_call *call, struct ql_pg_tx *tx, const char *user_id,
                              enum user_status *ret_status)
{
    struct ql_pg_rows rows;
    enum ql_code rc;

    rc = ql_pg_run(call, tx, &sql_user_unban, &user_id, 1, &rows);
    if (rc != QL_OK)
        return rc;
    if (rows.n_rows == 0)
        return ql_fail(call, QL_NOT_FOUND, "USER_NOT_FOUND", "user %s does not exist", user_id);
    *ret_status = user_status_from_name(ql_pg_text(&rows, 0, 0));
    return QL_OK;
}

enum ql_code user_store_set_role(struct ql_call *call, struct ql_pg_tx *tx, const char *user_id,
                                 enum ql_role role)
{
    const char *const parameters[] = {user_id, role_name(role)};

    return ql_pg_run(call, tx, &sql_user_set_role, parameters, 2, NULL);
}

enum ql_code user_store_set_password(struct ql_call *call, struct ql_pg_tx *tx, const char *user_id,
                                     const char *hashed_password)
{
    const char *const parameters[] = {user_id, hashed_password};

    return ql_pg_run(call, tx, &sql_user_set_password, parameters, 2, NULL);
}

enum ql_code user_store_revoke_tokens(struct ql_call *call, struct ql_pg_tx *tx,
                                      const char *user_id, int64_t *ret_generation)
{
    struct ql_pg_rows rows;
    enum ql_code rc;

    rc = ql_pg_run(call, tx, &sql_user_revoke_tokens, &user_id, 1, &rows);
    if (rc != QL_OK)
        return rc;
    if (rows.n_rows == 0)
        return ql_fail(call, QL_NOT_FOUND, "USER_NOT_FOUND", "user %s does not exist", user_id);
    *ret_generation = ql_pg_int64(&rows, 0, 0);
    return QL_OK;
}

enum ql_code user_store_set_time_zone(struct ql_call *call, struct ql_pg_tx *tx,
                                      const char *user_id, const char *time_zone,
                                      const char **ret_before, int64_t *ret_starts_ms)
{
    const char *const parameters[] = {user_id, time_zone};
    struct ql_pg_rows rows;
    enum ql_code rc;

    rc = ql_pg_run(call, tx, &sql_user_set_time_zone, parameters, 2, &rows);
    if (rc != QL_OK)
        return rc;
    *ret_before = ql_pg_text(&rows, 0, 0);
    *ret_starts_ms = ql_pg_int64(&rows, 0, 1);
    return QL_OK;
}

enum ql_code user_store_list(struct ql_call *call, struct ql_pg_tx *tx, const char *after,
                             int limit, const char *user_name, struct user **ret_users,
                             size_t *ret_n_users)
{
    const char *const parameters[] = {after, ql_pg_from_int64(call, limit), user_name};
    struct ql_pg_rows rows;
    enum ql_code rc;

    if (user_name[0] == '\0')
        rc = ql_pg_run(call, tx, &sql_user_list, parameters, 2, &rows);
    else
        rc = ql_pg_run(call, tx, &sql_user_list_named, parameters, 3, &rows);
    if (rc != QL_OK)
        return rc;
    *ret_users = ql_pg_map(call, &rows, sizeof(**ret_users), user_from_row);
    *ret_n_users = rows.n_rows;
    return *ret_users == NULL ? ql_fail_memory(call) : QL_OK;
}

static void name_from_row(const struct ql_pg_rows *rows, size_t row, void *ret_element)
{
    *(struct user_name *)ret_element = (struct user_name){
        .user_id = ql_pg_text(rows, row, 0),
        .user_name = ql_pg_text(rows, row, 1),
    };
}

enum ql_code user_store_list_names(struct ql_call *call, struct ql_pg_tx *tx,
                                   const char *const *user_ids, size_t n_user_ids,
                                   struct user_name **ret_names, size_t *ret_n_names)
{
    const char *const parameters[] = {ql_pg_from_array(call, user_ids, n_user_ids)};
    struct ql_pg_rows rows;
    enum ql_code rc;

    rc = ql_pg_run(call, tx, &sql_user_list_profiles, parameters, 1, &rows);
    if (rc != QL_OK)
        return rc;
    *ret_names = ql_pg_map(call, &rows, sizeof(**ret_names), name_from_row);
    *ret_n_names = rows.n_rows;
    return *ret_names == NULL ? ql_fail_memory(call) : QL_OK;
}
