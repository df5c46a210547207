/* Tests of the decision to run work again. */
#include "platform/base/rerun.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "platform/base/clock.h"

static void begin_call(struct ql_call *call, struct ql_arena *arena, int64_t timeout_ms)
{
    ql_call_init(call, arena, "test", timeout_ms);
    ql_fail(call, QL_ABORTED, "DATABASE_CONFLICT", "a conflict");
    call->status.is_conflict = true;
}

static void test_conflict_is_run_again_a_bounded_number_of_times(void **state)
{
    QL_CLEANUP(ql_arena_freep) struct ql_arena *arena = ql_arena_new(4096);
    struct ql_call call;
    int n_runs = 1;

    (void)state;
    begin_call(&call, arena, 60000);
    call.etag = "1";
    call.is_replayed = true;
    while (ql_rerun(&call, n_runs)) {
        assert_int_equal(call.status.code, QL_OK);
        assert_null(call.etag);
        assert_false(call.is_replayed);
        begin_call(&call, arena, 60000);
        n_runs++;
    }
    assert_int_equal(n_runs, QL_RUNS_MAX);
    assert_int_equal(call.status.code, QL_ABORTED);
}

static void test_other_failures_are_not_run_again(void **state)
{
    QL_CLEANUP(ql_arena_freep) struct ql_arena *arena = ql_arena_new(4096);
    struct ql_call call;

    (void)state;
    begin_call(&call, arena, 60000);
    ql_fail(&call, QL_ABORTED, "ETAG_MISMATCH", "the handler's own refusal");
    assert_false(ql_rerun(&call, 1));
    assert_string_equal(call.status.reason, "ETAG_MISMATCH");
}

static void test_conflict_at_the_deadline_is_not_run_again(void **state)
{
    QL_CLEANUP(ql_arena_freep) struct ql_arena *arena = ql_arena_new(4096);
    struct ql_call call;

    (void)state;
    begin_call(&call, arena, 0);
    assert_false(ql_rerun(&call, 1));
    assert_int_equal(call.status.code, QL_ABORTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_conflict_is_run_again_a_bounded_number_of_times),
        cmocka_unit_test(test_other_failures_are_not_run_again),
        cmocka_unit_test(test_conflict_at_the_deadline_is_not_run_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
