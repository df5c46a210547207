/* Tests of the list of origins. */
#include "gateway/cors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static bool allows(const char *origins, const char *origin)
{
    return cors_allows(origins, origin, strlen(origin));
}

static void test_typing_errors_are_no_lists_of_origins(void **state)
{
    (void)state;
    assert_true(cors_origins_are_good(""));
    assert_true(cors_origins_are_good("*"));
    assert_true(cors_origins_are_good("https://a.example"));
    assert_true(cors_origins_are_good("https://a.example, http://b:8080,http://[::1]:3000"));
    assert_false(cors_origins_are_good("a.example"));
    assert_false(cors_origins_are_good("https://"));
    assert_false(cors_origins_are_good("https://a.example/"));
    assert_false(cors_origins_are_good("https://*.example"));
    assert_false(cors_origins_are_good("https://a.example https://b.example"));
    assert_false(cors_origins_are_good("*, https://a.example"));
}

static void test_origins_match_whole_or_not_at_all(void **state)
{
    static const char list[] = "https://a.example, http://b:8080";

    (void)state;
    assert_true(allows(list, "https://a.example"));
    assert_true(allows(list, "http://b:8080"));
    assert_false(allows(list, "http://a.example"));
    assert_false(allows(list, "https://a.example.evil"));
    assert_false(allows(list, "https://a.exampl"));
    assert_false(allows(list, "http://b"));
    assert_false(allows(list, ""));
    assert_false(allows(list, "null"));
    assert_true(allows("*", "https://anybody"));
    assert_false(allows("", "https://anybody"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_typing_errors_are_no_lists_of_origins),
        cmocka_unit_test(test_origins_match_whole_or_not_at_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
