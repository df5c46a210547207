/* Claims about pages of lists. */
#include "platform/service/page.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static int setup(void **state)
{
    static struct ql_call call;
    struct ql_arena *arena = ql_arena_new(64 * 1024);

    if (arena == NULL)
        return -1;
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

static void test_page_size_zero_is_the_default_and_limits_hold(void **state)
{
    static const struct {
        int32_t asked;
        int expected; /* 0: refused */
    } cases[] = {{0, 50}, {1, 1}, {200, 200}, {201, 0}, {-1, 0}, {INT32_MIN, 0}, {INT32_MAX, 0}};

    for (size_t i = 0; i < QL_ARRAY_LENGTH(cases); i++) {
        struct ql_call *call = *state;
        int n_rows = 0;
        enum ql_code rc = ql_page_size_read(call, cases[i].asked, &n_rows);

        assert_int_equal(rc, cases[i].expected == 0 ? QL_INVALID_ARGUMENT : QL_OK);
        assert_int_equal(n_rows, cases[i].expected);
    }
}

static void test_uuid_token_of_a_stranger_names_page_token(void **state)
{
    struct ql_call *call = *state;
    const char *after = NULL;

    assert_int_equal(ql_page_after_uuid(call, "", &after), QL_OK);
    assert_string_equal(after, "00000000-0000-0000-0000-000000000000");
    assert_int_equal(ql_page_after_uuid(call, "x", &after), QL_INVALID_ARGUMENT);
    assert_string_equal(call->status.violations[0].field, "pageToken");
}

static void test_number_tokens_are_digits_that_fit(void **state)
{
    static const struct {
        const char *token;
        int64_t expected; /* -1: refused */
    } cases[] = {{"", 0},    {"7", 7},    {"9223372036854775807", INT64_MAX},
                 {"-1", -1}, {" 7", -1},  {"9223372036854775808", -1},
                 {"7x", -1}, {"0x7", -1}, {"+7", -1}};

    for (size_t i = 0; i < QL_ARRAY_LENGTH(cases); i++) {
        struct ql_call *call = *state;
        int64_t after = -1;
        enum ql_code rc = ql_page_after_number(call, cases[i].token, &after);

        assert_int_equal(rc, cases[i].expected < 0 ? QL_INVALID_ARGUMENT : QL_OK);
        assert_int_equal(after, cases[i].expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_page_size_zero_is_the_default_and_limits_hold, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_uuid_token_of_a_stranger_names_page_token, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_number_tokens_are_digits_that_fit, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
