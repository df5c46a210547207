/* Claims about going on with a session and ending it, on a real database. */
#include "services/user/user_fixture.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "questline/user/v1/server.h"
#include "services/user/session_store.h"

#define PASSWORD "correct horse"

enum { N_THREADS = 16 };

/* A user with one session, and its first refresh token. */
struct signed_in {
    char user_id[QL_UUID_SIZE];
    char token[QL_REFRESH_TOKEN_SIZE];
};

static enum ql_code refresh(struct ql_call *call, const char *token,
                            RefreshSessionResponse *ret_out)
{
    RefreshSessionRequest in;

    RefreshSessionRequest_init(&in);
    RefreshSessionResponse_init(ret_out);
    in.refresh_token = (char *)token;
    return test_rpc(call, SessionService_RefreshSession_method, &in, ret_out);
}

static void sign_out(const char *token, bool everywhere)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    SignOutResponse out;
    SignOutRequest in;

    SignOutRequest_init(&in);
    SignOutResponse_init(&out);
    in.refresh_token = (char *)token;
    in.everywhere = everywhere;
    assert_int_equal(test_rpc(call, SessionService_SignOut_method, &in, &out), QL_OK);
}

/* Another session of a user of that name. */
static void begin_session(const char *user_name, struct signed_in *ret)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    CreateSessionResponse out;

    assert_int_equal(test_sign_in(call, user_name, PASSWORD, &out), QL_OK);
    snprintf(ret->user_id, sizeof(ret->user_id), "%s", out.user->user_id);
    snprintf(ret->token, sizeof(ret->token), "%s", out.refresh_token);
}

static void begin(const char *user_name, struct signed_in *ret)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    CreateUserResponse created;

    assert_int_equal(test_create_user(call, user_name, PASSWORD, &created), QL_OK);
    begin_session(user_name, ret);
}

/* The next token, which must be answered. */
static void turn(const char *token, char ret_next[QL_REFRESH_TOKEN_SIZE])
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    RefreshSessionResponse out;

    assert_int_equal(refresh(call, token, &out), QL_OK);
    snprintf(ret_next, QL_REFRESH_TOKEN_SIZE, "%s", out.refresh_token);
}

static void assert_refused(const char *token, enum ql_code code, const char *reason)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    RefreshSessionResponse out;

    assert_int_equal(refresh(call, token, &out), code);
    assert_string_equal(call->status.reason, reason);
}

static int64_t n_sessions(const char *user_id)
{
    return test_sql(&database, "SELECT count(*) FROM sessions WHERE user_id = '%s'", user_id);
}

static void pass_the_grace(const char *user_id)
{
    test_sql(&database,
             "UPDATE sessions SET turned_at = turned_at - interval '11 seconds' "
             "WHERE user_id = '%s'",
             user_id);
}

static void test_each_refresh_gives_new_tokens_and_announces_nothing(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    char last[QL_REFRESH_TOKEN_SIZE];
    struct ql_identity identity;
    RefreshSessionResponse out;
    struct signed_in user;
    int64_t n_announced;

    (void)state;
    begin("turner", &user);
    n_announced = test_sql(&database, "SELECT count(*) FROM outbox");
    memcpy(last, user.token, sizeof(last));
    for (int i = 0; i < 3; i++) {
        assert_int_equal(refresh(call, last, &out), QL_OK);
        assert_string_not_equal(out.refresh_token, last);
        assert_int_equal(out.expires_in, 600);
        assert_int_equal(ql_verify_token(call, keys.verifier, out.access_token, &identity), QL_OK);
        assert_string_equal(identity.subject, user.user_id);
        assert_int_equal(test_sql(&database,
                                  "SELECT count(*) FROM sessions s WHERE s::text LIKE '%%%s%%'",
                                  out.refresh_token),
                         0);
        snprintf(last, sizeof(last), "%s", out.refresh_token);
        pass_the_grace(user.user_id);
    }
    assert_int_equal(n_sessions(user.user_id), 1);
    assert_int_equal(test_sql(&database, "SELECT count(*) FROM outbox"), n_announced);
}

static void test_two_tabs_with_one_token_go_on_with_the_same_next_one(void **state)
{
    char first[QL_REFRESH_TOKEN_SIZE], second[QL_REFRESH_TOKEN_SIZE], third[QL_REFRESH_TOKEN_SIZE];
    struct signed_in user;

    (void)state;
    begin("two.tabs", &user);
    turn(user.token, first);
    turn(user.token, second);
    assert_string_equal(second, first);
    pass_the_grace(user.user_id);
    turn(first, third);
    assert_string_not_equal(third, first);
}

