/* Claims about paying what waits, on a real database. */
#include "services/user/user_fixture.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "questline/user/v1/server.h"
#include "services/user/claim.h"
#include "services/user/user_store.h"

enum { RACERS = 4 };

/* A claim that waits; its id. */
static void waiting_claim(const char *user_id, const char *item, int32_t qty,
                          char ret_claim_id[QL_UUID_SIZE])
{
    struct claim claim;
    char quest_id[QL_UUID_SIZE];

    ql_uuid_new(quest_id);
    claim_begin(&claim, user_id, quest_id, 1, 1);
    test_sql(
        &database,
        "INSERT INTO reward_claims (id, user_id, quest_id, quest_revision, ordinal, reward_id, "
        "reward_item, reward_qty, status) VALUES ('%s', '%s', '%s', 1, 1, '%s', '%s', %d, "
        "'PENDING')",
        claim.claim_id, user_id, quest_id, quest_id, item, qty);
    memcpy(ret_claim_id, claim.claim_id, QL_UUID_SIZE);
}

static enum ql_code claim_as(struct ql_call *call, enum ql_role role, const char *user_id,
                             const char *claim_id, ClaimRewardResponse *ret_out)
{
    ClaimRewardRequest in;

    ClaimRewardRequest_init(&in);
    ClaimRewardResponse_init(ret_out);
    in.claim_id = (char *)claim_id;
    call->identity.role = role;
    snprintf(call->identity.subject, sizeof(call->identity.subject), "%s", user_id);
    return test_rpc(call, ClaimService_ClaimReward_method, &in, ret_out);
}

static int64_t n_entries(const char *user_id)
{
    return test_sql(&database, "SELECT count(*) FROM wallet_entries WHERE user_id = '%s'", user_id);
}

static void test_claiming_pays_once_however_often(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    char user_id[QL_UUID_SIZE], claim_id[QL_UUID_SIZE];
    ClaimRewardResponse out;

    (void)state;
    test_user_insert(user_id);
    waiting_claim(user_id, "diamond", 10, claim_id);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(claim_as(call, QL_ROLE_USER, user_id, claim_id, &out), QL_OK);
        assert_int_equal(out.claim->status, CLAIM_STATUS_CLAIMED);
        assert_non_null(out.claim->claimed_at);
    }
    assert_int_equal(n_entries(user_id), 1);
    assert_int_equal(test_sql(&database, "SELECT diamond FROM users WHERE user_id = '%s'", user_id),
                     10);
}

/* The id of a claim follows from its user and quest: an answer that showed a claim
 * of another from none would tell who completed what. */
static void test_claim_of_another_is_not_found_as_one_that_is_not_there(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    static const enum ql_role roles[] = {QL_ROLE_USER, QL_ROLE_ADMIN};
    char owner_id[QL_UUID_SIZE], other_id[QL_UUID_SIZE], claim_id[QL_UUID_SIZE];
    ClaimRewardResponse out;

    (void)state;
    test_user_insert(owner_id);
    test_user_insert(other_id);
    waiting_claim(owner_id, "gold", 5, claim_id);
    for (size_t i = 0; i < QL_ARRAY_LENGTH(roles); i++) {
        assert_int_equal(claim_as(call, roles[i], other_id, claim_id, &out), QL_NOT_FOUND);
        assert_string_equal(call->status.reason, "CLAIM_NOT_FOUND");
        assert_non_null(strstr(call->status.message, claim_id));
        assert_int_equal(claim_as(call, roles[i], other_id, other_id, &out), QL_NOT_FOUND);
        assert_string_equal(call->status.reason, "CLAIM_NOT_FOUND");
    }
    assert_int_equal(n_entries(owner_id), 0);
    assert_int_equal(n_entries(other_id), 0);
}

