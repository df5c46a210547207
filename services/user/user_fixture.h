/* For the user service's tests: the service's struct on a database of its own,
 * with keys, and the calls that most tests make. */
#ifndef QL_USER_USER_FIXTURE_H
#define QL_USER_USER_FIXTURE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/rpc/testing/keys_fixture.h"
#include "questline/user/v1/server.h"
#include "services/testing/call.h"
#include "services/testing/database.h"
#include "services/user/user_service.h"

static struct test_database database;
static struct keys_fixture keys;
static struct user_service app;

/* The service on the database, which there is. */
static inline int test_user_open(void)
{
    keys_set_up(&keys);
    app.parts.signer = keys.user;
    app.parts.pg = ql_pg_pool_new(&(const struct ql_pg_pool_options){
        .url = database.run_url, .application_name = "test-run", .max_connections = 8});
    app.reward_terms = reward_terms_cache_new();
    app.settings.sessions = (struct session_rules){
        .idle_ms = 30 * 86400000LL, .life_ms = 90 * 86400000LL, .grace_ms = 10000};
    app.settings.hold_name_ms = 30 * 86400000LL;
    app.settings.quotas = (struct quota_rules){
        .window_ms = 900000,
        .limits = {[QUOTA_SIGN_UPS] = 100, [QUOTA_SIGN_INS] = 1000, [QUOTA_CHANGES] = 20}};
    app.settings.throttle = (struct throttle_rules){
        .window_ms = 900000,
        .limits = {[THROTTLE_PAIR] = 10, [THROTTLE_ACCOUNT] = 50, [THROTTLE_ADDRESS] = 100}};
    return app.parts.pg == NULL || app.reward_terms == NULL ? 1 : 0;
}

static inline int test_user_start(void)
{
    test_database_new(&database, user_service_migrations());
    return test_user_open();
}

static inline void test_user_stop(void)
{
    ql_pg_pool_free(app.parts.pg);
    reward_terms_cache_free(app.reward_terms);
    if (app.parts.signer != NULL)
        keys_tear_down(&keys);
}

static inline enum ql_code test_create_user(struct ql_call *call, const char *user_name,
                                            const char *password, CreateUserResponse *ret_out)
{
    CreateUserRequest in;

    CreateUserRequest_init(&in);
    CreateUserResponse_init(ret_out);
    in.user_name = (char *)user_name;
    in.password = (char *)password;
    return test_rpc(call, UserService_CreateUser_method, &in, ret_out);
}

static inline enum ql_code test_sign_in(struct ql_call *call, const char *user_name,
                                        const char *password, CreateSessionResponse *ret_out)
{
    CreateSessionRequest in;

    CreateSessionRequest_init(&in);
    CreateSessionResponse_init(ret_out);
    in.user_name = (char *)user_name;
    in.password = (char *)password;
    return test_rpc(call, SessionService_CreateSession_method, &in, ret_out);
}

/* An account without the slow hash of a password; nobody can sign in to it. */
static inline void test_user_insert(char ret_user_id[QL_UUID_SIZE])
{
    ql_uuid_new(ret_user_id);
    test_sql(&database,
             "INSERT INTO users (user_id, user_name, status, hashed_password) "
             "VALUES ('%s', '%s', 'NEW', '-')",
             ret_user_id, ret_user_id);
}

static inline int64_t test_n_announced(const char *event_type)
{
    return test_sql(&database, "SELECT count(*) FROM outbox WHERE event_type = '%s'", event_type);
}

#endif