static void test_token_reused_after_the_grace_ends_the_session_for_both(void **state)
{
    int64_t n_revoked = test_n_announced(EVENT_TOKENS_REVOKED);
    char next[QL_REFRESH_TOKEN_SIZE];
    struct signed_in user, other;

    (void)state;
    begin("stolen", &user);
    begin_session("stolen", &other);
    turn(user.token, next);
    pass_the_grace(user.user_id);
    assert_refused(user.token, QL_UNAUTHENTICATED, "REFRESH_TOKEN_REUSED");
    assert_int_equal(test_n_announced(EVENT_TOKENS_REVOKED), n_revoked + 1);
    assert_refused(next, QL_UNAUTHENTICATED, "SESSION_ENDED");
    assert_refused(user.token, QL_UNAUTHENTICATED, "SESSION_ENDED");
    turn(other.token, next); /* another session of the user is another matter */
}

/* A front end's tabs share one token: each sends what lies there and puts what it
 * gets in its place, the slow ones over that of the quick ones. */
static void test_every_token_within_the_grace_goes_on(void **state)
{
    char next[QL_REFRESH_TOKEN_SIZE], answered[QL_REFRESH_TOKEN_SIZE];
    struct signed_in user;

    (void)state;
    begin("hasty", &user);
    turn(user.token, next);
    for (int i = 0; i < 5; i++) {
        turn(next, answered);
        assert_string_equal(answered, next);
        turn(user.token, answered);
        assert_string_equal(answered, next);
    }
    pass_the_grace(user.user_id);
    turn(next, answered);
    assert_string_not_equal(answered, next);
    turn(next, next);
    assert_string_equal(answered, next);
    assert_refused(user.token, QL_UNAUTHENTICATED, "REFRESH_TOKEN_REUSED");
    assert_int_equal(n_sessions(user.user_id), 0);
}

static void *refresh_thread(void *token)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    RefreshSessionResponse out;

    return refresh(call, token, &out) == QL_OK ? strdup(out.refresh_token) : NULL;
}

static void test_refreshes_at_once_are_answered_alike(void **state)
{
    pthread_t threads[N_THREADS];
    struct signed_in user;
    char *first = NULL;
    void *answered;

    (void)state;
    begin("race", &user);
    for (int i = 0; i < N_THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, refresh_thread, user.token), 0);
    for (int i = 0; i < N_THREADS; i++) {
        pthread_join(threads[i], &answered);
        assert_non_null(answered);
        if (first == NULL) {
            first = answered;
            continue;
        }
        assert_string_equal(answered, first);
        free(answered);
    }
    turn(first, first);
    free(first);
}

static void test_sessions_end_by_idling_and_altogether(void **state)
{
    char next[QL_REFRESH_TOKEN_SIZE];
    struct signed_in user;

    (void)state;
    begin("sleeper", &user);
    test_sql(&database,
             "UPDATE sessions SET created_at = now() - interval '20 days', "
             "expires_at = now() + interval '1 second' WHERE user_id = '%s'",
             user.user_id);
    turn(user.token, next);
    assert_int_equal(test_sql(&database,
                              "SELECT count(*) FROM sessions WHERE user_id = '%s' "
                              "AND expires_at > now() + interval '29 days'",
                              user.user_id),
                     1);
    test_sql(&database,
             "UPDATE sessions SET created_at = now() - interval '80 days' WHERE user_id = '%s'",
             user.user_id);
    pass_the_grace(user.user_id);
    turn(next, next);
    assert_int_equal(test_sql(&database,
                              "SELECT count(*) FROM sessions WHERE user_id = '%s' "
                              "AND expires_at = created_at + interval '90 days'",
                              user.user_id),
                     1);
    test_sql(&database, "UPDATE sessions SET expires_at = now() WHERE user_id = '%s'",
             user.user_id);
    assert_refused(next, QL_UNAUTHENTICATED, "SESSION_ENDED");
}

static void test_banned_and_deleted_users_do_not_go_on(void **state)
{
    char next[QL_REFRESH_TOKEN_SIZE];
    struct signed_in user;

    (void)state;
    begin("outcast", &user);
    test_sql(&database, "UPDATE users SET status = 'BANNED' WHERE user_id = '%s'", user.user_id);
    assert_refused(user.token, QL_PERMISSION_DENIED, "USER_BANNED");
    test_sql(&database, "UPDATE users SET status = 'DELETED' WHERE user_id = '%s'", user.user_id);
    assert_refused(user.token, QL_UNAUTHENTICATED, "SESSION_ENDED");
    /* What was refused has used no token up. */
    test_sql(&database, "UPDATE users SET status = 'ACTIVE' WHERE user_id = '%s'", user.user_id);
    turn(user.token, next);
}

static void test_refresh_gives_the_role_of_now(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    struct ql_identity identity;
    RefreshSessionResponse out;
    struct signed_in user;

    (void)state;
    begin("riser", &user);
    test_sql(&database, "UPDATE users SET role = 'admin' WHERE user_id = '%s'", user.user_id);
    assert_int_equal(refresh(call, user.token, &out), QL_OK);
    assert_int_equal(ql_verify_token(call, keys.verifier, out.access_token, &identity), QL_OK);
    assert_int_equal(identity.role, QL_ROLE_ADMIN);
}

