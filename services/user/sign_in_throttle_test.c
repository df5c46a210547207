/* Claims about sign-ins that fail often, on a real database. */
#include "services/user/user_fixture.h"

#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "questline/user/v1/server.h"
#include "services/user/throttle_store.h"

#define PASSWORD "correct horse"
#define HOME     "192.0.2.1"
#define ABROAD   "198.51.100.1"

/* Few enough for hashes that take their time. */
enum { PER_PAIR = 3, PER_ACCOUNT = 5, PER_ADDRESS = 6 };

static void make_user(const char *user_name)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    CreateUserResponse created;

    assert_int_equal(test_create_user(call, user_name, PASSWORD, &created), QL_OK);
}

static enum ql_code sign_in(const char *address, const char *user_name, const char *password)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    CreateSessionResponse out;
    enum ql_code rc;

    call->client_address = address;
    rc = test_sign_in(call, user_name, password, &out);
    if (rc == QL_RESOURCE_EXHAUSTED) {
        assert_string_equal(call->status.reason, "TOO_MANY_SIGN_INS");
        assert_in_range(call->status.retry_delay_ms, 800000, 900000);
    }
    return rc;
}

static void fail_times(const char *address, const char *user_name, int times)
{
    for (int i = 0; i < times; i++)
        assert_int_equal(sign_in(address, user_name, "wrong password"), QL_UNAUTHENTICATED);
}

static void end_windows(void)
{
    test_sql(&database, "UPDATE sign_in_failures SET ends_at = now()");
}

static void test_failures_at_one_address_refuse_even_the_right_password(void **state)
{
    (void)state;
    make_user("guessed");
    fail_times(ABROAD, "guessed", PER_PAIR);
    assert_int_equal(sign_in(ABROAD, "guessed", PASSWORD), QL_RESOURCE_EXHAUSTED);
    assert_int_equal(sign_in(ABROAD, "GUESSED", "wrong password"), QL_RESOURCE_EXHAUSTED);
    assert_int_equal(sign_in(HOME, "guessed", PASSWORD), QL_OK);
    end_windows();
    assert_int_equal(sign_in(ABROAD, "guessed", PASSWORD), QL_OK);
}

static void test_unknown_names_are_counted_as_known_ones(void **state)
{
    static const char *const names[] = {"nobody.at.all", "not a name"};

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(names); i++) {
        fail_times("203.0.113.9", names[i], PER_PAIR);
        assert_int_equal(sign_in("203.0.113.9", names[i], PASSWORD), QL_RESOURCE_EXHAUSTED);
        end_windows();
    }
}

static void test_success_forgives_the_failures_before_it(void **state)
{
    (void)state;
    make_user("clumsy");
    for (int i = 0; i < 2; i++) {
        fail_times(HOME, "clumsy", PER_PAIR - 1);
        assert_int_equal(sign_in(HOME, "clumsy", PASSWORD), QL_OK);
    }
    end_windows();
}

static void test_strangers_lock_an_account_for_strangers_alone(void **state)
{
    (void)state;
    make_user("famous");
    assert_int_equal(sign_in(HOME, "famous", PASSWORD), QL_OK);
    fail_times("198.51.100.1", "famous", PER_PAIR);
    fail_times("198.51.100.2", "famous", PER_ACCOUNT - PER_PAIR);
    assert_int_equal(sign_in("198.51.100.3", "famous", PASSWORD), QL_RESOURCE_EXHAUSTED);
    assert_int_equal(sign_in(NULL, "famous", PASSWORD), QL_RESOURCE_EXHAUSTED);
    assert_int_equal(sign_in(HOME, "famous", PASSWORD), QL_OK);
    /* At home one may fail as often as anywhere, and not more often. */
    fail_times(HOME, "famous", PER_PAIR);
    assert_int_equal(sign_in(HOME, "famous", PASSWORD), QL_RESOURCE_EXHAUSTED);
    end_windows();
}

static void test_address_that_tries_many_names_is_refused(void **state)
{
    char name[32];

    (void)state;
    make_user("neighbour");
    for (int i = 0; i < PER_ADDRESS; i++) {
        snprintf(name, sizeof(name), "name.%d", i);
        fail_times("2001:db8::1", name, 1);
    }
    assert_int_equal(sign_in("2001:db8::ffff", "neighbour", PASSWORD), QL_RESOURCE_EXHAUSTED);
    assert_int_equal(sign_in("2001:db8:0:1::1", "neighbour", PASSWORD), QL_OK);
    end_windows();
}

static void make_failures(const char *address, int times)
{
    char name[32];

    for (int i = 0; i < times; i++) {
        snprintf(name, sizeof(name), "name.%d", i);
        fail_times(address, name, 1);
    }
}

static void test_address_that_fails_does_not_shut_out_who_is_signed_in_there(void **state)
{
    (void)state;
    make_user("resident");
    make_user("visitor");
    assert_int_equal(sign_in(HOME, "resident", PASSWORD), QL_OK);
    make_failures(HOME, PER_ADDRESS);
    assert_int_equal(sign_in(HOME, "visitor", PASSWORD), QL_RESOURCE_EXHAUSTED);
    assert_int_equal(sign_in(HOME, "resident", PASSWORD), QL_OK);
    fail_times(HOME, "resident", PER_PAIR);
    assert_int_equal(sign_in(HOME, "resident", PASSWORD), QL_RESOURCE_EXHAUSTED);
    end_windows();
}

