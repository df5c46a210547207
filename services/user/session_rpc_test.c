/* Claims about signing in, on a real database. */
#include "services/user/user_fixture.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "platform/auth/refresh_token.h"
#include "questline/user/v1/server.h"

#define PASSWORD "correct horse"

enum { N_THREADS = 16 };

static void make_user(const char *user_name, char ret_user_id[QL_UUID_SIZE])
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    CreateUserResponse created;

    assert_int_equal(test_create_user(call, user_name, PASSWORD, &created), QL_OK);
    snprintf(ret_user_id, QL_UUID_SIZE, "%s", created.user->user_id);
}

static void test_first_sign_in_is_new_and_later_ones_are_not(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    int64_t n_new = test_n_announced(EVENT_NEW_USER_SIGN_IN),
            n_later = test_n_announced(EVENT_USER_SIGN_IN);
    CreateSessionResponse out;
    char user_id[QL_UUID_SIZE];

    (void)state;
    make_user("first.time", user_id);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(test_sign_in(call, "FIRST.time", PASSWORD, &out), QL_OK);
        assert_string_equal(out.user->user_id, user_id);
        assert_int_equal(out.user->status, USER_STATUS_ACTIVE);
        assert_int_equal(out.expires_in, 600);
        assert_int_equal(test_sql(&database,
                                  "SELECT count(*) FROM outbox WHERE event_id = '%s' "
                                  "AND event_type = '%s'",
                                  out.event_id,
                                  i == 0 ? EVENT_NEW_USER_SIGN_IN : EVENT_USER_SIGN_IN),
                         1);
    }
    assert_int_equal(test_n_announced(EVENT_NEW_USER_SIGN_IN), n_new + 1);
    assert_int_equal(test_n_announced(EVENT_USER_SIGN_IN), n_later + 2);
}

static void test_answer_holds_a_token_that_verifies_and_a_refresh_token_stored_hashed(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    unsigned char hash[QL_REFRESH_HASH_BYTES];
    char user_id[QL_UUID_SIZE], hash_hex[2 * QL_REFRESH_HASH_BYTES + 1];
    struct ql_identity identity;
    CreateSessionResponse out;

    (void)state;
    make_user("tokens", user_id);
    assert_int_equal(test_sign_in(call, "tokens", PASSWORD, &out), QL_OK);
    assert_int_equal(ql_verify_token(call, keys.verifier, out.access_token, &identity), QL_OK);
    assert_string_equal(identity.subject, user_id);
    assert_int_equal(identity.role, QL_ROLE_USER);
    ql_refresh_token_hash(out.refresh_token, hash);
    for (size_t i = 0; i < sizeof(hash); i++)
        snprintf(hash_hex + 2 * i, 3, "%02x", hash[i]);
    assert_int_equal(test_sql(&database,
                              "SELECT count(*) FROM sessions WHERE user_id = '%s' "
                              "AND refresh_hash = '\\x%s' "
                              "AND expires_at - created_at = interval '30 days'",
                              user_id, hash_hex),
                     1);
}

static void test_administrator_gets_an_administrators_token(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    struct ql_identity identity;
    CreateSessionResponse out;
    char user_id[QL_UUID_SIZE];

    (void)state;
    make_user("boss", user_id);
    test_sql(&database, "UPDATE users SET role = 'admin' WHERE user_id = '%s'", user_id);
    assert_int_equal(test_sign_in(call, "boss", PASSWORD, &out), QL_OK);
    assert_int_equal(ql_verify_token(call, keys.verifier, out.access_token, &identity), QL_OK);
    assert_int_equal(identity.role, QL_ROLE_ADMIN);
}