static void test_what_is_no_token_is_refused_alike(void **state)
{
    static char huge[64 * 1024];
    const char *const tokens[] = {
        "x", "' OR 1=1", huge, "0000000000000000000000000000000000000000000000000000000000000000"};

    (void)state;
    memset(huge, 'a', sizeof(huge) - 1);
    for (size_t i = 0; i < QL_ARRAY_LENGTH(tokens); i++) {
        assert_refused(tokens[i], QL_UNAUTHENTICATED, "SESSION_ENDED");
        sign_out(tokens[i], i % 2 == 0);
    }
    assert_refused("", QL_INVALID_ARGUMENT, "INVALID_FIELD");
}

static void test_sign_out_ends_its_session_alone_and_twice_is_once(void **state)
{
    int64_t n_revoked = test_n_announced(EVENT_TOKENS_REVOKED);
    struct signed_in user, other;
    char next[QL_REFRESH_TOKEN_SIZE];

    (void)state;
    begin("leaver", &user);
    begin_session("leaver", &other);
    turn(user.token, next);
    sign_out(user.token, false); /* any token of the session will do */
    sign_out(user.token, false);
    assert_int_equal(test_n_announced(EVENT_TOKENS_REVOKED), n_revoked + 1);
    assert_refused(next, QL_UNAUTHENTICATED, "SESSION_ENDED");
    turn(other.token, next);
}

/* No access token of such a session can be good still: nothing is announced. */
static void test_sign_out_of_an_old_session_revokes_nothing(void **state)
{
    int64_t n_revoked = test_n_announced(EVENT_TOKENS_REVOKED);
    struct signed_in user;

    (void)state;
    begin("forgetful", &user);
    test_sql(&database,
             "UPDATE sessions SET created_at = created_at - interval '12 minutes' "
             "WHERE user_id = '%s'",
             user.user_id);
    sign_out(user.token, false);
    assert_int_equal(n_sessions(user.user_id), 0);
    assert_int_equal(test_n_announced(EVENT_TOKENS_REVOKED), n_revoked);
}

static void test_sign_out_everywhere_needs_the_newest_token(void **state)
{
    int64_t n_revoked = test_n_announced(EVENT_TOKENS_REVOKED);
    struct signed_in user, other;
    char next[QL_REFRESH_TOKEN_SIZE];

    (void)state;
    begin("everywhere", &user);
    begin_session("everywhere", &other);
    turn(user.token, next);
    pass_the_grace(user.user_id);
    sign_out(user.token, true);
    assert_refused(next, QL_UNAUTHENTICATED, "SESSION_ENDED");
    assert_int_equal(n_sessions(user.user_id), 1);
    begin_session("everywhere", &user);
    sign_out(other.token, true);
    assert_int_equal(n_sessions(user.user_id), 0);
    assert_int_equal(test_n_announced(EVENT_TOKENS_REVOKED), n_revoked + 2);
    assert_int_equal(test_sql(&database, "SELECT token_generation FROM users WHERE user_id = '%s'",
                              user.user_id),
                     1);
}

static void test_expired_sessions_are_removed_in_bounded_turns(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    struct signed_in user;
    bool has_more = false;

    (void)state;
    begin("expired", &user);
    assert_int_equal(session_store_purge(call, app.parts.pg, &has_more), QL_OK); /* of others */
    test_sql(&database,
             "INSERT INTO sessions SELECT gen_random_uuid(), '%s', sha256(n::text::bytea), "
             "now(), now() - interval '1 second' FROM generate_series(1, 1500) n",
             user.user_id);
    assert_int_equal(session_store_purge(call, app.parts.pg, &has_more), QL_OK);
    assert_true(has_more);
    assert_int_equal(n_sessions(user.user_id), 501);
    assert_int_equal(session_store_purge(call, app.parts.pg, &has_more), QL_OK);
    assert_false(has_more);
    assert_int_equal(n_sessions(user.user_id), 1);
    turn(user.token, user.token);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_refresh_gives_new_tokens_and_announces_nothing),
        cmocka_unit_test(test_two_tabs_with_one_token_go_on_with_the_same_next_one),
        cmocka_unit_test(test_token_reused_after_the_grace_ends_the_session_for_both),
        cmocka_unit_test(test_every_token_within_the_grace_goes_on),
        cmocka_unit_test(test_refreshes_at_once_are_answered_alike),
        cmocka_unit_test(test_sessions_end_by_idling_and_altogether),
        cmocka_unit_test(test_banned_and_deleted_users_do_not_go_on),
        cmocka_unit_test(test_refresh_gives_the_role_of_now),
        cmocka_unit_test(test_what_is_no_token_is_refused_alike),
        cmocka_unit_test(test_sign_out_ends_its_session_alone_and_twice_is_once),
        cmocka_unit_test(test_sign_out_of_an_old_session_revokes_nothing),
        cmocka_unit_test(test_sign_out_everywhere_needs_the_newest_token),
        cmocka_unit_test(test_expired_sessions_are_removed_in_bounded_turns),
    };
    int rc = test_user_start();

    if (rc == 0)
        rc = cmocka_run_group_tests(tests, NULL, NULL);
    test_user_stop();
    return rc;
}
