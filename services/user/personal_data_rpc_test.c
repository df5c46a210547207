/* Claims about giving out and erasing what is kept, on a real database. */
#include "services/user/user_fixture.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#define EXPORT      "questline.user.v1.PersonalDataService/ExportUser"
#define DELETE_USER "questline.user.v1.PersonalDataService/DeleteUser"

enum { MANY = 450 };

static enum ql_code delete_user(struct ql_call *call, const char *user_id)
{
    DeleteUserRequest in;
    DeleteUserResponse out;

    DeleteUserRequest_init(&in);
    DeleteUserResponse_init(&out);
    in.user_id = (char *)user_id;
    return test_rpc(call, personal_data_methods, DELETE_USER, &in, &out);
}

static enum ql_code export_page(struct ql_call *call, const char *user_id, const char *page_token,
                                ExportUserResponse *ret_out)
{
    ExportUserRequest in;

    ExportUserRequest_init(&in);
    ExportUserResponse_init(ret_out);
    in.user_id = (char *)user_id;
    in.page_token = (char *)page_token;
    return test_rpc(call, personal_data_methods, EXPORT, &in, ret_out);
}

static void test_a_deleted_account_keeps_its_id_and_nothing_else(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    CreateSessionResponse session;
    CreateUserResponse created;
    char *user_id;

    (void)state;
    assert_int_equal(test_create_user(call, "leaving", "a good password", &created), QL_OK);
    assert_int_equal(test_sign_in(call, "leaving", "a good password", &session), QL_OK);
    user_id = created.user->user_id;
    for (int i = 0; i < 2; i++)
        assert_int_equal(delete_user(call, user_id), QL_OK);
    assert_int_equal(test_n_announced("UserDeleted"), 1);
    assert_int_equal(
        test_sql(&database,
                 "SELECT count(*) FROM users WHERE user_id = '%s' AND status = "
                 "'DELETED' AND hashed_password = '' AND user_name NOT LIKE '%%leav%%'",
                 user_id),
        1);
    assert_int_equal(
        test_sql(&database, "SELECT count(*) FROM sessions WHERE user_id = '%s'", user_id), 0);
    assert_int_equal(test_sign_in(call, "leaving", "a good password", &session),
                     QL_UNAUTHENTICATED);
    assert_int_equal(test_create_user(call, "leaving", "a good password", &created), QL_OK);
}

static void test_the_last_administrator_stays(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    char first[QL_UUID_SIZE], second[QL_UUID_SIZE];

    (void)state;
    test_user_insert(first);
    test_user_insert(second);
    test_sql(&database, "UPDATE users SET role = 'admin' WHERE user_id IN ('%s', '%s')", first,
             second);
    assert_int_equal(delete_user(call, first), QL_OK);
    assert_int_equal(delete_user(call, second), QL_FAILED_PRECONDITION);
    assert_string_equal(call->status.reason, "LAST_ADMIN");
    assert_int_equal(test_sql(&database,
                              "SELECT count(*) FROM users WHERE user_id = '%s' AND role = 'admin'",
                              second),
                     1);
}

static void *delete_in_thread(void *user_id)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);

    return delete_user(call, user_id) == QL_FAILED_PRECONDITION ? user_id : NULL;
}

static void test_who_becomes_the_only_administrator_meanwhile_stays(void **state)
{
    static const struct ql_pg_statement lock = {
        "test_lock", "SELECT 1 FROM users WHERE user_id = $1 FOR UPDATE"};
    static const struct ql_pg_statement promote = {
        "test_promote", "UPDATE users SET role = 'admin' WHERE user_id = $1"};
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    char user_id[QL_UUID_SIZE];
    const char *parameter = user_id;
    void *was_refused;
    pthread_t thread;

    (void)state;
    test_user_insert(user_id);
    test_sql(&database, "UPDATE users SET role = 'user' WHERE role = 'admin'");
    assert_int_equal(ql_pg_begin(call, app.parts.pg, &tx), QL_OK);
    assert_int_equal(ql_pg_run(call, tx, &lock, &parameter, 1, NULL), QL_OK);
    assert_int_equal(pthread_create(&thread, NULL, delete_in_thread, user_id), 0);
    while (test_sql(&database,
                    "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = "
                    "'Lock' AND usename = '%s'",
                    database.name) == 0)
        assert_true(ql_call_remaining_ms(call) > 0);
    assert_int_equal(ql_pg_run(call, tx, &promote, &parameter, 1, NULL), QL_OK);
    assert_int_equal(ql_pg_commit(call, &tx), QL_OK);
    pthread_join(thread, &was_refused);
    assert_non_null(was_refused);
}

