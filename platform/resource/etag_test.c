/* Claims about etags. */
#include "platform/resource/etag.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_a_change_needs_the_etag_that_is_sent(void **state)
{
    static const struct {
        const char *etag, *if_match;
        enum ql_code rc;
    } cases[] = {
        {"", NULL, QL_OK},
        {"7", NULL, QL_OK},
        {"6", NULL, QL_ABORTED},
        {"07", NULL, QL_ABORTED},
        {"\"7\"", NULL, QL_ABORTED},
        {"", "\"7\"", QL_OK},
        {"", "*", QL_OK},
        {"", "\"6\", \"7\"", QL_OK},
        {"", "\"6\",W/\"8\" ,\"7\",", QL_OK},
        {"7", "\"7\"", QL_OK},
        {"6", "\"7\"", QL_ABORTED},
        {"7", "\"6\"", QL_ABORTED},
        {"6", "*", QL_ABORTED},
        {"", "\"6\"", QL_ABORTED},
        {"", "\"77\"", QL_ABORTED},
        {"", "\"\"", QL_ABORTED},
        {"", "W/\"7\"", QL_ABORTED},
        {"", "", QL_ABORTED},
        {"", "7", QL_INVALID_ARGUMENT},
        {"", "\"7", QL_INVALID_ARGUMENT},
        {"", "\"7\"x", QL_INVALID_ARGUMENT},
        {"", "\"7\", *", QL_INVALID_ARGUMENT},
    };
    struct ql_arena *arena = ql_arena_new(64 * 1024);
    struct ql_call call;

    (void)state;
    assert_non_null(arena);
    ql_call_init(&call, arena, "test", 10000);
    for (size_t i = 0; i < QL_ARRAY_LENGTH(cases); i++) {
        enum ql_code rc;

        ql_call_clear_status(&call);
        call.if_match = cases[i].if_match;
        rc = ql_resource_check_etag(&call, cases[i].etag, "7");
        if (rc != cases[i].rc)
            fail_msg("case %zu gives %s", i, ql_code_name(rc));
        if (rc == QL_ABORTED)
            assert_string_equal(call.status.reason, "ETAG_MISMATCH");
        if (rc == QL_INVALID_ARGUMENT)
            assert_string_equal(call.status.violations[0].field, "If-Match");
    }
    ql_arena_free(arena);
}

static void test_only_an_if_match_fails_as_a_precondition(void **state)
{
    static const struct {
        const char *etag, *if_match;
        bool is_precondition_failed;
    } cases[] = {{"6", NULL, false},
                 {"6", "*", false},
                 {"6", "\"7\"", false},
                 {"", "\"6\"", true},
                 {"7", "\"6\"", true}};
    struct ql_arena *arena = ql_arena_new(64 * 1024);
    struct ql_call call;

    (void)state;
    assert_non_null(arena);
    ql_call_init(&call, arena, "test", 10000);
    for (size_t i = 0; i < QL_ARRAY_LENGTH(cases); i++) {
        call.if_match = cases[i].if_match;
        assert_int_equal(ql_resource_check_etag(&call, cases[i].etag, "7"), QL_ABORTED);
        assert_true(call.status.is_precondition_failed == cases[i].is_precondition_failed);
    }
    ql_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_change_needs_the_etag_that_is_sent),
        cmocka_unit_test(test_only_an_if_match_fails_as_a_precondition),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
