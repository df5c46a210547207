/* Passwords: what matches, what does not, and how long a decoy takes. */
#include "platform/auth/password.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "platform/base/arena.h"

static char hash[QL_PASSWORD_HASH_SIZE];

static int hash_once(void **state)
{
    struct ql_arena *arena = ql_arena_new(4096);
    struct ql_call call;
    enum ql_code rc;

    (void)state;
    ql_call_init(&call, arena, "test", 60000);
    rc = ql_password_hash(&call, "correct horse", hash);
    ql_arena_free(arena);
    return rc == QL_OK ? 0 : -1;
}

static void test_only_the_password_itself_matches(void **state)
{
    (void)state;
    assert_true(ql_password_matches(hash, "correct horse"));
    assert_false(ql_password_matches(hash, "correct horsE"));
    assert_false(ql_password_matches(hash, "correct hors"));
    assert_false(ql_password_matches(hash, ""));
}

static void test_hash_has_its_parameters_and_not_the_password(void **state)
{
    (void)state;
    assert_ptr_equal(strstr(hash, "$argon2id$v=19$m=19456,t=2,p=1$"), hash);
    assert_null(strstr(hash, "horse"));
}

static void test_what_is_no_hash_matches_nothing(void **state)
{
    (void)state;
    assert_false(ql_password_matches("", "correct horse"));
    assert_false(ql_password_matches("correct horse", "correct horse"));
}

/* Of the processor, not of the clock: what else the machine does is not in it. */
static int64_t cpu_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t best_of_5_ms(void (*work)(void))
{
    int64_t best_ms = INT64_MAX;

    for (int i = 0; i < 5; i++) {
        int64_t begin_ms = cpu_ms(), took_ms;

        work();
        took_ms = cpu_ms() - begin_ms;
        if (took_ms < best_ms)
            best_ms = took_ms;
    }
    return best_ms;
}

static void try_wrong_password(void)
{
    assert_false(ql_password_matches(hash, "wrong"));
}

static void try_decoy(void)
{
    ql_password_decoy("wrong");
}

static void test_decoy_takes_as_long_as_a_wrong_password(void **state)
{
    int64_t wrong_ms = best_of_5_ms(try_wrong_password), decoy_ms = best_of_5_ms(try_decoy);

    (void)state;
    /* Far from what a malformed hash takes, which is nothing. */
    assert_true(decoy_ms * 2 >= wrong_ms);
    assert_true(wrong_ms * 2 + 1 >= decoy_ms);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_only_the_password_itself_matches),
        cmocka_unit_test(test_hash_has_its_parameters_and_not_the_password),
        cmocka_unit_test(test_what_is_no_hash_matches_nothing),
        cmocka_unit_test(test_decoy_takes_as_long_as_a_wrong_password),
    };

    return cmocka_run_group_tests(tests, hash_once, NULL);
}
