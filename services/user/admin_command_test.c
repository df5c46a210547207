/* Claims about making the first administrator. */
#include "services/user/admin_command.h"
#include "services/user/user_fixture.h"

#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

static enum ql_code make_admin(const char *name, struct ql_call *call)
{
    app.admin_name = name;
    return admin_command_run(call, &app);
}

static void test_user_of_a_name_administers_from_then_on(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    CreateUserResponse created;
    struct ql_identity identity;
    CreateSessionResponse session;

    (void)state;
    assert_int_equal(test_create_user(call, "First", "correct horse", &created), QL_OK);
    for (int i = 0; i < 2; i++)
        assert_int_equal(make_admin("first", call), QL_OK);
    assert_int_equal(test_sign_in(call, "first", "correct horse", &session), QL_OK);
    assert_int_equal(ql_verify_token(call, keys.verifier, session.access_token, &identity), QL_OK);
    assert_int_equal(identity.role, QL_ROLE_ADMIN);
    assert_int_equal(test_sql(&database, "SELECT count(*) FROM users WHERE role = 'admin'"), 1);
}

static void test_unknown_and_banned_users_do_not(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    char user_id[QL_UUID_SIZE];

    (void)state;
    assert_int_equal(make_admin("nobody", call), QL_NOT_FOUND);
    assert_int_equal(make_admin("", call), QL_NOT_FOUND);
    test_user_insert(user_id);
    test_sql(&database, "UPDATE users SET status = 'BANNED' WHERE user_id = '%s'", user_id);
    assert_int_equal(make_admin(user_id, call), QL_FAILED_PRECONDITION);
    assert_string_equal(call->status.reason, "USER_NOT_ALLOWED");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_user_of_a_name_administers_from_then_on),
        cmocka_unit_test(test_unknown_and_banned_users_do_not),
    };
    int rc = test_user_start();

    if (rc == 0)
        rc = cmocka_run_group_tests(tests, NULL, NULL);
    test_user_stop();
    return rc;
}
