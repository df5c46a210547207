/* Claims that wait: for their owner, or for space in the wallet; how they are listed. */
#include "services/user/claim_events_fixture.h"

static int64_t n_without_space(const char *user_id)
{
    return test_sql(&database,
                    "SELECT count(*) FROM reward_claims WHERE user_id = '%s' AND "
                    "status = 'PENDING' AND pending_reason = 'BALANCE_OVERFLOW'",
                    user_id);
}

static void forget_diamonds(const char *user_id)
{
    test_sql(&database, "DELETE FROM wallet_entries WHERE user_id = '%s'", user_id);
    test_sql(&database, "UPDATE wallet_balances SET balance = 0 WHERE user_id = '%s'", user_id);
    test_sql(&database, "UPDATE users SET diamond = 0 WHERE user_id = '%s'", user_id);
}

static void test_reward_that_the_wallet_cannot_hold_waits_with_its_reason(void **state)
{
    struct batch batch;
    char user_id[QL_UUID_SIZE];

    (void)state;
    test_user_insert(user_id);
    test_sql(&database, "INSERT INTO wallet_balances VALUES ('%s', 'diamond', 2147483630)",
             user_id);
    batch_begin(&batch); /* there is space for one of three, and for wings */
    for (int32_t ordinal = 1; ordinal <= 3; ordinal++)
        batch_add(&batch, user_id, QUEST_PAYS, ordinal);
    batch_add(&batch, user_id, QUEST_WINGS, 1);
    assert_int_equal(batch_deliver(&batch), QL_OK);
    assert_int_equal(batch_deliver(&batch), QL_OK); /* and again */
    for (size_t i = 0; i < batch.n; i++)
        assert_string_equal(batch.deliveries[i].reject_reason, "");
    batch_done(&batch);
    assert_int_equal(count("reward_claims", user_id), 4);
    assert_int_equal(n_without_space(user_id), 2);
    assert_int_equal(count("wallet_entries", user_id), 2);
    assert_int_equal(diamonds(user_id), 2147483640);
    forget_diamonds(user_id);
}

static void test_reward_that_waited_for_space_is_listed_with_its_reason_and_claimed(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    char user_id[QL_UUID_SIZE];
    ListClaimsResponse listed;
    ClaimRewardResponse claimed;
    ListClaimsRequest in;
    ClaimRewardRequest claim;

    (void)state;
    test_user_insert(user_id);
    test_sql(&database, "INSERT INTO wallet_balances VALUES ('%s', 'diamond', 2147483640)",
             user_id);
    deliver_one(user_id, QUEST_PAYS, 1, "");
    ListClaimsRequest_init(&in);
    ListClaimsResponse_init(&listed);
    in.user_id = user_id;
    assert_int_equal(test_rpc(call, ClaimService_ListClaims_method, &in, &listed), QL_OK);
    assert_int_equal(listed.claims[0]->status, CLAIM_STATUS_PENDING);
    assert_string_equal(listed.claims[0]->pending_reason, "BALANCE_OVERFLOW");
    test_sql(&database, "UPDATE wallet_balances SET balance = 7 WHERE user_id = '%s'", user_id);
    snprintf(call->identity.subject, sizeof(call->identity.subject), "%s", user_id);
    ClaimRewardRequest_init(&claim);
    ClaimRewardResponse_init(&claimed);
    claim.claim_id = listed.claims[0]->claim_id;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(test_rpc(call, ClaimService_ClaimReward_method, &claim, &claimed), QL_OK);
        assert_int_equal(claimed.claim->status, CLAIM_STATUS_CLAIMED);
        assert_string_equal(claimed.claim->pending_reason, "");
    }
    assert_int_equal(diamonds(user_id), 17);
    assert_int_equal(n_without_space(user_id), 0);
    forget_diamonds(user_id);
}

static void test_claims_are_listed_oldest_first_page_by_page(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    char user_id[QL_UUID_SIZE], other_id[QL_UUID_SIZE];
    ListClaimsRequest in;
    ListClaimsResponse out;
    int n_seen = 0;

    (void)state;
    test_user_insert(user_id);
    test_user_insert(other_id);
    deliver_one(user_id, QUEST_WAITS, 1, "");
    deliver_one(other_id, QUEST_WAITS, 1, "");
    deliver_one(user_id, QUEST_PAYS, 1, "");
    deliver_one(user_id, QUEST_WAITS, 2, "");
    ListClaimsRequest_init(&in);
    in.user_id = user_id;
    in.page_size = 2;
    do {
        static const char *const quests[] = {QUEST_WAITS, QUEST_PAYS, QUEST_WAITS};

        ListClaimsResponse_init(&out);
        assert_int_equal(test_rpc(call, ClaimService_ListClaims_method, &in, &out), QL_OK);
        for (size_t i = 0; i < out.n_claims; i++, n_seen++) {
            assert_string_equal(out.claims[i]->quest_id, quests[n_seen]);
            assert_int_equal(out.claims[i]->status,
                             n_seen == 1 ? CLAIM_STATUS_CLAIMED : CLAIM_STATUS_PENDING);
            assert_int_equal(out.claims[i]->reward_qty, 10);
        }
        in.page_token = out.next_page_token;
    } while (out.next_page_token[0] != '\0');
    assert_int_equal(n_seen, 3);
    in.page_token = (char *)"x";
    assert_int_equal(test_rpc(call, ClaimService_ListClaims_method, &in, &out),
                     QL_INVALID_ARGUMENT);
    assert_string_equal(call->status.violations[0].field, "pageToken");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reward_that_the_wallet_cannot_hold_waits_with_its_reason),
        cmocka_unit_test(test_reward_that_waited_for_space_is_listed_with_its_reason_and_claimed),
        cmocka_unit_test(test_claims_are_listed_oldest_first_page_by_page),
    };

    return cmocka_run_group_tests(tests, claim_events_set_up, claim_events_tear_down);
}