static void test_owner_who_may_not_be_paid_sees_why_and_what_was_paid(void **state)
{
    static const struct {
        const char *status, *reason;
        enum ql_code rc;
    } cases[] = {
        {"BANNED", "USER_BANNED", QL_PERMISSION_DENIED},
        {"DELETED", "USER_DELETED", QL_FAILED_PRECONDITION},
    };

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(cases); i++) {
        QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
        char user_id[QL_UUID_SIZE], paid[QL_UUID_SIZE], waits[QL_UUID_SIZE];
        ClaimRewardResponse out;

        test_user_insert(user_id);
        waiting_claim(user_id, "gold", 5, paid);
        waiting_claim(user_id, "gold", 7, waits);
        assert_int_equal(claim_as(call, QL_ROLE_USER, user_id, paid, &out), QL_OK);
        test_sql(&database, "UPDATE users SET status = '%s' WHERE user_id = '%s'", cases[i].status,
                 user_id);
        assert_int_equal(claim_as(call, QL_ROLE_USER, user_id, waits, &out), cases[i].rc);
        assert_string_equal(call->status.reason, cases[i].reason);
        assert_int_equal(claim_as(call, QL_ROLE_USER, user_id, paid, &out), QL_OK);
        assert_int_equal(out.claim->status, CLAIM_STATUS_CLAIMED);
        assert_int_equal(n_entries(user_id), 1);
    }
}

static void test_what_is_no_claim_is_named(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    char user_id[QL_UUID_SIZE];
    ClaimRewardResponse out;

    (void)state;
    test_user_insert(user_id);
    assert_int_equal(claim_as(call, QL_ROLE_USER, user_id, user_id, &out), QL_NOT_FOUND);
    assert_string_equal(call->status.reason, "CLAIM_NOT_FOUND");
    assert_int_equal(claim_as(call, QL_ROLE_USER, user_id, "me", &out), QL_INVALID_ARGUMENT);
    assert_string_equal(call->status.violations[0].field, "claimId");
}

static void test_a_full_wallet_lets_the_claim_wait(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    char user_id[QL_UUID_SIZE], paid[QL_UUID_SIZE], waits[QL_UUID_SIZE];
    ClaimRewardResponse out;

    (void)state;
    test_user_insert(user_id);
    waiting_claim(user_id, "gold", INT32_MAX, paid);
    waiting_claim(user_id, "gold", 1, waits);
    assert_int_equal(claim_as(call, QL_ROLE_USER, user_id, paid, &out), QL_OK);
    assert_int_equal(claim_as(call, QL_ROLE_USER, user_id, waits, &out), QL_FAILED_PRECONDITION);
    assert_string_equal(call->status.reason, "BALANCE_OVERFLOW");
    assert_int_equal(n_entries(user_id), 1);
}

struct racer {
    const char *user_id, *claim_id;
    enum ql_code rc;
    bool has_paid_claim;
};

static void *race(void *argument)
{
    struct racer *racer = argument;
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    ClaimRewardResponse out;

    racer->rc = claim_as(call, QL_ROLE_USER, racer->user_id, racer->claim_id, &out);
    racer->has_paid_claim = racer->rc == QL_OK && out.claim->status == CLAIM_STATUS_CLAIMED &&
                            out.claim->claimed_at != NULL;
    return NULL;
}

/* All of them have read that the claim waits before the first can pay it. */
static void test_tabs_that_race_all_see_it_is_paid(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    QL_CLEANUP(ql_pg_tx_endp) struct ql_pg_tx *tx = NULL;
    char user_id[QL_UUID_SIZE], claim_id[QL_UUID_SIZE];
    struct racer racers[RACERS];
    pthread_t threads[RACERS];
    struct user owner;

    (void)state;
    test_user_insert(user_id);
    waiting_claim(user_id, "wings", 1, claim_id);
    assert_int_equal(ql_pg_begin(call, app.parts.pg, &tx), QL_OK);
    assert_int_equal(user_store_lock(call, tx, user_id, &owner), QL_OK);
    for (size_t i = 0; i < RACERS; i++) {
        racers[i] = (struct racer){.user_id = user_id, .claim_id = claim_id};
        assert_int_equal(pthread_create(&threads[i], NULL, race, &racers[i]), 0);
    }
    while (test_sql(&database,
                    "SELECT count(*) FROM pg_stat_activity "
                    "WHERE usename = '%s' AND wait_event_type = 'Lock'",
                    database.name) < RACERS)
        assert_true(ql_call_remaining_ms(call) > 0);
    assert_int_equal(ql_pg_commit(call, &tx), QL_OK);
    for (size_t i = 0; i < RACERS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(racers[i].rc, QL_OK);
        assert_true(racers[i].has_paid_claim);
    }
    assert_int_equal(n_entries(user_id), 1);
}

