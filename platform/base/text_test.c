/* Claims about what can be seen. */
#include "platform/base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_blank_is_what_shows_nothing(void **state)
{
    static const char *const blank[] = {"",
                                        " ",
                                        " \t\r\n",
                                        "\xc2\xa0",
                                        "\xe2\x80\x83",
                                        "\xe3\x80\x80",
                                        "\xe2\x80\x8b",
                                        "\xef\xbb\xbf \xc2\xad"};
    static const char *const seen[] = {
        "a", " a", "\xc3\xa9", "\xe6\x97\xa5", "\xf0\x9f\x98\x80", "\xc2\xa0.", "-"};

    (void)state;
    for (size_t i = 0; i < sizeof(blank) / sizeof(blank[0]); i++)
        assert_true(ql_text_is_blank(blank[i]));
    for (size_t i = 0; i < sizeof(seen) / sizeof(seen[0]); i++)
        assert_false(ql_text_is_blank(seen[i]));
}

static void test_a_name_stands_on_one_line(void **state)
{
    static const char *const names[] = {"a", "a b", "\xc3\xa9\xe6\x97\xa5\xf0\x9f\x98\x80",
                                        "a\xc2\xa0"};
    static const char *const others[] = {
        "",      " ",         "a\n",       "\ta",           "a\x7f",
        "a\x01", "a\xc2\x85", "a\xc2\x9f", "a\xe2\x80\xa8", "a\xe2\x80\xa9"};

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        assert_true(ql_text_is_name(names[i]));
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        assert_false(ql_text_is_name(others[i]));
}

static void test_lower_changes_ascii_letters_alone(void **state)
{
    char text[] = "AZaz@[`{09\xc3\x89-_";

    (void)state;
    ql_text_lower(text);
    assert_string_equal(text, "azaz@[`{09\xc3\x89-_");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_blank_is_what_shows_nothing),
        cmocka_unit_test(test_a_name_stands_on_one_line),
        cmocka_unit_test(test_lower_changes_ascii_letters_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
