/* Claims about giving out and erasing what is kept, on a real database. */
#include "questline/audit/v1/names.h"
#include "questline/user/v1/server.h"
#include "services/user/name_hold.h"
#include "services/user/user_fixture.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

enum { MANY = 450 };

#define PASSWORD "a good password"

static void act_as(struct ql_call *call, enum ql_role role, const char *subject)
{
    call->identity.role = role;
    snprintf(call->identity.subject, sizeof(call->identity.subject), "%s", subject);
}

static enum ql_code delete_with(struct ql_call *call, const char *user_id, const char *password)
{
    DeleteUserRequest in;
    DeleteUserResponse out;

    DeleteUserRequest_init(&in);
    DeleteUserResponse_init(&out);
    in.user_id = (char *)user_id;
    in.current_password = (char *)password;
    return test_rpc(call, PersonalDataService_DeleteUser_method, &in, &out);
}

/* As an operator, who has nothing to prove. */
static enum ql_code delete_user(struct ql_call *call, const char *user_id)
{
    act_as(call, QL_ROLE_SERVICE, "questctl");
    return delete_with(call, user_id, "");
}

/* A user of that name, in whose place the call is made. */
static void become(struct ql_call *call, const char *user_name, char ret_user_id[QL_UUID_SIZE])
{
    CreateUserResponse created;

    assert_int_equal(test_create_user(call, user_name, PASSWORD, &created), QL_OK);
    snprintf(ret_user_id, QL_UUID_SIZE, "%s", created.user->user_id);
    act_as(call, QL_ROLE_USER, ret_user_id);
}

static int64_t n_with_status(const char *user_id, const char *status)
{
    return test_sql(&database, "SELECT count(*) FROM users WHERE user_id = '%s' AND status = '%s'",
                    user_id, status);
}

static enum ql_code export_page(struct ql_call *call, const char *user_id, const char *page_token,
                                ExportUserResponse *ret_out)
{
    ExportUserRequest in;

    ExportUserRequest_init(&in);
    ExportUserResponse_init(ret_out);
    in.user_id = (char *)user_id;
    in.page_token = (char *)page_token;
    return test_rpc(call, PersonalDataService_ExportUser_method, &in, ret_out);
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
    assert_int_equal(test_n_announced(EVENT_USER_DELETED), 1);
    assert_int_equal(test_n_announced(EVENT_TOKENS_REVOKED), 1);
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
}

/* What was answered to the user's Idempotency-Keys goes too, that of others stays. */
static void test_answers_that_keys_would_repeat_are_erased(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    CreateSessionResponse session;
    CreateUserResponse created;

    (void)state;
    test_sql(&database, "DELETE FROM idempotency_answers");
    call->idempotency_key = "once";
    assert_int_equal(test_create_user(call, "Staying", PASSWORD, &created), QL_OK);
    assert_int_equal(test_create_user(call, "Forgotten", PASSWORD, &created), QL_OK);
    assert_int_equal(test_sign_in(call, "forgotten", PASSWORD, &session), QL_OK);
    assert_int_equal(test_sql(&database, "SELECT count(*) FROM idempotency_answers"), 3);
    call->idempotency_key = NULL;
    assert_int_equal(delete_user(call, created.user->user_id), QL_OK);
    assert_int_equal(test_sql(&database, "SELECT count(*) FROM idempotency_answers"), 1);
    call->idempotency_key = "once";
    assert_int_equal(test_sign_in(call, "forgotten", PASSWORD, &session), QL_UNAUTHENTICATED);
}

static void test_owner_deletes_with_the_password_alone(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    char user_id[QL_UUID_SIZE];

    (void)state;
    become(call, "prover", user_id);
    assert_int_equal(delete_with(call, user_id, ""), QL_INVALID_ARGUMENT);
    assert_string_equal(call->status.violations[0].field, "currentPassword");
    assert_int_equal(delete_with(call, user_id, "not the password"), QL_PERMISSION_DENIED);
    assert_string_equal(call->status.reason, "WRONG_PASSWORD");
    assert_int_equal(n_with_status(user_id, "NEW"), 1);
    for (int i = 0; i < 2; i++) /* again: harmless, and nothing is left to prove */
        assert_int_equal(delete_with(call, user_id, i == 0 ? PASSWORD : "anything"), QL_OK);
    assert_int_equal(n_with_status(user_id, "DELETED"), 1);
}

static void test_deleting_guesses_no_password_longer_than_signing_in(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    CreateSessionResponse session;
    char user_id[QL_UUID_SIZE];

    (void)state;
    become(call, "guessed", user_id);
    for (int i = 0; i < 10; i++)
        assert_int_equal(delete_with(call, user_id, "not the password"), QL_PERMISSION_DENIED);
    assert_int_equal(delete_with(call, user_id, PASSWORD), QL_RESOURCE_EXHAUSTED);
    assert_string_equal(call->status.reason, "TOO_MANY_SIGN_INS");
    assert_int_equal(test_sign_in(call, "guessed", PASSWORD, &session), QL_RESOURCE_EXHAUSTED);
    assert_int_equal(n_with_status(user_id, "NEW"), 1);
}

static void test_who_is_banned_deletes_nothing(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    char user_id[QL_UUID_SIZE];

    (void)state;
    become(call, "banned", user_id);
    test_sql(&database, "UPDATE users SET status = 'BANNED' WHERE user_id = '%s'", user_id);
    assert_int_equal(delete_with(call, user_id, PASSWORD), QL_PERMISSION_DENIED);
    assert_string_equal(call->status.reason, "USER_BANNED");
    assert_int_equal(n_with_status(user_id, "BANNED"), 1);
    assert_int_equal(delete_user(call, user_id), QL_OK); /* for the operator it goes */
}