static void test_wallet_shows_balances_and_where_they_came_from(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    char user_id[QL_UUID_SIZE], gold[QL_UUID_SIZE], wings[QL_UUID_SIZE];
    GetWalletRequest wallet_in;
    GetWalletResponse wallet;
    ListWalletEntriesRequest in;
    ListWalletEntriesResponse out;
    ClaimRewardResponse claimed;

    (void)state;
    test_user_insert(user_id);
    waiting_claim(user_id, "wings", 2, wings);
    waiting_claim(user_id, "gold", 5, gold);
    assert_int_equal(claim_as(call, QL_ROLE_USER, user_id, wings, &claimed), QL_OK);
    assert_int_equal(claim_as(call, QL_ROLE_USER, user_id, gold, &claimed), QL_OK);
    GetWalletRequest_init(&wallet_in);
    GetWalletResponse_init(&wallet);
    wallet_in.user_id = user_id;
    assert_int_equal(test_rpc(call, WalletService_GetWallet_method, &wallet_in, &wallet), QL_OK);
    assert_int_equal(wallet.n_balances, 2);
    assert_string_equal(wallet.balances[0]->item, "gold");
    assert_int_equal(wallet.balances[0]->balance, 5);
    assert_string_equal(wallet.balances[1]->item, "wings");

    ListWalletEntriesRequest_init(&in);
    in.user_id = user_id;
    in.page_size = 1;
    for (size_t page = 0; page < 2; page++) {
        ListWalletEntriesResponse_init(&out);
        assert_int_equal(test_rpc(call, WalletService_ListWalletEntries_method, &in, &out), QL_OK);
        assert_int_equal(out.n_entries, 1);
        assert_string_equal(out.entries[0]->claim_id, page == 0 ? wings : gold);
        in.page_token = out.next_page_token;
    }
    assert_string_equal(out.next_page_token, "");
}

static void list_claims(struct ql_call *call, const char *user_id,
                        Questline__User__V1__ClaimStatus status, int32_t page_size,
                        const char *page_token, ListClaimsResponse *ret_out)
{
    ListClaimsRequest in;

    ListClaimsRequest_init(&in);
    ListClaimsResponse_init(ret_out);
    in.user_id = (char *)user_id;
    in.status = status;
    in.page_size = page_size;
    in.page_token = (char *)page_token;
    assert_int_equal(test_rpc(call, ClaimService_ListClaims_method, &in, ret_out), QL_OK);
}