/* Changes the password to what it is, as its user does with a token. */
static enum ql_code change_password(const char *address, const char *user_id, const char *current)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    ChangePasswordResponse out;
    ChangePasswordRequest in;

    call->client_address = address;
    call->identity.role = QL_ROLE_USER;
    ChangePasswordRequest_init(&in);
    ChangePasswordResponse_init(&out);
    in.user_id = (char *)user_id;
    in.current_password = (char *)current;
    in.new_password = (char *)"battery staple";
    return test_rpc(call, UserService_ChangePassword_method, &in, &out);
}

static void begin_session(const char *user_name, char ret_user_id[QL_UUID_SIZE])
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    CreateSessionResponse out;

    assert_int_equal(test_sign_in(call, user_name, PASSWORD, &out), QL_OK);
    snprintf(ret_user_id, QL_UUID_SIZE, "%s", out.user->user_id);
}

static void test_who_has_a_token_is_not_bound_by_the_failures_of_strangers(void **state)
{
    char user_id[QL_UUID_SIZE];

    (void)state;
    make_user("signed.in");
    begin_session("signed.in", user_id);
    fail_times(ABROAD, "signed.in", PER_PAIR);
    fail_times("198.51.100.2", "signed.in", PER_ACCOUNT - PER_PAIR);
    make_failures(ABROAD, PER_ADDRESS - PER_PAIR);
    assert_int_equal(sign_in(ABROAD, "signed.in", PASSWORD), QL_RESOURCE_EXHAUSTED);
    assert_int_equal(change_password(ABROAD, user_id, PASSWORD), QL_OK);
    end_windows();
}

static void test_password_checks_that_fail_are_bounded_and_count_as_sign_ins(void **state)
{
    static const char *const places[] = {ABROAD, "198.51.100.2", "198.51.100.3"};
    char user_id[QL_UUID_SIZE];

    (void)state;
    make_user("borrowed");
    begin_session("borrowed", user_id);
    for (int i = 0; i < PER_PAIR; i++)
        assert_int_equal(change_password(ABROAD, user_id, "wrong password"), QL_PERMISSION_DENIED);
    assert_int_equal(change_password(ABROAD, user_id, PASSWORD), QL_RESOURCE_EXHAUSTED);
    assert_int_equal(sign_in(ABROAD, "borrowed", PASSWORD), QL_RESOURCE_EXHAUSTED);
    for (int i = PER_PAIR; i < PER_ACCOUNT; i++)
        assert_int_equal(change_password(places[1], user_id, "wrong password"),
                         QL_PERMISSION_DENIED);
    assert_int_equal(change_password(places[2], user_id, PASSWORD), QL_RESOURCE_EXHAUSTED);
    end_windows();
}

static void test_rows_are_digests_and_go_with_their_windows(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    bool has_more;

    (void)state;
    fail_times(HOME, "secretive", 1);
    assert_int_equal(test_sql(&database, "SELECT count(*) FROM sign_in_failures f "
                                         "WHERE f::text LIKE '%%secretive%%' OR f::text LIKE "
                                         "'%%" HOME "%%'"),
                     0);
    end_windows();
    test_sql(&database, "INSERT INTO sign_in_failures SELECT md5(n::text), 1, now() "
                        "FROM generate_series(1, 1200) n");
    assert_int_equal(throttle_store_purge(call, app.parts.pg, &has_more), QL_OK);
    assert_true(has_more);
    while (has_more)
        assert_int_equal(throttle_store_purge(call, app.parts.pg, &has_more), QL_OK);
    assert_int_equal(test_sql(&database, "SELECT count(*) FROM sign_in_failures"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_failures_at_one_address_refuse_even_the_right_password),
        cmocka_unit_test(test_unknown_names_are_counted_as_known_ones),
        cmocka_unit_test(test_success_forgives_the_failures_before_it),
        cmocka_unit_test(test_strangers_lock_an_account_for_strangers_alone),
        cmocka_unit_test(test_address_that_tries_many_names_is_refused),
        cmocka_unit_test(test_address_that_fails_does_not_shut_out_who_is_signed_in_there),
        cmocka_unit_test(test_who_has_a_token_is_not_bound_by_the_failures_of_strangers),
        cmocka_unit_test(test_password_checks_that_fail_are_bounded_and_count_as_sign_ins),
        cmocka_unit_test(test_rows_are_digests_and_go_with_their_windows),
    };
    int rc = test_user_start();

    app.settings.throttle = (struct throttle_rules){
        .window_ms = 900000,
        .limits = {[THROTTLE_PAIR] = PER_PAIR,
                   [THROTTLE_ACCOUNT] = PER_ACCOUNT,
                   [THROTTLE_ADDRESS] = PER_ADDRESS},
    };
    if (rc == 0)
        rc = cmocka_run_group_tests(tests, NULL, NULL);
    test_user_stop();
    return rc;
}
