/* The command line: what is understood, and what is refused with its name. */
#include "tools/questctl/options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "platform/base/attributes.h"

static const struct option own[] = {
    {"--count", OPTION_NUMBER, offsetof(struct options, count), "N", "so many", 1, 100},
    {"--type", OPTION_TEXT, offsetof(struct options, type), "TYPE", "of this type", 0, 0},
    {0},
};

static char error[256];

static bool read(struct options *options, size_t n, const char *const *words)
{
    memset(options, 0, sizeof(*options));
    error[0] = '\0';
    return options_read(options, own, (int)n, (char **)(uintptr_t)words, error, sizeof(error));
}

#define READ(options, ...)                                                                         \
    read((options), sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *),                        \
         (const char *[]){__VA_ARGS__})

static void test_options_stand_anywhere_and_in_both_forms(void **state)
{
    struct options options;

    (void)state;
    assert_true(READ(&options, "--json", "one", "--count", "7", "--type=a.b", "two"));
    assert_true(options.json);
    assert_int_equal(options.count, 7);
    assert_string_equal(options.type, "a.b");
    assert_int_equal(options.n_arguments, 2);
    assert_string_equal(options.arguments[1], "two");
    assert_true(READ(&options, "--type=", "-"));
    assert_string_equal(options.type, "");
    assert_string_equal(options.arguments[0], "-");
}

static void test_two_dashes_end_the_options(void **state)
{
    struct options options;

    (void)state;
    assert_true(READ(&options, "--", "--json"));
    assert_false(options.json);
    assert_string_equal(options.arguments[0], "--json");
}

static void test_what_is_wrong_is_named(void **state)
{
    static const struct {
        const char *words[6];
        const char *named;
    } cases[] = {
        {{"--nonsense"}, "--nonsense"},
        {{"--count"}, "--count"},
        {{"--count", "0"}, "from 1 to 100"},
        {{"--count", "101"}, "from 1 to 100"},
        {{"--count", "7x"}, "\"7x\""},
        {{"--count", ""}, "from 1 to 100"},
        {{"--count=99999999999999999999"}, "from 1 to 100"},
        {{"--json=yes"}, "--json"},
        {{"a", "b", "c", "d", "e"}, "\"e\""},
    };
    struct options options;

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(cases); i++) {
        size_t n = 0;

        while (n < 6 && cases[i].words[n] != NULL)
            n++;
        assert_false(read(&options, n, cases[i].words));
        assert_non_null(strstr(error, cases[i].named));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_options_stand_anywhere_and_in_both_forms),
        cmocka_unit_test(test_two_dashes_end_the_options),
        cmocka_unit_test(test_what_is_wrong_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
