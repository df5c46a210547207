/* Claims about signing up and looking at users, on a real database. */
#include "questline/user/v1/server.h"
#include "services/user/user_fixture.h"

#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

static enum ql_code get(struct ql_call *call, const char *user_id, GetUserResponse *ret_out)
{
    GetUserRequest in;

    GetUserRequest_init(&in);
    GetUserResponse_init(ret_out);
    in.user_id = (char *)user_id;
    return test_rpc(call, UserService_GetUser_method, &in, ret_out);
}

static enum ql_code list(struct ql_call *call, int32_t page_size, const char *page_token,
                         const char *user_name, ListUsersResponse *ret_out)
{
    ListUsersRequest in;

    ListUsersRequest_init(&in);
    ListUsersResponse_init(ret_out);
    in.page_size = page_size;
    in.page_token = (char *)page_token;
    in.user_name = (char *)user_name;
    return test_rpc(call, UserService_ListUsers_method, &in, ret_out);
}

static void test_new_user_is_stored_and_announced_together(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    int64_t announced = test_n_announced(EVENT_USER_REGISTERED);
    CreateUserResponse created;
    GetUserResponse read;

    (void)state;
    assert_int_equal(test_create_user(call, "Alice", "correct horse", &created), QL_OK);
    assert_int_equal(created.user->status, USER_STATUS_NEW);
    assert_string_equal(created.user->time_zone, "UTC");
    assert_int_equal(test_n_announced(EVENT_USER_REGISTERED), announced + 1);
    assert_int_equal(get(call, created.user->user_id, &read), QL_OK);
    assert_string_equal(read.user->user_name, "Alice");
    assert_int_equal(read.user->gold, 0);
    assert_int_equal(read.user->diamond, 0);
    assert_int_equal(read.user->status, USER_STATUS_NEW);
    assert_int_equal(test_sql(&database,
                              "SELECT count(*) FROM users WHERE user_name = 'Alice' "
                              "AND role = 'user' AND hashed_password LIKE '$argon2id$%%'"),
                     1);
}

static void test_name_in_another_case_is_taken_and_announces_nothing(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    CreateUserResponse created;
    int64_t announced;

    (void)state;
    assert_int_equal(test_create_user(call, "Bob", "correct horse", &created), QL_OK);
    announced = test_n_announced(EVENT_USER_REGISTERED);
    assert_int_equal(test_create_user(call, "bOB", "correct horse", &created), QL_ALREADY_EXISTS);
    assert_string_equal(call->status.reason, "USER_NAME_TAKEN");
    assert_int_equal(test_n_announced(EVENT_USER_REGISTERED), announced);
}

static void test_bad_wish_names_its_fields(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    CreateUserResponse created;

    (void)state;
    assert_int_equal(test_create_user(call, "no blanks", "short", &created), QL_INVALID_ARGUMENT);
    assert_int_equal(call->status.n_violations, 2);
}

static void test_unknown_user_is_not_found_whatever_the_id(void **state)
{
    static const char *const ids[] = {"018f0000-0000-7000-8000-00000000dead", "me", "", "' OR 1=1"};
    GetUserResponse read;

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(ids); i++) {
        QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);

        assert_int_equal(get(call, ids[i], &read), QL_NOT_FOUND);
        assert_string_equal(call->status.reason, "USER_NOT_FOUND");
    }
}

static enum ql_code update(struct ql_call *call, const char *user_id, const char *time_zone,
                           const char *path, UpdateUserResponse *ret_out)
{
    Google__Protobuf__FieldMask mask = GOOGLE__PROTOBUF__FIELD_MASK__INIT;
    char *paths[] = {(char *)path};
    UpdateUserRequest in;
    User user;

    UpdateUserRequest_init(&in);
    UpdateUserResponse_init(ret_out);
    User_init(&user);
    user.time_zone = (char *)time_zone;
    user.gold = path != NULL && strcmp(path, "gold") == 0 ? 1000000 : 0; /* nobody sets it */
    in.user_id = (char *)user_id;
    in.user = &user;
    mask.paths = paths;
    mask.n_paths = 1;
    in.update_mask = path == NULL ? NULL : &mask;
    return test_rpc(call, UserService_UpdateUser_method, &in, ret_out);
}

/* Whether the user's zone begins at the next midnight of the zone in force. */
static bool zone_begins(const char *user_id, const char *zone_before)
{
    return test_sql(
               &database,
               "SELECT (zone_before = '%s' AND zone_starts_at > now() AND zone_starts_at <= now()"
               " + interval '26 hours' AND (zone_starts_at AT TIME ZONE zone_before)::time ="
               " '00:00')::int FROM users WHERE user_id = '%s'",
               zone_before, user_id) == 1;
}

