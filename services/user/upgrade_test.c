/* Claims about the rows of an earlier release, once the tables are brought up to date:
 * read as before, and changed with the run role's rights. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "services/user/claim_store.h"
#include "services/user/service_account_store.h"
#include "services/user/user_fixture.h"
#include "services/user/user_store.h"

/* The last migration before claims said why they wait. */
enum { RELEASE_BEFORE = 22 };

#define PLAYER  "0192d3a4-0000-7000-8000-000000000001"
#define DELETED "0192d3a4-0000-7000-8000-000000000002"
#define CLAIM   "0192d3a4-0000-7000-8000-000000000011"
#define PAID    "0192d3a4-0000-7000-8000-000000000012"
#define ACCOUNT "0192d3a4-0000-7000-8000-000000000021"
#define NO_KEY  "decode(repeat('ab', 32), 'hex')"

static void add_rows_before(void)
{
    test_sql(&database, "INSERT INTO users (user_id, user_name, status, hashed_password, role,"
                        " time_zone, gold) VALUES"
                        " ('" PLAYER "', 'Older', 'ACTIVE', '-', 'user', 'Asia/Tokyo', 5),"
                        " ('" DELETED "', 'deleted:" DELETED "', 'DELETED', '', 'user', 'UTC', 0),"
                        " (gen_random_uuid(), 'chief', 'ACTIVE', '-', 'admin', 'UTC', 0)");
    test_sql(&database, "INSERT INTO reward_claims (id, user_id, quest_id, quest_revision, ordinal,"
                        " reward_id, reward_item, reward_qty, status, claimed_at)"
                        " SELECT id, '" PLAYER "', '" ACCOUNT "', 1, ordinal, '" ACCOUNT "',"
                        " 'gold', 5, status, claimed_at FROM (VALUES"
                        " ('" CLAIM "'::uuid, 1, 'PENDING', NULL::timestamptz),"
                        " ('" PAID "'::uuid, 2, 'CLAIMED', now()))"
                        " AS claims (id, ordinal, status, claimed_at)");
    test_sql(&database, "INSERT INTO wallet_entries (entry_id, user_id, item, amount, cause)"
                        " VALUES (gen_random_uuid(), '" PLAYER "', 'gold', 5, '" PAID "')");
    test_sql(&database, "INSERT INTO wallet_balances (user_id, item, balance) VALUES ('" PLAYER
                        "', 'gold', 5)");
    test_sql(&database,
             "INSERT INTO service_accounts (service_account_id, display_name, event_types)"
             " VALUES ('" ACCOUNT "', 'Game', '{monster.killed}')");
    test_sql(&database, "INSERT INTO api_keys (key_id, service_account_id, key_hash)"
                        " VALUES (gen_random_uuid(), '" ACCOUNT "', " NO_KEY ")");
    test_sql(&database, "INSERT INTO sessions (session_id, user_id, refresh_hash, family_hash,"
                        " created_at, expires_at) VALUES (gen_random_uuid(), '" PLAYER "', " NO_KEY
                        ", " NO_KEY ", now(), now() + interval '1 day')");
}

static int begin(void **state)
{
    *state = test_call_new(&app);
    return 0;
}

static int end(void **state)
{
    struct ql_call *call = *state;

    test_call_freep(&call);
    return 0;
}

static void test_accounts_are_as_they_were(void **state)
{
    struct ql_call *call = *state;
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    struct user user, *users;
    size_t n_users;

    assert_int_equal(ql_pg_begin(call, app.parts.pg, &tx), QL_OK);
    assert_int_equal(user_store_get_by_name(call, tx, "oLDER", &user), QL_OK);
    assert_string_equal(user.user_id, PLAYER);
    assert_int_equal(user.token_generation, 0);
    assert_int_equal(user_store_get(call, tx, DELETED, &user), QL_OK);
    assert_int_equal(
        user_store_list(call, tx, "00000000-0000-0000-0000-000000000000", 10, "", &users, &n_users),
        QL_OK);
    assert_int_equal(n_users, 3);
}

static void test_a_zone_of_before_is_in_force_until_the_next_midnight(void **state)
{
    struct ql_call *call = *state;
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    const char *before;
    int64_t starts_ms;

    assert_int_equal(test_sql(&database, "SELECT count(*) FROM users WHERE zone_before IS NULL"
                                         " AND zone_starts_at IS NULL"),
                     3);
    assert_int_equal(ql_pg_begin(call, app.parts.pg, &tx), QL_OK);
    assert_int_equal(
        user_store_set_time_zone(call, tx, PLAYER, "Europe/Berlin", &before, &starts_ms), QL_OK);
    assert_string_equal(before, "Asia/Tokyo");
}

static void test_claims_of_before_are_listed_by_status_and_paid(void **state)
{
    static const enum claim_status statuses[] = {CLAIM_PENDING, CLAIM_CLAIMED};
    static const char *const ids[] = {CLAIM, PAID};
    struct ql_call *call = *state;
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    struct claim *claims;
    int64_t balance;
    bool waited;
    size_t n;

    assert_int_equal(ql_pg_begin(call, app.parts.pg, &tx), QL_OK);
    for (size_t i = 0; i < QL_ARRAY_LENGTH(ids); i++) {
        assert_int_equal(claim_store_list(call, tx, PLAYER, &statuses[i], 0, 10, &claims, &n),
                         QL_OK);
        assert_int_equal(n, 1);
        assert_string_equal(claims[0].claim_id, ids[i]);
    }
    assert_int_equal(claim_store_list(call, tx, PLAYER, NULL, 0, 10, &claims, &n), QL_OK);
    assert_int_equal(n, 2);
    assert_int_equal(claim_store_set_paid(call, tx, &claims[0], &waited, &balance), QL_OK);
    assert_true(waited);
    assert_int_equal(balance, 5);
}

static void test_tokens_of_before_can_be_revoked(void **state)
{
    struct ql_call *call = *state;
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    struct service_account account;
    int64_t generation;

    assert_int_equal(ql_pg_begin(call, app.parts.pg, &tx), QL_OK);
    assert_int_equal(user_store_revoke_tokens(call, tx, PLAYER, &generation), QL_OK);
    assert_int_equal(generation, 1);
    assert_int_equal(service_account_store_revoke_tokens(call, tx, ACCOUNT, &generation), QL_OK);
    assert_int_equal(generation, 1);
    assert_int_equal(service_account_store_lock(call, tx, ACCOUNT, &account), QL_OK);
    assert_string_equal(account.display_name, "Game");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
        TEST(test_accounts_are_as_they_were),
        TEST(test_a_zone_of_before_is_in_force_until_the_next_midnight),
        TEST(test_claims_of_before_are_listed_by_status_and_paid),
        TEST(test_tokens_of_before_can_be_revoked),
#undef TEST
    };
    int rc;

    test_database_open(&database);
    test_database_migrate(&database, user_service_migrations(), RELEASE_BEFORE);
    add_rows_before();
    test_database_migrate(&database, user_service_migrations(), TEST_NEWEST);
    rc = test_user_open();
    if (rc == 0)
        rc = cmocka_run_group_tests(tests, NULL, NULL);
    test_user_stop();
    return rc;
}
