/* The cache of verified tokens: what it finds, forgets, and at most holds. */
#include "platform/auth/token_cache.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "platform/base/clock.h"

enum { HOUR_MS = 3600000 };

static const struct ql_identity someone = {.role = QL_ROLE_USER, .subject = "someone"};
static const struct ql_identity other = {.role = QL_ROLE_ADMIN, .subject = "other"};

static int set_up(void **state)
{
    *state = qli_token_cache_new();
    return *state != NULL ? 0 : -1;
}

static int tear_down(void **state)
{
    qli_token_cache_free(*state);
    return 0;
}

static void test_token_is_found_with_its_own_identity_only(void **state)
{
    int64_t later = ql_unix_ms() + HOUR_MS;
    struct ql_identity found = {0};

    qli_token_cache_put(*state, "a.b.c", 1, later, &someone);
    qli_token_cache_put(*state, "a.b.d", 1, later, &other);
    assert_true(qli_token_cache_get(*state, "a.b.c", 1, &found));
    assert_string_equal(found.subject, "someone");
    assert_true(qli_token_cache_get(*state, "a.b.d", 1, &found));
    assert_int_equal(found.role, QL_ROLE_ADMIN);
    assert_false(qli_token_cache_get(*state, "a.b.e", 1, &found));
    assert_false(qli_token_cache_get(*state, "a.b.", 1, &found));
    assert_false(qli_token_cache_get(*state, "a.b.cc", 1, &found));
}

static void test_token_dies_at_its_time(void **state)
{
    struct ql_identity found;

    qli_token_cache_put(*state, "old", 1, ql_unix_ms() - 1, &someone);
    assert_false(qli_token_cache_get(*state, "old", 1, &found));
}

static void test_token_of_older_keys_is_dead(void **state)
{
    int64_t later = ql_unix_ms() + HOUR_MS;
    struct ql_identity found;

    qli_token_cache_put(*state, "a", 1, later, &someone);
    assert_false(qli_token_cache_get(*state, "a", 2, &found));
    qli_token_cache_put(*state, "a", 2, later, &other);
    assert_true(qli_token_cache_get(*state, "a", 2, &found));
    assert_string_equal(found.subject, "other");
}

static void test_full_cache_forgets_and_stays_right(void **state)
{
    int64_t later = ql_unix_ms() + HOUR_MS;
    int n_kept = 0;

    for (int i = 0; i < 20000; i++) {
        struct ql_identity identity = {.role = QL_ROLE_USER};
        char token[32];

        snprintf(token, sizeof(token), "token.%d", i);
        snprintf(identity.subject, sizeof(identity.subject), "%d", i);
        qli_token_cache_put(*state, token, 1, later + i, &identity);
    }
    for (int i = 0; i < 20000; i++) {
        struct ql_identity found;
        char token[32];

        snprintf(token, sizeof(token), "token.%d", i);
        if (!qli_token_cache_get(*state, token, 1, &found))
            continue;
        n_kept++;
        assert_int_equal(strtol(found.subject, NULL, 10), i);
    }
    assert_in_range(n_kept, 3500, 4096); /* every set is full, but for rare ones */
}

#define CACHE_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CACHE_TEST(test_token_is_found_with_its_own_identity_only),
        CACHE_TEST(test_token_dies_at_its_time),
        CACHE_TEST(test_token_of_older_keys_is_dead),
        CACHE_TEST(test_full_cache_forgets_and_stays_right),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