/* By the zone in force until then, of however many changes. */
static void test_changed_zone_begins_at_the_next_midnight(void **state)
{
    static const char *const zones[] = {"Pacific/Kiritimati", "Pacific/Honolulu", "Europe/Berlin"};
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    char user_id[QL_UUID_SIZE];
    UpdateUserResponse out;

    (void)state;
    test_user_insert(user_id);
    for (size_t i = 0; i < QL_ARRAY_LENGTH(zones); i++) {
        assert_int_equal(update(call, user_id, zones[i], "time_zone", &out), QL_OK);
        assert_true(zone_begins(user_id, "UTC"));
    }
    (void)test_sql(&database,
                   "UPDATE users SET zone_starts_at = now() WHERE user_id = '%s' RETURNING 1",
                   user_id);
    assert_int_equal(update(call, user_id, "Asia/Tokyo", "time_zone", &out), QL_OK);
    assert_true(zone_begins(user_id, "Europe/Berlin"));
}

static void test_time_zone_is_changed_and_announced_once(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    int64_t announced = test_n_announced(EVENT_USER_CHANGED);
    char user_id[QL_UUID_SIZE];
    UpdateUserResponse out;
    GetUserResponse read;

    (void)state;
    test_user_insert(user_id);
    assert_int_equal(update(call, user_id, "UTC", NULL, &out), QL_OK);
    assert_int_equal(test_n_announced(EVENT_USER_CHANGED), announced);
    for (int i = 0; i < 2; i++)
        assert_int_equal(update(call, user_id, "Pacific/Apia", "time_zone", &out), QL_OK);
    assert_string_equal(out.user->time_zone, "Pacific/Apia");
    assert_int_equal(out.user->gold, 0);
    assert_int_equal(test_n_announced(EVENT_USER_CHANGED), announced + 1);
    assert_int_equal(get(call, user_id, &read), QL_OK);
    assert_string_equal(read.user->time_zone, "Pacific/Apia");
}

static void act_as(struct ql_call *call, enum ql_role role, const char *subject)
{
    call->identity.role = role;
    snprintf(call->identity.subject, sizeof(call->identity.subject), "%s", subject);
}

static void test_zone_there_and_back_is_announced_a_bounded_number_of_times(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    static const char *const zones[] = {"Pacific/Apia", "UTC"};
    int64_t n_changed = test_n_announced(EVENT_USER_CHANGED);
    char user_id[QL_UUID_SIZE];
    UpdateUserResponse out;

    (void)state;
    test_user_insert(user_id);
    act_as(call, QL_ROLE_USER, user_id);
    for (int i = 0; i < 20; i++)
        for (int again = 0; again < 2; again++) /* again: nothing, and not counted */
            assert_int_equal(update(call, user_id, zones[i % 2], NULL, &out), QL_OK);
    assert_int_equal(test_n_announced(EVENT_USER_CHANGED), n_changed + 20);
    assert_int_equal(update(call, user_id, zones[0], NULL, &out), QL_RESOURCE_EXHAUSTED);
    assert_string_equal(call->status.reason, "TOO_MANY_CHANGES");
    assert_int_equal(update(call, user_id, zones[1], NULL, &out), QL_OK); /* as it is */
    assert_int_equal(test_n_announced(EVENT_USER_CHANGED), n_changed + 20);
    act_as(call, QL_ROLE_SERVICE, "questctl");
    assert_int_equal(update(call, user_id, zones[0], NULL, &out), QL_OK);
}

static void test_what_is_no_zone_and_no_mask_is_refused(void **state)
{
    static const struct {
        const char *time_zone, *path, *field;
    } cases[] = {
        {"Europe/Atlantis", NULL, "user.timeZone"},
        {"../../etc/passwd", NULL, "user.timeZone"},
        {"", "time_zone", "user.timeZone"},
        {"UTC", "gold", "user.gold"},
        {"UTC", "role", "user.role"},
        {"UTC", "nothing", "updateMask"},
    };
    char user_id[QL_UUID_SIZE];

    (void)state;
    test_user_insert(user_id);
    for (size_t i = 0; i < QL_ARRAY_LENGTH(cases); i++) {
        QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
        UpdateUserResponse out;

        assert_int_equal(update(call, user_id, cases[i].time_zone, cases[i].path, &out),
                         QL_INVALID_ARGUMENT);
        assert_string_equal(call->status.violations[0].field, cases[i].field);
    }
}

static void test_deleted_user_changes_no_more(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    int64_t announced = test_n_announced(EVENT_USER_CHANGED);
    char user_id[QL_UUID_SIZE];
    UpdateUserResponse out;

    (void)state;
    test_user_insert(user_id);
    test_sql(&database, "UPDATE users SET status = 'DELETED' WHERE user_id = '%s'", user_id);
    assert_int_equal(update(call, user_id, "Europe/Berlin", NULL, &out), QL_FAILED_PRECONDITION);
    assert_string_equal(call->status.reason, "USER_DELETED");
    assert_int_equal(update(call, "nobody", "Europe/Berlin", NULL, &out), QL_NOT_FOUND);
    assert_int_equal(test_n_announced(EVENT_USER_CHANGED), announced);
}

