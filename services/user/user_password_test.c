/* Claims about passwords that are typed on different systems. */
#include "services/user/user_password.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "platform/base/arena.h"

#define COMPOSED   "caf\u00e9 au lait"  /* as most keyboards give it */
#define DECOMPOSED "cafe\u0301 au lait" /* as some file systems and clients do */

static void hash_of(const char *password, bool as_before, char ret_hash[QL_PASSWORD_HASH_SIZE])
{
    struct ql_call call = {.arena = ql_arena_new(65536)};

    assert_non_null(call.arena);
    assert_int_equal(as_before ? ql_password_hash(&call, password, ret_hash)
                               : user_password_hash(&call, password, ret_hash),
                     QL_OK);
    ql_arena_free(call.arena);
}

static void test_what_looks_alike_is_the_same_password(void **state)
{
    static const char *const alike[][2] = {
        {COMPOSED, DECOMPOSED},
        {"\uac01\uac01 secret", "\u1100\u1161\u11a8\u1100\u1161\u11a8 secret"}, /* Hangul */
        {"two words", "two\u00a0words"},
        {"two words", "two\u3000words"},
    };
    char hash[QL_PASSWORD_HASH_SIZE];

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(alike); i++)
        for (size_t typed = 0; typed < 2; typed++) {
            hash_of(alike[i][typed], false, hash);
            assert_true(user_password_matches(hash, alike[i][0]));
            assert_true(user_password_matches(hash, alike[i][1]));
        }
}

static void test_what_differs_stays_another_password(void **state)
{
    static const char *const different[][2] = {
        {COMPOSED, "cafe au lait"},       {COMPOSED, "Caf\u00e9 au lait"},
        {"\ufb01ne words", "fine words"}, /* compatible, not the same */
        {"two words", "two  words"},      {"two words", "twowords"},
    };
    char hash[QL_PASSWORD_HASH_SIZE];

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(different); i++) {
        hash_of(different[i][0], false, hash);
        assert_false(user_password_matches(hash, different[i][1]));
    }
}

static void test_hashes_of_what_was_typed_match_it_still(void **state)
{
    static const char *const typed[] = {COMPOSED, DECOMPOSED, "two\u00a0words", "plain words"};
    char hash[QL_PASSWORD_HASH_SIZE];

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(typed); i++) {
        hash_of(typed[i], true, hash);
        assert_true(user_password_matches(hash, typed[i]));
        assert_false(user_password_matches(hash, "another password"));
    }
}

static void test_what_nobody_can_have_is_compared_as_it_is(void **state)
{
    char hash[QL_PASSWORD_HASH_SIZE], huge[4096];

    (void)state;
    memset(huge, 'a', sizeof(huge) - 1);
    huge[sizeof(huge) - 1] = '\0';
    hash_of("plain words", false, hash);
    assert_false(user_password_matches(hash, huge));
    assert_false(user_password_matches(hash, "\xff\xfe no text"));
    assert_false(user_password_matches(hash, ""));
    assert_false(user_password_matches("", "plain words"));
    user_password_decoy("\xff\xfe no text");
}

static const char *repeat(const char *text, int times, char ret[4096])
{
    ret[0] = '\0';
    for (int i = 0; i < times; i++)
        strcat(ret, text);
    return ret;
}

static void test_characters_are_counted_composed(void **state)
{
    char hash[QL_PASSWORD_HASH_SIZE], composed[4096], typed[4096];

    (void)state;
    assert_false(user_password_is_valid("e\u0301e\u0301e\u0301e\u0301"));
    assert_true(user_password_is_valid(repeat("e\u0301", 8, typed)));
    assert_false(user_password_is_valid(repeat("e\u0301", 129, typed)));
    assert_true(user_password_is_valid(repeat("e\u0301", 128, typed)));
    hash_of(repeat("\u00e9", 128, composed), false, hash);
    assert_true(user_password_matches(hash, typed));
    /* Four code points of one character. */
    repeat("\u1f82", 128, composed);
    repeat("\u03b1\u0313\u0300\u0345", 128, typed);
    assert_true(user_password_is_valid(composed) && user_password_is_valid(typed));
    hash_of(composed, false, hash);
    assert_true(user_password_matches(hash, typed));
    assert_false(user_password_is_possible(repeat("a", USER_PASSWORD_TYPED_MAX + 1, typed)));
}

/* A hash that it would match shows that nothing was hashed. */
static void test_a_password_that_is_longer_than_any_is_not_hashed(void **state)
{
    char hash[QL_PASSWORD_HASH_SIZE], typed[4096];

    (void)state;
    repeat("a", USER_PASSWORD_TYPED_MAX, typed);
    hash_of(typed, true, hash);
    assert_true(user_password_matches(hash, typed));
    repeat("a", USER_PASSWORD_TYPED_MAX + 1, typed);
    hash_of(typed, true, hash);
    assert_false(user_password_matches(hash, typed));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_characters_are_counted_composed),
        cmocka_unit_test(test_a_password_that_is_longer_than_any_is_not_hashed),
        cmocka_unit_test(test_what_looks_alike_is_the_same_password),
        cmocka_unit_test(test_what_differs_stays_another_password),
        cmocka_unit_test(test_hashes_of_what_was_typed_match_it_still),
        cmocka_unit_test(test_what_nobody_can_have_is_compared_as_it_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
