/* Claims about patterns: what they match, and what is no pattern here. */
#include "platform/pb/validate/pattern.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static int setup(void **state)
{
    *state = ql_arena_new(16 * 1024 * 1024);
    return *state == NULL ? -1 : 0;
}

static int teardown(void **state)
{
    ql_arena_free(*state);
    return 0;
}

static const struct {
    const char *pattern, *text;
    bool matches;
} match_cases[] = {
    {"^[a-z0-9._-]*$", "", true},
    {"^[a-z0-9._-]*$", "a.b_c-9", true},
    {"^[a-z0-9._-]*$", "a b", false},
    {"^[a-z0-9._-]*$", "a\n", false},
    {"^[a-z]+$", "", false},
    {"^[a-z][a-z0-9_]*(\\.[a-z][a-z0-9_]*)+$", "monster.killed", true},
    {"^[a-z][a-z0-9_]*(\\.[a-z][a-z0-9_]*)+$", "a.b.c9_", true},
    {"^[a-z][a-z0-9_]*(\\.[a-z][a-z0-9_]*)+$", "monster", false},
    {"^[a-z][a-z0-9_]*(\\.[a-z][a-z0-9_]*)+$", "monster.", false},
    {"^[a-z][a-z0-9_]*(\\.[a-z][a-z0-9_]*)+$", "monster..killed", false},
    {"^[^.\\x00-\\x1f\\x7f]+(\\.[^.\\x00-\\x1f\\x7f]+)*$", "größe.€😀", true},
    {"^[^.\\x00-\\x1f\\x7f]+(\\.[^.\\x00-\\x1f\\x7f]+)*$", "a.\x7f", false},
    {"^[^a]$", "€", true},
    {"^[^a]$", "€€", false},
    {"^[^a]{2}$", "€\n", true},
    {"b", "abc", true},
    {"b", "acd", false},
    {"^a", "ab", true},
    {"^a", "ba", false},
    {"a$", "ba", true},
    {"a$", "ab", false},
    {"aab", "aaab", true},
    {"^(me|[0-9a-f]{2}(-[0-9a-f]{2}){2})$", "me", true},
    {"^(me|[0-9a-f]{2}(-[0-9a-f]{2}){2})$", "01-23-ef", true},
    {"^(me|[0-9a-f]{2}(-[0-9a-f]{2}){2})$", "01-23", false},
    {"^a{2,3}$", "a", false},
    {"^a{2,3}$", "aa", true},
    {"^a{2,3}$", "aaa", true},
    {"^a{2,3}$", "aaaa", false},
    {"^a{2,}$", "aaaaaa", true},
    {"^a{0}b$", "b", true},
    {"^a?b$", "ab", true},
    {"^(a|b)?c$", "c", true},
    {"^(a*)*$", "aaa", true},
    {"^\\$\\^\\[\\{\\|\\.\\*\\+\\?\\(\\)/\\\\$", "$^[{|.*+?()/\\", true},
    {"^[a}.*$^-]+$", "}-^$*.a", true},
    {"^[-a]+$", "-a", true},
    {"^[\\x00-\\x09]$", "\x01", true},
    {"^[\\x00-\\x09]$", "\n", false},
    {"^[^\\x7F]{3}$", "ü€😀", true},
    {"^[^a]+[^b]+$", "€", false},
    {"^$", "", true},
    {"^$", "a", false},
};

static void test_matches(void **state)
{
    for (size_t i = 0; i < QL_ARRAY_LENGTH(match_cases); i++) {
        const char *fault;
        struct ql_pattern *pattern = ql_pattern_new(*state, match_cases[i].pattern, &fault);

        if (pattern == NULL)
            fail_msg("%s %s", match_cases[i].pattern, fault);
        assert_true(ql_pattern_compile(pattern));
        assert_string_equal(ql_pattern_text(pattern), match_cases[i].pattern);
        if (ql_pattern_matches(pattern, match_cases[i].text) != match_cases[i].matches)
            fail_msg("%s and %s", match_cases[i].pattern, match_cases[i].text);
        ql_pattern_done(pattern);
    }
}

static void test_others_are_refused(void **state)
{
    static const char *const patterns[] = {
        ".",
        "^\\d+$",
        "\\w",
        "\\bx",
        "[[:alpha:]]",
        "[a&&b]",
        "[a--b]",
        "(?i)a",
        "a|b",
        "a**",
        "a+?",
        "*a",
        "(a",
        "a)",
        "[a",
        "[]",
        "[z-a]",
        "a{2,1}",
        "a{x}",
        "a{1",
        "a{9999}",
        "a^",
        "a$b",
        "ä",
        "[ä]",
        "\\",
        "\\xg0",
        "\\x80",
        "\\-",
        "}",
        "]",
        "(^a)",
        "a{1000}(b{1000}){1000}",
        "(a{100}){100}",
        "((((((((((a))))))))))",
        "",
        "()",
        "(a|)",
        "\\/",
        "[\\x41]",
        "[\\x00]",
        "[\\n]",
        "[a-c-e]",
    };

    for (size_t i = 0; i < QL_ARRAY_LENGTH(patterns); i++) {
        const char *fault = NULL;

        if (ql_pattern_new(*state, patterns[i], &fault) != NULL)
            fail_msg("%s was taken", patterns[i]);
        assert_non_null(fault);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_matches, setup, teardown),
        cmocka_unit_test_setup_teardown(test_others_are_refused, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