static void test_pages_hold_every_user_once_and_end(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    char before[QL_UUID_SIZE] = "", user_id[QL_UUID_SIZE];
    const char *token = "";
    int64_t n_seen = 0;
    ListUsersResponse out;

    (void)state;
    for (int i = 0; i < 5; i++)
        test_user_insert(user_id);
    do {
        assert_int_equal(list(call, 2, token, "", &out), QL_OK);
        for (size_t i = 0; i < out.n_users; i++, n_seen++) {
            assert_true(strcmp(before, out.users[i]->user_id) < 0);
            snprintf(before, sizeof(before), "%s", out.users[i]->user_id);
        }
        token = out.next_page_token;
    } while (token[0] != '\0');
    assert_int_equal(n_seen, test_sql(&database, "SELECT count(*) FROM users"));
}

static void test_list_finds_one_name_in_any_case(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    CreateUserResponse created;
    ListUsersResponse out;

    (void)state;
    assert_int_equal(test_create_user(call, "Carol", "correct horse", &created), QL_OK);
    assert_int_equal(list(call, 0, "", "cAROL", &out), QL_OK);
    assert_int_equal(out.n_users, 1);
    assert_string_equal(out.users[0]->user_id, created.user->user_id);
    assert_string_equal(out.next_page_token, "");
    assert_int_equal(list(call, 0, "", "nobody", &out), QL_OK);
    assert_int_equal(out.n_users, 0);
}

static void test_deleted_user_keeps_the_id_and_is_not_found_by_name(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    CreateUserResponse created;
    ListUsersResponse listed;
    GetUserResponse read;

    (void)state;
    assert_int_equal(test_create_user(call, "Dora", "correct horse", &created), QL_OK);
    test_sql(&database, "UPDATE users SET status = 'DELETED', time_zone = 'Asia/Tokyo' "
                        "WHERE user_name = 'Dora'");
    assert_int_equal(list(call, 0, "", "Dora", &listed), QL_OK);
    assert_int_equal(listed.n_users, 0);
    assert_int_equal(get(call, created.user->user_id, &read), QL_OK);
    assert_int_equal(read.user->status, USER_STATUS_DELETED);
    assert_string_equal(read.user->time_zone, "Asia/Tokyo");
}

static void test_bad_page_names_its_fields(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    ListUsersResponse out;

    (void)state;
    assert_int_equal(list(call, 201, "x", "a b", &out), QL_INVALID_ARGUMENT);
    assert_int_equal(call->status.n_violations, 2);
    assert_string_equal(call->status.violations[0].field, "pageSize");
    assert_string_equal(call->status.violations[1].field, "userName");
    ql_call_clear_status(call);
    assert_int_equal(list(call, 200, "x", "", &out), QL_INVALID_ARGUMENT);
    assert_string_equal(call->status.violations[0].field, "pageToken");
}

static void test_run_role_cannot_rewrite_what_is_final(void **state)
{
    static const struct ql_pg_statement statements[] = {
        {"test_ledger_update", "UPDATE wallet_entries SET amount = 1"},
        {"test_ledger_delete", "DELETE FROM wallet_entries"},
        {"test_claims_delete", "DELETE FROM reward_claims"},
        {"test_users_delete", "DELETE FROM users"},
        {"test_users_id", "UPDATE users SET user_id = gen_random_uuid()"},
        {"test_users_created", "UPDATE users SET created_at = now()"},
    };

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(statements); i++) {
        QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
        struct ql_pg_tx *tx = NULL;

        assert_int_equal(ql_pg_begin(call, app.parts.pg, &tx), QL_OK);
        assert_int_not_equal(ql_pg_run(call, tx, &statements[i], NULL, 0, NULL), QL_OK);
        assert_string_equal(ql_pg_sqlstate(tx), "42501"); /* insufficient_privilege */
        ql_pg_tx_endp(&tx);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_new_user_is_stored_and_announced_together),
        cmocka_unit_test(test_name_in_another_case_is_taken_and_announces_nothing),
        cmocka_unit_test(test_bad_wish_names_its_fields),
        cmocka_unit_test(test_unknown_user_is_not_found_whatever_the_id),
        cmocka_unit_test(test_changed_zone_begins_at_the_next_midnight),
        cmocka_unit_test(test_time_zone_is_changed_and_announced_once),
        cmocka_unit_test(test_zone_there_and_back_is_announced_a_bounded_number_of_times),
        cmocka_unit_test(test_what_is_no_zone_and_no_mask_is_refused),
        cmocka_unit_test(test_deleted_user_changes_no_more),
        cmocka_unit_test(test_pages_hold_every_user_once_and_end),
        cmocka_unit_test(test_list_finds_one_name_in_any_case),
        cmocka_unit_test(test_deleted_user_keeps_the_id_and_is_not_found_by_name),
        cmocka_unit_test(test_bad_page_names_its_fields),
        cmocka_unit_test(test_run_role_cannot_rewrite_what_is_final),
    };
    int rc = test_user_start();

    if (rc == 0)
        rc = cmocka_run_group_tests(tests, NULL, NULL);
    test_user_stop();
    return rc;
}