struct owner {
    const char *user_id;
    enum ql_code rc;
};

static void *delete_own_in_thread(void *argument)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    struct owner *owner = argument;

    act_as(call, QL_ROLE_USER, owner->user_id);
    owner->rc = delete_with(call, owner->user_id, PASSWORD);
    return NULL;
}

/* The lock of the account is held until the deletion waits for it, and what it has
 * checked is changed under it. */
static void test_password_that_changed_meanwhile_deletes_nothing(void **state)
{
    static const struct ql_pg_statement lock = {
        "test_lock", "SELECT 1 FROM users WHERE user_id = $1 FOR UPDATE"};
    static const struct {
        struct ql_pg_statement change;
        enum ql_code rc;
    } cases[] = {
        {{"test_ban", "UPDATE users SET status = 'BANNED' WHERE user_id = $1"},
         QL_PERMISSION_DENIED},
        {{"test_password", "UPDATE users SET hashed_password = 'other' WHERE user_id = $1"},
         QL_PERMISSION_DENIED},
        {{"test_nothing", "SELECT $1"}, QL_OK},
    };

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(cases); i++) {
        QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
        QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
        char user_id[QL_UUID_SIZE], name[] = "meanwhile0";
        const char *parameter = user_id;
        struct owner owner = {.user_id = user_id};
        pthread_t thread;

        name[sizeof(name) - 2] = (char)('0' + i);
        become(call, name, user_id);
        assert_int_equal(ql_pg_begin(call, app.parts.pg, &tx), QL_OK);
        assert_int_equal(ql_pg_run(call, tx, &lock, &parameter, 1, NULL), QL_OK);
        assert_int_equal(pthread_create(&thread, NULL, delete_own_in_thread, &owner), 0);
        while (test_sql(&database,
                        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = "
                        "'Lock' AND usename = '%s'",
                        database.name) == 0)
            assert_true(ql_call_remaining_ms(call) > 0);
        assert_int_equal(ql_pg_run(call, tx, &cases[i].change, &parameter, 1, NULL), QL_OK);
        assert_int_equal(ql_pg_commit(call, &tx), QL_OK);
        pthread_join(thread, NULL);
        assert_int_equal(owner.rc, cases[i].rc);
        assert_int_equal(n_with_status(user_id, "DELETED"), owner.rc == QL_OK ? 1 : 0);
    }
}

static void test_name_is_held_for_a_while_and_then_forgotten(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    char user_id[QL_UUID_SIZE], next_id[QL_UUID_SIZE];
    CreateUserResponse created;
    bool has_more;

    (void)state;
    become(call, "Wanted.Name", user_id);
    assert_int_equal(delete_with(call, user_id, PASSWORD), QL_OK);
    assert_int_equal(test_create_user(call, "wanted.name", PASSWORD, &created), QL_ALREADY_EXISTS);
    assert_string_equal(call->status.reason, "USER_NAME_TAKEN");
    assert_int_equal(test_sql(&database, "SELECT count(*) FROM held_names h WHERE h::text ILIKE "
                                         "'%%wanted%%'"),
                     0);
    test_sql(&database, "UPDATE held_names SET free_at = free_at - interval '719 hours'");
    assert_int_equal(test_create_user(call, "wanted.name", PASSWORD, &created), QL_ALREADY_EXISTS);
    test_sql(&database, "UPDATE held_names SET free_at = free_at - interval '1 hour'");
    become(call, "wanted.name", next_id);
    assert_int_equal(name_hold_purge(call, app.parts.pg, &has_more), QL_OK);
    assert_int_equal(test_sql(&database, "SELECT count(*) FROM held_names WHERE free_at <= now()"),
                     0);
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
    act_as(call, QL_ROLE_ADMIN, former);
    assert_int_equal(delete_with(call, victim, ""), QL_PERMISSION_DENIED);
    assert_string_equal(call->status.reason, "ROLE_NOT_ALLOWED");
    assert_int_equal(test_sql(&database,
                              "SELECT count(*) FROM users WHERE user_id = '%s' AND status = 'NEW'",
                              victim),
                     1);
}

static void test_what_an_operator_erases_is_recorded(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    int64_t n_recorded = test_n_announced(EVENT_ADMIN_ACTED);
    char user_id[QL_UUID_SIZE];

    (void)state;
    test_user_insert(user_id);
    for (int i = 0; i < 2; i++)
        assert_int_equal(delete_user(call, user_id), QL_OK);
    assert_int_equal(test_n_announced(EVENT_ADMIN_ACTED), n_recorded + 1);
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
    char token[160];
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
    static const char *const tokens[] = {"1", "1-2", "x-1"};
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
        cmocka_unit_test(test_answers_that_keys_would_repeat_are_erased),
        cmocka_unit_test(test_owner_deletes_with_the_password_alone),
        cmocka_unit_test(test_deleting_guesses_no_password_longer_than_signing_in),
        cmocka_unit_test(test_who_is_banned_deletes_nothing),
        cmocka_unit_test(test_password_that_changed_meanwhile_deletes_nothing),
        cmocka_unit_test(test_name_is_held_for_a_while_and_then_forgotten),
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
