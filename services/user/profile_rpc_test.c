/* Tests of the names that everybody may see, on a real database. */
#include "questline/user/v1/server.h"
#include "services/user/user_fixture.h"

#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

static enum ql_code get_profiles(struct ql_call *call, char **user_ids, size_t n_user_ids,
                                 BatchGetProfilesResponse *ret_out)
{
    BatchGetProfilesRequest in;

    BatchGetProfilesRequest_init(&in);
    BatchGetProfilesResponse_init(ret_out);
    in.user_ids = user_ids;
    in.n_user_ids = n_user_ids;
    return test_rpc(call, ProfileService_BatchGetProfiles_method, &in, ret_out);
}

static void test_names_come_by_id_without_the_unknown_and_the_deleted(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    char unknown[] = "018f0000-0000-7000-8000-00000000dead";
    CreateUserResponse ada, bob, gone;
    BatchGetProfilesResponse out;

    (void)state;
    assert_int_equal(test_create_user(call, "ada", "correct horse", &ada), QL_OK);
    assert_int_equal(test_create_user(call, "bob", "correct horse", &bob), QL_OK);
    assert_int_equal(test_create_user(call, "gone", "correct horse", &gone), QL_OK);
    test_sql(&database, "UPDATE users SET status = 'DELETED' WHERE user_id = '%s'",
             gone.user->user_id);
    assert_int_equal(get_profiles(call,
                                  (char *[]){bob.user->user_id, gone.user->user_id, unknown,
                                             ada.user->user_id, bob.user->user_id},
                                  5, &out),
                     QL_OK);
    assert_int_equal(out.n_profiles, 2);
    for (size_t i = 0; i < 2; i++) {
        const User *user =
            strcmp(out.profiles[i]->user_id, ada.user->user_id) == 0 ? ada.user : bob.user;

        assert_string_equal(out.profiles[i]->user_id, user->user_id);
        assert_string_equal(out.profiles[i]->user_name, user->user_name);
    }
    assert_true(strcmp(out.profiles[0]->user_id, out.profiles[1]->user_id) < 0);
}

static void test_none_and_more_than_a_hundred_are_refused(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    char id[] = "018f0000-0000-7000-8000-00000000dead", bad[] = "ada";
    char *ids[101];
    BatchGetProfilesResponse out;

    (void)state;
    for (size_t i = 0; i < 101; i++)
        ids[i] = id;
    assert_int_equal(get_profiles(call, ids, 100, &out), QL_OK);
    assert_int_equal(get_profiles(call, ids, 101, &out), QL_INVALID_ARGUMENT);
    assert_int_equal(get_profiles(call, ids, 0, &out), QL_INVALID_ARGUMENT);
    assert_int_equal(get_profiles(call, (char *[]){bad}, 1, &out), QL_INVALID_ARGUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_come_by_id_without_the_unknown_and_the_deleted),
        cmocka_unit_test(test_none_and_more_than_a_hundred_are_refused),
    };
    int rc = test_user_start();

    if (rc == 0)
        rc = cmocka_run_group_tests(tests, NULL, NULL);
    test_user_stop();
    return rc;
}
