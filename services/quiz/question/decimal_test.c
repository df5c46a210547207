/* Decimal numbers. */
#include "services/quiz/question/decimal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "platform/base/attributes.h"

static void test_numbers_are_compared_exactly(void **state)
{
    static const struct {
        const char *left, *right;
        int expected;
    } pairs[] = {
        {"1", "1.000", 0},
        {"-0", "+0.0", 0},
        {"0.1", "0.100000000000001", -1},
        {"-2", "-10", 1},
        {"-1", "1", -1},
        {"007", "7", 0},
        {"99999999999999999999.999999999999999", "99999999999999999999.999999999999998", 1},
        {"-99999999999999999999", "99999999999999999999", -1},
    };

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(pairs); i++)
        assert_int_equal(decimal_compare(pairs[i].left, pairs[i].right), pairs[i].expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_numbers_are_compared_exactly)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
