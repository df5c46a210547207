/* Claims about the demo data. */
#include "questline/user/v1/names.h"
#include "services/user/demo.h"
#include "services/user/user_fixture.h"

#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

static void test_seeding_twice_makes_one_player_and_one_administrator(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    CreateSessionResponse out;

    (void)state;
    assert_int_equal(demo_seed(call, &app), QL_OK);
    assert_int_equal(demo_seed(call, &app), QL_OK);
    assert_int_equal(test_sql(&database, "SELECT count(*) FROM users WHERE status = 'NEW'"), 2);
    assert_int_equal(test_sql(&database, "SELECT count(*) FROM users WHERE role = 'admin' "
                                         "AND user_name = 'admin'"),
                     1);
    assert_int_equal(test_n_announced(EVENT_USER_REGISTERED), 2);
    assert_int_equal(test_sign_in(call, "user", "password", &out), QL_OK);
    assert_int_equal(test_sign_in(call, "admin", "password", &out), QL_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_seeding_twice_makes_one_player_and_one_administrator),
    };
    int rc = test_user_start();

    if (rc == 0)
        rc = cmocka_run_group_tests(tests, NULL, NULL);
    test_user_stop();
    return rc;
}
