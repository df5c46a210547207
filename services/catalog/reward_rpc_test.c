/* Claims about creating and reading rewards, on a real database. */
#include "questline/catalog/v1/server.h"
#include "services/catalog/catalog_fixture.h"

#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

static enum ql_code get(struct ql_call *call, const char *reward_id, int64_t revision,
                        GetRewardResponse *ret_out)
{
    GetRewardRequest in;

    GetRewardRequest_init(&in);
    GetRewardResponse_init(ret_out);
    in.reward_id = (char *)reward_id;
    in.revision = revision;
    return test_rpc(call, RewardQueryService_GetReward_method, &in, ret_out);
}

static void test_created_reward_is_read_back_the_same(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    CreateRewardResponse created;
    GetRewardResponse read;

    (void)state;
    assert_int_equal(test_create_reward(call, &created), QL_OK);
    for (int64_t revision = 0; revision <= 1; revision++) {
        assert_int_equal(get(call, created.reward->reward_id, revision, &read), QL_OK);
        assert_string_equal(read.reward->reward_id, created.reward->reward_id);
        assert_string_equal(read.reward->reward_name, "Ten diamonds");
        assert_string_equal(read.reward->reward_item, "diamond");
        assert_int_equal(read.reward->reward_qty, 10);
        assert_int_equal(read.reward->revision, 1);
        assert_int_equal(read.reward->revised_at->nanos, created.reward->revised_at->nanos);
    }
    assert_int_equal(get(call, created.reward->reward_id, 2, &read), QL_NOT_FOUND);
    assert_string_equal(call->status.reason, "REWARD_NOT_FOUND");
}

static void test_missing_reward_and_fields_of_the_service_are_refused(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    CreateRewardRequest in;
    CreateRewardResponse out;
    Reward reward;

    (void)state;
    CreateRewardRequest_init(&in);
    CreateRewardResponse_init(&out);
    assert_int_equal(test_rpc(call, RewardCommandService_CreateReward_method, &in, &out),
                     QL_INVALID_ARGUMENT);
    assert_string_equal(call->status.violations[0].field, "reward");
    ql_call_clear_status(call);
    Reward_init(&reward);
    reward.reward_id = (char *)"018f0000-0000-7000-8000-000000000001";
    reward.revision = 1;
    in.reward = &reward;
    assert_int_equal(test_rpc(call, RewardCommandService_CreateReward_method, &in, &out),
                     QL_INVALID_ARGUMENT);
    assert_int_equal(call->status.n_violations, 3);
    ql_call_clear_status(call);
    assert_int_equal(test_refuse_output(call, &in.base), QL_INVALID_ARGUMENT);
    assert_int_equal(call->status.n_violations, 2);
    assert_string_equal(call->status.violations[0].field, "reward.rewardId");
    assert_string_equal(call->status.violations[1].field, "reward.revision");
}

static void test_pages_hold_every_reward_once_and_end(void **state)
{
    QL_CLEANUP(test_call_freep) struct ql_call *call = test_call_new(&app);
    CreateRewardResponse created;
    ListRewardsRequest in;
    ListRewardsResponse out;
    char before[QL_UUID_SIZE] = "";
    int64_t n_rewards, n_seen = 0;

    (void)state;
    for (int i = 0; i < 3; i++)
        assert_int_equal(test_create_reward(call, &created), QL_OK);
    n_rewards = test_sql(&database, "SELECT count(*) FROM rewards");
    ListRewardsRequest_init(&in);
    in.page_size = 2;
    do {
        ListRewardsResponse_init(&out);
        assert_int_equal(test_rpc(call, RewardQueryService_ListRewards_method, &in, &out), QL_OK);
        for (size_t i = 0; i < out.n_rewards; i++, n_seen++) {
            assert_true(strcmp(before, out.rewards[i]->reward_id) < 0);
            snprintf(before, sizeof(before), "%s", out.rewards[i]->reward_id);
        }
        in.page_token = out.next_page_token;
    } while (out.next_page_token[0] != '\0');
    assert_int_equal(n_seen, n_rewards);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_created_reward_is_read_back_the_same),
        cmocka_unit_test(test_missing_reward_and_fields_of_the_service_are_refused),
        cmocka_unit_test(test_pages_hold_every_reward_once_and_end),
    };
    int rc = test_catalog_start();

    if (rc == 0)
        rc = cmocka_run_group_tests(tests, NULL, NULL);
    test_catalog_stop();
    return rc;
}