static void test_all_bad_credentials_are_refused_alike(void **state)
{
    static char huge[64 * 1024];
    const struct {
        const char *user_name, *password;
    } cases[] = {
        {"known", "wrong password"},
        {"unknown", PASSWORD},
        {"known", huge},
        {huge, PASSWORD},
        {"a b", "x"},
    };
    int64_t n_announced = test_sql(&database, "SELECT count(*) FROM outbox");
    char user_id[QL_UUID_SIZE];

    (void)state;
    make_user("known", user_id);
    memset(huge, 'x', sizeof(huge) - 1);
    for (size_t i = 0; i < QL_ARRAY_LENGTH(cases); i++) {
        QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
        CreateSessionResponse out;

        assert_int_equal(test_sign_in(call, cases[i].user_name, cases[i].password, &out),
                         QL_UNAUTHENTICATED);
        assert_string_equal(call->status.reason, "BAD_CREDENTIALS");
        assert_string_equal(call->status.message, "user name or password is wrong");
    }
    /* Only the account was announced. */
    assert_int_equal(test_sql(&database, "SELECT count(*) FROM outbox"), n_announced + 1);
}

/* Before anything is hashed: nothing is counted against the name either. */
static void test_an_empty_sign_in_names_its_fields(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    CreateSessionResponse out;

    (void)state;
    assert_int_equal(test_sign_in(call, "", "", &out), QL_INVALID_ARGUMENT);
    assert_int_equal(call->status.n_violations, 2);
    assert_string_equal(call->status.violations[0].field, "userName");
    assert_string_equal(call->status.violations[1].field, "password");
    assert_string_equal(call->status.violations[1].reason, "REQUIRED");
}

static void test_banned_user_is_refused_and_not_announced(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    CreateSessionResponse out;
    char user_id[QL_UUID_SIZE];
    int64_t n_announced;

    (void)state;
    make_user("banned", user_id);
    test_sql(&database, "UPDATE users SET status = 'BANNED' WHERE user_id = '%s'", user_id);
    n_announced = test_sql(&database, "SELECT count(*) FROM outbox");
    assert_int_equal(test_sign_in(call, "banned", PASSWORD, &out), QL_PERMISSION_DENIED);
    assert_string_equal(call->status.reason, "USER_BANNED");
    assert_int_equal(test_sql(&database, "SELECT count(*) FROM outbox"), n_announced);
    assert_int_equal(
        test_sql(&database, "SELECT count(*) FROM sessions WHERE user_id = '%s'", user_id), 0);
    /* With a wrong password nobody learns that the account is banned. */
    assert_int_equal(test_sign_in(call, "banned", "wrong password", &out), QL_UNAUTHENTICATED);
}

static void test_deleted_user_is_refused_like_an_unknown_name(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    CreateSessionResponse out;
    char user_id[QL_UUID_SIZE];

    (void)state;
    make_user("leaver", user_id);
    test_sql(&database, "UPDATE users SET status = 'DELETED' WHERE user_id = '%s'", user_id);
    assert_int_equal(test_sign_in(call, "leaver", PASSWORD, &out), QL_UNAUTHENTICATED);
    assert_string_equal(call->status.reason, "BAD_CREDENTIALS");
}

static void test_sessions_of_a_user_are_bounded_and_expired_ones_go(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    CreateSessionResponse out;
    char user_id[QL_UUID_SIZE];

    (void)state;
    make_user("collector", user_id);
    test_sql(&database,
             "INSERT INTO sessions SELECT gen_random_uuid(), '%s', sha256(n::text::bytea), "
             "now() - n * interval '1 minute', "
             "now() + CASE WHEN n %% 10 = 0 THEN -1 ELSE 1 END * interval '1 day' "
             "FROM generate_series(1, 150) n",
             user_id);
    assert_int_equal(test_sign_in(call, "collector", PASSWORD, &out), QL_OK);
    assert_in_range(
        test_sql(&database, "SELECT count(*) FROM sessions WHERE user_id = '%s'", user_id), 90,
        100);
    assert_int_equal(test_sql(&database,
                              "SELECT count(*) FROM sessions WHERE user_id = '%s' "
                              "AND expires_at < now()",
                              user_id),
                     0);
    /* The newest are kept: ours, and the one of a minute ago. */
    assert_int_equal(test_sql(&database,
                              "SELECT count(*) FROM sessions WHERE user_id = '%s' "
                              "AND created_at > now() - interval '90 seconds'",
                              user_id),
                     2);
}

