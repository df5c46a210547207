/* Tests of the status codes' names. */
#include "platform/base/status.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_codes_carry_the_names_of_google_rpc(void **state)
{
    (void)state;
    assert_string_equal(ql_code_name(QL_OK), "OK");
    assert_string_equal(ql_code_name(QL_NOT_FOUND), "NOT_FOUND");
    assert_string_equal(ql_code_name(QL_UNAVAILABLE), "UNAVAILABLE");
    assert_string_equal(ql_code_name(QL_UNAUTHENTICATED), "UNAUTHENTICATED");
}

static void test_every_code_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (int a = QL_OK; a <= QL_UNAUTHENTICATED; a++)
        for (int b = a + 1; b <= QL_UNAUTHENTICATED; b++)
            assert_string_not_equal(ql_code_name((enum ql_code)a), ql_code_name((enum ql_code)b));
}

static void test_number_outside_the_enum_is_unknown(void **state)
{
    (void)state;
    assert_string_equal(ql_code_name((enum ql_code)17), "UNKNOWN");
    assert_string_equal(ql_code_name((enum ql_code) - 1), "UNKNOWN");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_codes_carry_the_names_of_google_rpc),
        cmocka_unit_test(test_every_code_has_a_name_of_its_own),
        cmocka_unit_test(test_number_outside_the_enum_is_unknown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
