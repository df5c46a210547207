/* Claims about the rules of a reward. */
#include "services/catalog/reward.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static char name_200[201], name_201[202], item_64[65], item_65[66];

static int setup(void **state)
{
    static struct ql_call call;
    struct ql_arena *arena = ql_arena_new(64 * 1024);

    if (arena == NULL)
        return -1;
    memset(name_200, 'n', 200);
    memset(name_201, 'n', 201);
    memset(item_64, 'i', 64);
    memset(item_65, 'i', 65);
    ql_call_init(&call, arena, "test", 10000);
    *state = &call;
    return 0;
}

static int teardown(void **state)
{
    struct ql_call *call = *state;

    ql_arena_free(call->arena);
    return 0;
}

static void test_rewards_inside_and_outside_their_limits(void **state)
{
    static const struct {
        const char *name, *item;
        int32_t qty;
        const char *field; /* NULL: valid */
    } cases[] = {
        {"Ten diamonds", "diamond", 10, NULL},
        {name_200, item_64, 1000000, NULL},
        {"x", "a.b_c-9", 1, NULL},
        {"", "gold", 1, "reward.rewardName"},
        {"  ", "gold", 1, "reward.rewardName"},
        {name_201, "gold", 1, "reward.rewardName"},
        {"x", "", 1, "reward.rewardItem"},
        {"x", "Gold", 1, "reward.rewardItem"},
        {"x", "two words", 1, "reward.rewardItem"},
        {"x", item_65, 1, "reward.rewardItem"},
        {"x", "gold", 0, "reward.rewardQty"},
        {"x", "gold", -1, "reward.rewardQty"},
        {"x", "gold", 1000001, "reward.rewardQty"},
    };

    for (size_t i = 0; i < QL_ARRAY_LENGTH(cases); i++) {
        struct ql_call *call = *state;
        Reward reward;
        enum ql_code rc;

        Reward_init(&reward);
        reward.reward_name = (char *)cases[i].name;
        reward.reward_item = (char *)cases[i].item;
        reward.reward_qty = cases[i].qty;
        ql_call_clear_status(call);
        rc = reward_validate(call, &reward);
        assert_int_equal(rc, cases[i].field == NULL ? QL_OK : QL_INVALID_ARGUMENT);
        assert_int_equal(call->status.n_violations, cases[i].field == NULL ? 0 : 1);
        if (cases[i].field != NULL)
            assert_string_equal(call->status.violations[0].field, cases[i].field);
    }
}

static void test_every_violation_is_reported_at_once(void **state)
{
    struct ql_call *call = *state;
    Reward reward;

    Reward_init(&reward);
    assert_int_equal(reward_validate(call, &reward), QL_INVALID_ARGUMENT);
    assert_int_equal(call->status.n_violations, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_rewards_inside_and_outside_their_limits, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_every_violation_is_reported_at_once, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
