/* Tests of decimal numbers. */
#include "platform/base/decimal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define ONE INT64_C(1000000000000000)

/* What a text is read as; it must be a number that is not too large. */
static ql_decimal value_of(const char *text)
{
    ql_decimal value;

    if (ql_decimal_read(text, &value) != QL_DECIMAL_IS_READ)
        fail_msg("\"%s\" was not read", text);
    return value;
}

static void test_every_spelling_of_a_number_has_one_value(void **state)
{
    static const char *const spellings[] = {
        "1.5",       "1,5",     "+1.5",     "01.50",  " 1.5",
        "1.5 ",      "\t1.5\t", "15e-1",    ".15e1",  ",15E+1",
        "0.0015e03", "150e-2",  "1500E-03", "1.5e00", "00000000000000000000001.5",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(spellings) / sizeof(spellings[0]); i++)
        assert_true(value_of(spellings[i]) == ONE + ONE / 2);
    assert_true(value_of("2.") == 2 * (ql_decimal)ONE);
    assert_true(value_of("-2,") == -2 * (ql_decimal)ONE);
    assert_true(value_of("-0") == 0);
    assert_true(value_of("0e99") == 0);
}

static void test_what_is_no_number_is_refused(void **state)
{
    static const char *const others[] = {
        "",
        " ",
        "+",
        "-",
        ".",
        ",",
        "e5",
        "1e",
        "1e+",
        "1e100",
        "1.2.3",
        "1,2,3",
        "1.2,3",
        "1 2",
        "0x1",
        "NaN",
        "inf",
        "1e1.5",
        "--1",
        "+-1",
        "1f",
        "1\n",
        "\xd9\xa1" /* ARABIC-INDIC DIGIT ONE */,
        "1\xc2\xa0",
        "\xef\xbc\x91" /* FULLWIDTH */,
    };
    ql_decimal value;

    (void)state;
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        value = 7;
        if (ql_decimal_read(others[i], &value) != QL_DECIMAL_IS_NO_NUMBER)
            fail_msg("\"%s\" was read", others[i]);
        assert_true(value == 0);
    }
}

static void test_digits_behind_the_fifteenth_are_cut(void **state)
{
    (void)state;
    assert_true(value_of("1.100000000000001") == ONE + ONE / 10 + 1);
    assert_true(value_of("1.1000000000000009") == ONE + ONE / 10);
    assert_true(value_of("-0.9999999999999999") == -(ONE - 1));
    assert_true(value_of("0.0000000000000009") == 0);
    assert_true(value_of("1e-15") == 1);
    assert_true(value_of("9e-16") == 0);
    assert_true(value_of("1e-99") == 0);
}

static void test_numbers_of_twenty_digits_are_the_largest(void **state)
{
    static const char *const larger[] = {
        "100000000000000000000", "-100000000000000000000", "1e20", "0.001e23", "1e99", "12e19"};
    ql_decimal value, greatest = ONE;

    (void)state;
    for (int i = 0; i < 20; i++)
        greatest *= 10;
    greatest -= 1;
    assert_true(value_of("99999999999999999999.999999999999999") == greatest);
    assert_true(value_of("-99999999999999999999.9999999999999999") == -greatest);
    assert_true(value_of("000099999999999999999999,999999999999999") == greatest);
    for (size_t i = 0; i < sizeof(larger) / sizeof(larger[0]); i++) {
        value = 7;
        assert_int_equal(ql_decimal_read(larger[i], &value), QL_DECIMAL_IS_TOO_LARGE);
        assert_true(value == 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_spelling_of_a_number_has_one_value),
        cmocka_unit_test(test_what_is_no_number_is_refused),
        cmocka_unit_test(test_digits_behind_the_fifteenth_are_cut),
        cmocka_unit_test(test_numbers_of_twenty_digits_are_the_largest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