static void *sign_in_thread(void *argument)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    CreateSessionResponse out;

    (void)argument;
    return test_sign_in(call, "crowd", PASSWORD, &out) == QL_OK ? call->app : NULL;
}

static void test_sign_ins_at_once_make_exactly_one_new_sign_in(void **state)
{
    int64_t n_new = test_n_announced(EVENT_NEW_USER_SIGN_IN),
            n_later = test_n_announced(EVENT_USER_SIGN_IN);
    pthread_t threads[N_THREADS];
    char user_id[QL_UUID_SIZE];
    void *succeeded;

    (void)state;
    make_user("crowd", user_id);
    for (int i = 0; i < N_THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, sign_in_thread, NULL), 0);
    for (int i = 0; i < N_THREADS; i++) {
        pthread_join(threads[i], &succeeded);
        assert_non_null(succeeded);
    }
    assert_int_equal(test_n_announced(EVENT_NEW_USER_SIGN_IN), n_new + 1);
    assert_int_equal(test_n_announced(EVENT_USER_SIGN_IN), n_later + N_THREADS - 1);
    /* The new one left first. */
    assert_int_equal(test_sql(&database, "SELECT ((SELECT max(id) FROM outbox "
                                         "WHERE event_type = 'NewUserSignIn') < (SELECT min(id) "
                                         "FROM outbox WHERE event_type = 'UserSignIn' AND id > "
                                         "(SELECT max(id) FROM outbox WHERE event_type = "
                                         "'UserRegistered')))::int"),
                     1);
    assert_int_equal(
        test_sql(&database, "SELECT count(*) FROM sessions WHERE user_id = '%s'", user_id),
        N_THREADS);
}

/* Signs in with the Idempotency-Key "once". */
static enum ql_code sign_in_once(struct ql_call *call, const char *user_name,
                                 CreateSessionResponse *ret_out)
{
    call->idempotency_key = "once";
    call->is_replayed = false;
    return test_sign_in(call, user_name, PASSWORD, ret_out);
}

static void turn(char token[QL_REFRESH_TOKEN_SIZE])
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    RefreshSessionRequest in;
    RefreshSessionResponse out;

    RefreshSessionRequest_init(&in);
    RefreshSessionResponse_init(&out);
    in.refresh_token = token;
    assert_int_equal(test_rpc(call, SessionService_RefreshSession_method, &in, &out), QL_OK);
    snprintf(token, QL_REFRESH_TOKEN_SIZE, "%s", out.refresh_token);
}

static void sign_out(const char *token, bool everywhere)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    SignOutRequest in;
    SignOutResponse out;

    SignOutRequest_init(&in);
    SignOutResponse_init(&out);
    in.refresh_token = (char *)token;
    in.everywhere = everywhere;
    assert_int_equal(test_rpc(call, SessionService_SignOut_method, &in, &out), QL_OK);
}

static void test_repeated_sign_in_is_answered_with_a_token_of_its_session(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    struct ql_identity first_identity, identity;
    CreateSessionResponse first, again;
    char user_id[QL_UUID_SIZE];

    (void)state;
    make_user("repeater", user_id);
    assert_int_equal(sign_in_once(call, "repeater", &first), QL_OK);
    assert_int_equal(sign_in_once(call, "repeater", &again), QL_OK);
    assert_true(call->is_replayed);
    assert_string_equal(again.refresh_token, first.refresh_token);
    assert_int_equal(ql_verify_token(call, keys.verifier, first.access_token, &first_identity),
                     QL_OK);
    assert_int_equal(ql_verify_token(call, keys.verifier, again.access_token, &identity), QL_OK);
    assert_string_equal(identity.session_id, first_identity.session_id);
    assert_int_equal(strlen(identity.session_id), QL_UUID_SIZE - 1);
}

