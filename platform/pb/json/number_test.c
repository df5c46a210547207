/* Numbers and times between text and binary. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "platform/base/attributes.h"
#include "platform/pb/json/number.h"
#include "platform/pb/json/time.h"

static void test_integers_in_any_integral_spelling_are_exact(void **state)
{
    static const struct {
        const char *text;
        enum qli_integer outcome;
        uint64_t magnitude;
        bool is_negative;
    } cases[] = {
        {"0", QLI_INTEGER_OK, 0, false},
        {"-0", QLI_INTEGER_OK, 0, true},
        {"-0.000e-99999999999999999999", QLI_INTEGER_OK, 0, true},
        {"18446744073709551615", QLI_INTEGER_OK, UINT64_MAX, false},
        {"18446744073709551616", QLI_INTEGER_RANGE, 0, false},
        {"99999999999999999999", QLI_INTEGER_RANGE, 0, false},
        {"100000000000000000000", QLI_INTEGER_RANGE, 0, false},
        {"1844674407370955161500e-2", QLI_INTEGER_OK, UINT64_MAX, false},
        {"1.8446744073709551615e19", QLI_INTEGER_OK, UINT64_MAX, false},
        {"0.0000000000000000000001e22", QLI_INTEGER_OK, 1, false},
        {"1e19", QLI_INTEGER_OK, UINT64_C(10000000000000000000), false},
        {"2e19", QLI_INTEGER_RANGE, 0, false},
        {"1e999999999999999999999999", QLI_INTEGER_RANGE, 0, false},
        {"1e-999999999999999999999999", QLI_INTEGER_FRACTION, 0, false},
        {"1.5", QLI_INTEGER_FRACTION, 0, false},
        {"15e-1", QLI_INTEGER_FRACTION, 0, false},
        {"150e-1", QLI_INTEGER_OK, 15, false},
        {"1.50e1", QLI_INTEGER_OK, 15, false},
        {"-12E+2", QLI_INTEGER_OK, 1200, true},
        {"", QLI_INTEGER_NONE, 0, false},
        {"-", QLI_INTEGER_NONE, 0, false},
        {"+1", QLI_INTEGER_NONE, 0, false},
        {"01", QLI_INTEGER_NONE, 0, false},
        {"1.", QLI_INTEGER_NONE, 0, false},
        {".1", QLI_INTEGER_NONE, 0, false},
        {"1e", QLI_INTEGER_NONE, 0, false},
        {"1e+", QLI_INTEGER_NONE, 0, false},
        {"1x", QLI_INTEGER_NONE, 0, false},
    };

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(cases); i++) {
        bool is_negative = false;
        uint64_t magnitude = 0;
        enum qli_integer outcome =
            qli_integer_read(cases[i].text, strlen(cases[i].text), &is_negative, &magnitude);

        if (outcome != cases[i].outcome ||
            (outcome == QLI_INTEGER_OK &&
             (magnitude != cases[i].magnitude || is_negative != cases[i].is_negative)))
            fail_msg("%s: outcome %d, magnitude %llu", cases[i].text, (int)outcome,
                     (unsigned long long)magnitude);
    }
}

static double random_double(void)
{
    uint64_t bits = (uint64_t)random() << 62 ^ (uint64_t)random() << 31 ^ (uint64_t)random();
    double value;

    memcpy(&value, &bits, sizeof(value));
    return value;
}

static void test_printed_numbers_read_back_the_same(void **state)
{
    (void)state;
    srandom(7);
    for (int i = 0; i < 20000; i++) {
        double wide = i % 2 == 0 ? random_double() : (double)random() / (1 << random() % 20);
        char text[QLI_NUMBER_SIZE];
        double wide_back = 0;
        float narrow = (float)wide, narrow_back = 0;
        size_t length;

        if (wide - wide != 0 || narrow - narrow != 0)
            continue; /* not finite */
        length = qli_double_print(text, wide);
        assert_true(qli_double_read(text, length, &wide_back));
        assert_memory_equal(&wide, &wide_back, sizeof(wide));
        length = qli_float_print(text, narrow);
        assert_true(qli_float_read(text, length, &narrow_back));
        assert_memory_equal(&narrow, &narrow_back, sizeof(narrow));
    }
}

static void test_simple_decimals_are_read_like_strtod(void **state)
{
    (void)state;
    srandom(8);
    for (int i = 0; i < 20000; i++) {
        char text[40];
        double value = 0;
        int length = snprintf(text, sizeof(text), "%s%ld.%0*ld", i % 2 == 0 ? "-" : "",
                              random() % 10000, 1 + (int)(random() % 8), random() % 10);

        assert_true(qli_double_read(text, (size_t)length, &value));
        assert_true(value == strtod(text, NULL));
    }
}

static void test_numbers_out_of_range_are_refused(void **state)
{
    double wide;
    float narrow;

    (void)state;
    assert_false(qli_double_read("1e309", 5, &wide));
    assert_false(qli_float_read("3.41e38", 7, &narrow));
    assert_true(qli_float_read("3.4028235e38", 12, &narrow));
    assert_true(qli_double_read("1e-400", 6, &wide));
    assert_true(wide == 0);
}

static void test_every_day_of_the_calendar_comes_back(void **state)
{
    const int64_t first = INT64_C(-62135596800), last = INT64_C(253402300799);

    (void)state;
    for (int64_t seconds = first; seconds <= last; seconds += 86400 * 3 + 12345) {
        char text[QLI_TIME_SIZE];
        size_t length = qli_timestamp_print(text, seconds, 120000);
        int64_t back = 0;
        int32_t nanos = 0;

        assert_true(qli_timestamp_read(text, length, &back, &nanos));
        assert_true(back == seconds);
        assert_int_equal(nanos, 120000);
    }
    assert_int_equal(qli_timestamp_print((char[QLI_TIME_SIZE]){0}, first - 1, 0), 0);
    assert_int_equal(qli_timestamp_print((char[QLI_TIME_SIZE]){0}, last + 1, 0), 0);
}

static void test_fractions_have_three_six_or_nine_digits(void **state)
{
    static const struct {
        int32_t nanos;
        const char *text;
    } cases[] = {{0, "1s"},
                 {500000000, "1.500s"},
                 {1000, "1.000001s"},
                 {1, "1.000000001s"},
                 {999999999, "1.999999999s"}};

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(cases); i++) {
        char text[QLI_TIME_SIZE] = "";
        size_t length = qli_duration_print(text, 1, cases[i].nanos);

        assert_int_equal(length, strlen(cases[i].text));
        assert_memory_equal(text, cases[i].text, length);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_integers_in_any_integral_spelling_are_exact),
        cmocka_unit_test(test_printed_numbers_read_back_the_same),
        cmocka_unit_test(test_simple_decimals_are_read_like_strtod),
        cmocka_unit_test(test_numbers_out_of_range_are_refused),
        cmocka_unit_test(test_every_day_of_the_calendar_comes_back),
        cmocka_unit_test(test_fractions_have_three_six_or_nine_digits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
