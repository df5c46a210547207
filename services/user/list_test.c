/* A claim about every list of this service: a page looks at a bounded number of blocks,
 * whoever asks and however much lies beside it. With the plans that serve all
 * parameters. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "services/user/user_fixture.h"

#include "api_key_sql.h"
#include "claim_sql.h"
#include "service_account_sql.h"
#include "user_sql.h"
#include "wallet_sql.h"

enum { ROWS = 10000 }; /* of the one who has much, and of others */

#define MUCH    "0192d3a4-0000-7000-8000-000000000001"
#define LITTLE  "0192d3a4-0000-7000-8000-000000000002"
#define ACCOUNT "0192d3a4-0000-7000-8000-000000000021"
#define NOBODY  "00000000-0000-0000-0000-000000000000"

/* Everybody has a claim; one has as many again and none that waits, one has nothing. */
static void plant_rows(void)
{
    test_sql(&database,
             "INSERT INTO users (user_id, user_name, status, hashed_password)"
             " SELECT CASE n WHEN 1 THEN '" MUCH "' WHEN 2 THEN '" LITTLE "'"
             " ELSE gen_random_uuid() END, 'user' || n, 'ACTIVE', '-'"
             " FROM generate_series(1, %d) AS n",
             ROWS);
    test_sql(&database,
             "INSERT INTO reward_claims (id, user_id, quest_id, quest_revision, ordinal,"
             " reward_id, reward_item, reward_qty, status, claimed_at)"
             " SELECT gen_random_uuid(), owner, gen_random_uuid(), 1, 1, gen_random_uuid(),"
             " 'gold', 1, 'CLAIMED', now() FROM (SELECT user_id AS owner FROM users"
             " WHERE user_id <> '" LITTLE "' UNION ALL SELECT '" MUCH "'"
             " FROM generate_series(1, %d)) AS owners",
             ROWS);
    test_sql(&database, "INSERT INTO wallet_entries (entry_id, user_id, item, amount, cause)"
                        " SELECT gen_random_uuid(), user_id, 'gold', 1, id FROM reward_claims");
    test_sql(&database,
             "INSERT INTO service_accounts (service_account_id, display_name, event_types)"
             " SELECT CASE n WHEN 1 THEN '" ACCOUNT "' ELSE gen_random_uuid() END, 'Game',"
             " '{a.b}' FROM generate_series(1, %d) AS n",
             ROWS);
    test_sql(&database,
             "INSERT INTO api_keys (key_id, service_account_id, key_hash, revoked_at)"
             " SELECT gen_random_uuid(), '" ACCOUNT "', sha256(n::text::bytea), now()"
             " FROM generate_series(1, %d) AS n",
             3 * ROWS);
    test_sql(&database, "ANALYZE users, reward_claims, wallet_entries, service_accounts, api_keys");
    test_sql(
        &database,
        "CREATE FUNCTION test_blocks(statement text, arguments text) RETURNS bigint"
        " LANGUAGE plpgsql AS $$ DECLARE found json; BEGIN"
        " SET LOCAL plan_cache_mode = force_generic_plan;"
        " EXECUTE 'PREPARE test_blocks_of AS ' || statement;"
        " EXECUTE 'EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE test_blocks_of' || arguments"
        " INTO found; DEALLOCATE test_blocks_of;"
        " RETURN (found -> 0 -> 'Plan' ->> 'Shared Hit Blocks')::bigint"
        " + (found -> 0 -> 'Plan' ->> 'Shared Read Blocks')::bigint; END $$");
}

static void test_pages_look_at_a_bounded_number_of_blocks(void **state)
{
    static const struct {
        const struct ql_pg_statement *statement;
        const char *arguments;
        int64_t blocks;
    } cases[] = {
        {&sql_user_list, "('" NOBODY "', 100)", 220},
        {&sql_user_list_named, "('" NOBODY "', 100, 'user7')", 10},
        {&sql_user_list_named, "('" NOBODY "', 100, 'nobody')", 10},
        {&sql_claim_list, "('" MUCH "', 0, 100)", 220},
        {&sql_claim_list, "('" LITTLE "', 0, 100)", 10},
        {&sql_claim_list_by_status, "('" MUCH "', 0, 100, 'PENDING')", 10},
        {&sql_claim_list_by_status, "('" MUCH "', 0, 100, 'CLAIMED')", 220},
        {&sql_claim_list_by_status, "('" LITTLE "', 0, 100, 'CLAIMED')", 10},
        {&sql_claim_count_by_status, "('" MUCH "', 100, 'PENDING')", 10},
        {&sql_wallet_list_entries, "('" MUCH "', 0, 100)", 220},
        {&sql_wallet_list_entries, "('" LITTLE "', 0, 100)", 10},
        {&sql_wallet_list_balances, "('" MUCH "', 100)", 10},
        {&sql_service_account_list, "('" NOBODY "', 100)", 220},
        {&sql_api_key_list, "('" ACCOUNT "', 100)", 220},
    };

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(cases); i++) {
        int64_t blocks = test_sql(&database, "SELECT test_blocks($s$%s$s$, $s$%s$s$)",
                                  cases[i].statement->text, cases[i].arguments);

        if (blocks > cases[i].blocks)
            fail_msg("%s%s: %lld blocks, %lld at most", cases[i].statement->name,
                     cases[i].arguments, (long long)blocks, (long long)cases[i].blocks);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pages_look_at_a_bounded_number_of_blocks),
    };
    int rc = test_user_start();

    if (rc == 0) {
        plant_rows();
        rc = cmocka_run_group_tests(tests, NULL, NULL);
    }
    test_user_stop();
    return rc;
}
