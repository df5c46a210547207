/* Tests of the names that a gateway answers to. */
#include "gateway/host.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "platform/base/attributes.h"

static bool answers(const char *hosts, bool is_local, const char *authority)
{
    return host_is_answered(hosts, is_local, authority, strlen(authority));
}

static const char *const loopback[] = {
    "localhost",      "localhost:8000", "LOCALHOST.", "app.localhost:1", "127.0.0.1",
    "127.0.0.1:8000", "127.1.2.3",      "[::1]",      "[::1]:8000",
};
static const char *const strangers[] = {
    "evil.example",
    "evil.example:8000",
    "localhost.evil.example",
    "notlocalhost",
    "128.0.0.1",
    "127.0.0.1.evil.example",
    "[::2]:8000",
    "[fe80::1",
    "192.168.1.2:1",
    "evil.example#localhost",
    ".localhost.",
    "0",
    "127.0.0.1:@evil.example",
    "127.0.0.1:80@evil.example",
    "[::1]evil.example",
    "[::1]:80@evil.example",
    "[",
};

static void test_local_mode_answers_to_loopback_names_alone(void **state)
{
    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(loopback); i++)
        assert_true(answers("", true, loopback[i]));
    for (size_t i = 0; i < QL_ARRAY_LENGTH(strangers); i++)
        assert_false(answers("", true, strangers[i]));
    assert_true(answers("", true, ""));
}

static void test_names_that_are_listed_are_answered_besides_them(void **state)
{
    (void)state;
    for (int is_local = 0; is_local < 2; is_local++) {
        assert_true(answers("api.example, b.example", is_local, "API.example:443"));
        assert_true(answers("api.example, b.example", is_local, "b.example"));
        assert_true(answers("api.example", is_local, "localhost:8000"));
        assert_false(answers("api.example", is_local, "example"));
        assert_false(answers("api.example", is_local, "x.api.example"));
        assert_true(answers("*", is_local, "evil.example"));
    }
    assert_true(answers("", false, "evil.example"));
}

static void test_a_name_too_long_for_one_is_nobodys(void **state)
{
    char name[400];

    (void)state;
    memset(name, 'a', sizeof(name));
    memcpy(name + sizeof(name) - 10, ".localhost", 10);
    assert_false(host_is_answered("", true, name, sizeof(name)));
}

static bool is_same(const char *one, const char *other)
{
    return host_is_same(one, strlen(one), other, strlen(other), "80");
}

static void test_authorities_are_the_same_in_any_case_and_with_the_schemes_port(void **state)
{
    (void)state;
    assert_true(is_same("a.example", "A.Example"));
    assert_true(is_same("a.example:80", "a.example"));
    assert_true(is_same("a.example:", "a.example"));
    assert_true(is_same("[::1]", "[::1]:80"));
    assert_true(is_same("", ""));
    assert_false(is_same("a.example:443", "a.example"));
    assert_false(is_same("a.example", "b.example"));
    assert_false(is_same("a.example", "a.example.b"));
    assert_false(is_same("a.example", ""));
    assert_false(is_same("[::1]", "[::1"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_local_mode_answers_to_loopback_names_alone),
        cmocka_unit_test(test_names_that_are_listed_are_answered_besides_them),
        cmocka_unit_test(test_a_name_too_long_for_one_is_nobodys),
        cmocka_unit_test(test_authorities_are_the_same_in_any_case_and_with_the_schemes_port),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