/* An administrator's token outlives the role. */
static void test_who_was_an_administrator_erases_nobody_else(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    char former[QL_UUID_SIZE], victim[QL_UUID_SIZE];

    (void)state;
    test_user_insert(former);
    test_user_insert(victim);
    call->identity.role = QL_ROLE_ADMIN;
    snprintf(call->identity.subject, sizeof(call->identity.subject), "%s", former);
    assert_int_equal(delete_user(call, victim), QL_PERMISSION_DENIED);
    assert_string_equal(call->status.reason, "ROLE_NOT_ALLOWED");
    assert_int_equal(delete_user(call, former), QL_OK);
    assert_int_equal(test_sql(&database,
                              "SELECT count(*) FROM users WHERE user_id = '%s' AND status = 'NEW'",
                              victim),
                     1);
}

static void test_what_an_operator_erases_is_recorded(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    int64_t n_recorded = test_n_announced("AdminActed");
    char user_id[QL_UUID_SIZE];

    (void)state;
    test_user_insert(user_id);
    call->identity.role = QL_ROLE_SERVICE;
    snprintf(call->identity.subject, sizeof(call->identity.subject), "questctl");
    for (int i = 0; i < 2; i++)
        assert_int_equal(delete_user(call, user_id), QL_OK);
    assert_int_equal(test_n_announced("AdminActed"), n_recorded + 1);
}

static void test_an_unknown_account_is_not_found(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    ExportUserResponse out;

    (void)state;
    assert_int_equal(delete_user(call, "018f0000-0000-7000-8000-000000000001"), QL_NOT_FOUND);
    assert_int_equal(delete_user(call, "nobody"), QL_NOT_FOUND);
    assert_int_equal(export_page(call, "nobody", "", &out), QL_NOT_FOUND);
}

static void test_pages_of_an_export_hold_everything_once(void **state)
{
    char user_id[QL_UUID_SIZE];
    const char *page_token = "";
    char token[64];
    size_t n_claims = 0, n_entries = 0, n_pages = 0, n_balances = 0;

    (void)state;
    test_user_insert(user_id);
    test_sql(&database,
             "WITH made AS (INSERT INTO reward_claims (id, user_id, quest_id, quest_revision, "
             "ordinal, reward_id, reward_item, reward_qty, status, claimed_at) SELECT "
             "gen_random_uuid(), '%s', gen_random_uuid(), 1, 1, gen_random_uuid(), 'gold', 1, "
             "'CLAIMED', now() FROM generate_series(1, %d) RETURNING id, user_id) INSERT INTO "
             "wallet_entries (entry_id, user_id, item, amount, cause) SELECT gen_random_uuid(), "
             "user_id, 'gold', 1, id FROM made LIMIT 250",
             user_id, MANY);
    test_sql(&database, "INSERT INTO wallet_balances VALUES ('%s', 'gold', 250)", user_id);
    do {
        QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
        ExportUserResponse out;

        assert_int_equal(export_page(call, user_id, page_token, &out), QL_OK);
        assert_int_equal(out.user != NULL, n_pages == 0);
        n_claims += out.n_claims;
        n_entries += out.n_entries;
        n_balances += out.n_balances;
        n_pages++;
        snprintf(token, sizeof(token), "%s", out.next_page_token);
        page_token = token;
    } while (token[0] != '\0' && n_pages < 10);
    assert_int_equal(n_pages, 3);
    assert_int_equal(n_claims, MANY);
    assert_int_equal(n_entries, 250);
    assert_int_equal(n_balances, 1);
}

static void test_a_foreign_page_token_is_named(void **state)
{
    static const char *const tokens[] = {"1", "x-1", "1-x", "1-2-3", "99999999999999999999-1"};
    char user_id[QL_UUID_SIZE];

    (void)state;
    test_user_insert(user_id);
    for (size_t i = 0; i < QL_ARRAY_LENGTH(tokens); i++) {
        QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
        ExportUserResponse out;

        assert_int_equal(export_page(call, user_id, tokens[i], &out), QL_INVALID_ARGUMENT);
        assert_string_equal(call->status.violations[0].field, "pageToken");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_deleted_account_keeps_its_id_and_nothing_else),
        cmocka_unit_test(test_the_last_administrator_stays),
        cmocka_unit_test(test_who_becomes_the_only_administrator_meanwhile_stays),
        cmocka_unit_test(test_who_was_an_administrator_erases_nobody_else),
        cmocka_unit_test(test_what_an_operator_erases_is_recorded),
        cmocka_unit_test(test_an_unknown_account_is_not_found),
        cmocka_unit_test(test_pages_of_an_export_hold_everything_once),
        cmocka_unit_test(test_a_foreign_page_token_is_named),
    };
    int rc = test_user_start();

    if (rc == 0)
        rc = cmocka_run_group_tests(tests, NULL, NULL);
    test_user_stop();
    return rc;
}
