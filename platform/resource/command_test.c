/* Claims about what all commands do alike. */
#include "platform/resource/command.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_a_refusal_names_reason_and_field(void **state)
{
    struct ql_arena *arena = ql_arena_new(64 * 1024);
    struct ql_call call;

    (void)state;
    assert_non_null(arena);
    ql_call_init(&call, arena, "test", 10000);
    ql_fail(&call, QL_NOT_FOUND, "OTHER", "before");
    assert_int_equal(ql_resource_refuse(&call, "REWARD_ARCHIVED", "quest.rewardId", "reward %d", 3),
                     QL_FAILED_PRECONDITION);
    assert_int_equal(call.status.code, QL_FAILED_PRECONDITION);
    assert_string_equal(call.status.reason, "REWARD_ARCHIVED");
    assert_string_equal(call.status.message, "quest.rewardId: reward 3");
    assert_int_equal(call.status.n_violations, 1);
    assert_string_equal(call.status.violations[0].field, "quest.rewardId");
    ql_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_refusal_names_reason_and_field),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
