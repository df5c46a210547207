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

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_blank_is_what_shows_nothing)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
