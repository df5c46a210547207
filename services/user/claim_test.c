/* Claims about claims. */
#include "services/user/claim.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define USER  "018f0000-0000-7000-8000-00000000000a"
#define QUEST "018f0000-0000-7000-8000-00000000000b"

static void test_id_follows_from_user_quest_and_ordinal_alone(void **state)
{
    struct claim one, same, next;

    (void)state;
    claim_begin(&one, USER, QUEST, 1, 1);
    claim_begin(&same, "018F0000-0000-7000-8000-00000000000A", QUEST, 2, 1);
    claim_begin(&next, USER, QUEST, 1, 2);
    assert_true(ql_uuid_is_valid(one.claim_id));
    assert_string_equal(one.claim_id, same.claim_id);
    assert_string_equal(one.user_id, same.user_id);
    assert_string_not_equal(one.claim_id, next.claim_id);
    assert_int_equal(one.status, CLAIM_PENDING);
}

static void test_wallet_takes_a_reward_up_to_the_largest_number(void **state)
{
    struct claim claim = {.reward_qty = 10};

    (void)state;
    assert_true(claim_fits(&claim, 0));
    assert_true(claim_fits(&claim, INT32_MAX - 10));
    assert_false(claim_fits(&claim, INT32_MAX - 9));
    assert_false(claim_fits(&claim, INT32_MAX));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_id_follows_from_user_quest_and_ordinal_alone),
        cmocka_unit_test(test_wallet_takes_a_reward_up_to_the_largest_number),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