static void test_repeated_sign_in_whose_session_has_ended_is_refused(void **state)
{
    static const char *const names[] = {"ended.alone", "ended.all", "ended.idle", "ended.purged"};

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(names); i++) {
        QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
        CreateSessionResponse first, again;
        char user_id[QL_UUID_SIZE];

        make_user(names[i], user_id);
        assert_int_equal(sign_in_once(call, names[i], &first), QL_OK);
        if (i < 2)
            sign_out(first.refresh_token, i == 1);
        else if (i == 2)
            test_sql(&database, "UPDATE sessions SET expires_at = now() WHERE user_id = '%s'",
                     user_id);
        else
            test_sql(&database, "DELETE FROM sessions WHERE user_id = '%s'", user_id);
        assert_int_equal(sign_in_once(call, names[i], &again), QL_UNAUTHENTICATED);
        assert_string_equal(call->status.reason, "SESSION_ENDED");
        call->idempotency_key = "another";
        assert_int_equal(test_sign_in(call, names[i], PASSWORD, &again), QL_OK);
    }
}

/* Within the grace and beyond it: the answer of the first time holds a token that
 * ends the session. */
static void test_repeated_sign_in_whose_session_went_on_is_refused_and_ends_nothing(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    CreateSessionResponse first, again;
    char token[QL_REFRESH_TOKEN_SIZE], user_id[QL_UUID_SIZE];

    (void)state;
    make_user("went.on", user_id);
    assert_int_equal(sign_in_once(call, "went.on", &first), QL_OK);
    snprintf(token, sizeof(token), "%s", first.refresh_token);
    for (int i = 0; i < 2; i++) {
        turn(token);
        assert_int_equal(sign_in_once(call, "went.on", &again), QL_ALREADY_EXISTS);
        assert_string_equal(call->status.reason, "SESSION_REFRESHED");
        test_sql(&database,
                 "UPDATE sessions SET turned_at = turned_at - interval '11 seconds' "
                 "WHERE user_id = '%s'",
                 user_id);
    }
    turn(token); /* the session lives */
}

/* The access token of a repetition is younger than its session. */
static void test_sign_out_revokes_the_token_of_a_repeated_sign_in(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    CreateSessionResponse first, again;
    char user_id[QL_UUID_SIZE];
    int64_t n_revoked;

    (void)state;
    make_user("late.repeat", user_id);
    assert_int_equal(sign_in_once(call, "late.repeat", &first), QL_OK);
    test_sql(&database,
             "UPDATE sessions SET created_at = created_at - interval '1 hour' "
             "WHERE user_id = '%s'",
             user_id);
    assert_int_equal(sign_in_once(call, "late.repeat", &again), QL_OK);
    n_revoked = test_n_announced(EVENT_TOKENS_REVOKED);
    sign_out(first.refresh_token, false);
    assert_int_equal(test_n_announced(EVENT_TOKENS_REVOKED), n_revoked + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first_sign_in_is_new_and_later_ones_are_not),
        cmocka_unit_test(test_answer_holds_a_token_that_verifies_and_a_refresh_token_stored_hashed),
        cmocka_unit_test(test_administrator_gets_an_administrators_token),
        cmocka_unit_test(test_all_bad_credentials_are_refused_alike),
        cmocka_unit_test(test_an_empty_sign_in_names_its_fields),
        cmocka_unit_test(test_banned_user_is_refused_and_not_announced),
        cmocka_unit_test(test_deleted_user_is_refused_like_an_unknown_name),
        cmocka_unit_test(test_sessions_of_a_user_are_bounded_and_expired_ones_go),
        cmocka_unit_test(test_sign_ins_at_once_make_exactly_one_new_sign_in),
        cmocka_unit_test(test_repeated_sign_in_is_answered_with_a_token_of_its_session),
        cmocka_unit_test(test_repeated_sign_in_whose_session_has_ended_is_refused),
        cmocka_unit_test(test_repeated_sign_in_whose_session_went_on_is_refused_and_ends_nothing),
        cmocka_unit_test(test_sign_out_revokes_the_token_of_a_repeated_sign_in),
    };
    int rc = test_user_start();

    if (rc == 0)
        rc = cmocka_run_group_tests(tests, NULL, NULL);
    test_user_stop();
    return rc;
}