static void test_claims_are_listed_and_counted_by_status(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    char user_id[QL_UUID_SIZE], claim_ids[5][QL_UUID_SIZE];
    ClaimRewardResponse claimed;
    ListClaimsResponse out;
    ListClaimsRequest in;

    (void)state;
    test_user_insert(user_id);
    for (int i = 0; i < 5; i++)
        waiting_claim(user_id, "gold", 1, claim_ids[i]);
    for (int i = 1; i < 5; i += 2)
        assert_int_equal(claim_as(call, QL_ROLE_USER, user_id, claim_ids[i], &claimed), QL_OK);
    list_claims(call, user_id, CLAIM_STATUS_UNSPECIFIED, 0, "", &out);
    assert_int_equal(out.n_claims, 5);
    assert_int_equal(out.total_size, 5);
    list_claims(call, user_id, CLAIM_STATUS_CLAIMED, 0, "", &out);
    assert_int_equal(out.n_claims, 2);
    assert_int_equal(out.total_size, 2);
    assert_string_equal(out.claims[0]->claim_id, claim_ids[1]);
    assert_string_equal(out.resume_page_token, "");
    list_claims(call, user_id, CLAIM_STATUS_PENDING, 2, "", &out);
    assert_int_equal(out.total_size, 3);
    assert_string_equal(out.claims[0]->claim_id, claim_ids[0]);
    assert_string_equal(out.claims[1]->claim_id, claim_ids[2]);
    list_claims(call, user_id, CLAIM_STATUS_PENDING, 2, out.next_page_token, &out);
    assert_int_equal(out.n_claims, 1);
    assert_string_equal(out.claims[0]->claim_id, claim_ids[4]);
    assert_string_equal(out.next_page_token, "");
    ListClaimsRequest_init(&in);
    in.user_id = user_id;
    in.status = (Questline__User__V1__ClaimStatus)7;
    assert_int_equal(test_rpc(call, ClaimService_ListClaims_method, &in, &out),
                     QL_INVALID_ARGUMENT);
    assert_string_equal(call->status.violations[0].field, "status");
}

/* A front end that has seen all asks for what is new, from the beginning on. */
static void test_lists_go_on_where_their_last_page_ended(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    char user_id[QL_UUID_SIZE], claim_id[QL_UUID_SIZE];
    ListWalletEntriesResponse entries;
    ListWalletEntriesRequest in;
    ClaimRewardResponse claimed;
    ListClaimsResponse claims;

    (void)state;
    test_user_insert(user_id);
    snprintf(call->identity.subject, sizeof(call->identity.subject), "%s", user_id);
    list_claims(call, user_id, CLAIM_STATUS_UNSPECIFIED, 0, "", &claims);
    ListWalletEntriesRequest_init(&in);
    in.user_id = user_id;
    in.page_token = (char *)"";
    for (int i = 0; i < 3; i++) {
        waiting_claim(user_id, "gold", 1, claim_id);
        list_claims(call, user_id, CLAIM_STATUS_UNSPECIFIED, 0, claims.resume_page_token, &claims);
        assert_int_equal(claims.n_claims, 1);
        assert_string_equal(claims.claims[0]->claim_id, claim_id);
        assert_string_equal(claims.next_page_token, "");
        assert_int_equal(claim_as(call, QL_ROLE_USER, user_id, claim_id, &claimed), QL_OK);
        ListWalletEntriesResponse_init(&entries);
        assert_int_equal(test_rpc(call, WalletService_ListWalletEntries_method, &in, &entries),
                         QL_OK);
        assert_int_equal(entries.n_entries, 1);
        assert_string_equal(entries.entries[0]->claim_id, claim_id);
        assert_string_equal(entries.next_page_token, "");
        in.page_token = entries.resume_page_token;
    }
    list_claims(call, user_id, CLAIM_STATUS_UNSPECIFIED, 0, claims.resume_page_token, &claims);
    assert_int_equal(claims.n_claims, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_claiming_pays_once_however_often),
        cmocka_unit_test(test_claim_of_another_is_not_found_as_one_that_is_not_there),
        cmocka_unit_test(test_owner_who_may_not_be_paid_sees_why_and_what_was_paid),
        cmocka_unit_test(test_what_is_no_claim_is_named),
        cmocka_unit_test(test_a_full_wallet_lets_the_claim_wait),
        cmocka_unit_test(test_tabs_that_race_all_see_it_is_paid),
        cmocka_unit_test(test_wallet_shows_balances_and_where_they_came_from),
        cmocka_unit_test(test_claims_are_listed_and_counted_by_status),
        cmocka_unit_test(test_lists_go_on_where_their_last_page_ended),
    };
    int rc = test_user_start();

    if (rc == 0)
        rc = cmocka_run_group_tests(tests, NULL, NULL);
    test_user_stop();
    return rc;
}
