/* Claims about refresh tokens. */
#include "platform/auth/refresh_token.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void test_tokens_are_hexadecimal_and_never_the_same(void **state)
{
    char one[QL_REFRESH_TOKEN_SIZE], other[QL_REFRESH_TOKEN_SIZE];

    (void)state;
    ql_refresh_token_new(one);
    ql_refresh_token_new(other);
    assert_int_equal(strlen(one), QL_REFRESH_TOKEN_SIZE - 1);
    assert_int_equal(strspn(one, "0123456789abcdef"), QL_REFRESH_TOKEN_SIZE - 1);
    assert_string_not_equal(one, other);
}

static void test_hash_is_the_sha_256_of_the_text(void **state)
{
    /* FIPS 180-2, appendix B.1: "abc". */
    static const unsigned char expected[QL_REFRESH_HASH_BYTES] = {
        0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41, 0x40,
        0xde, 0x5d, 0xae, 0x22, 0x23, 0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17,
        0x7a, 0x9c, 0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad};
    unsigned char hash[QL_REFRESH_HASH_BYTES];

    (void)state;
    ql_refresh_token_hash("abc", hash);
    assert_memory_equal(hash, expected, sizeof(expected));
}

static void test_next_token_follows_from_the_one_before_and_the_salt(void **state)
{
    unsigned char salt[QL_REFRESH_SALT_BYTES], other_salt[QL_REFRESH_SALT_BYTES];
    char first[QL_REFRESH_TOKEN_SIZE], next[QL_REFRESH_TOKEN_SIZE], again[QL_REFRESH_TOKEN_SIZE];

    (void)state;
    ql_refresh_token_new(first);
    ql_refresh_salt_new(salt);
    ql_refresh_salt_new(other_salt);
    ql_refresh_token_next(first, salt, next);
    assert_int_equal(strspn(next, "0123456789abcdef"), QL_REFRESH_TOKEN_SIZE - 1);
    assert_int_equal(strlen(next), QL_REFRESH_TOKEN_SIZE - 1);
    assert_string_not_equal(next, first);
    ql_refresh_token_next(first, salt, again);
    assert_string_equal(again, next);
    ql_refresh_token_next(first, other_salt, again);
    assert_string_not_equal(again, next);
    ql_refresh_token_next(next, salt, again);
    assert_string_not_equal(again, next);
}

static void test_all_tokens_of_a_session_have_one_family(void **state)
{
    unsigned char salt[QL_REFRESH_SALT_BYTES], family[QL_REFRESH_HASH_BYTES],
        hash[QL_REFRESH_HASH_BYTES];
    char token[QL_REFRESH_TOKEN_SIZE];

    (void)state;
    ql_refresh_token_new(token);
    ql_refresh_family_hash(token, family);
    for (int i = 0; i < 3; i++) {
        ql_refresh_salt_new(salt);
        ql_refresh_token_next(token, salt, token);
        ql_refresh_family_hash(token, hash);
        assert_memory_equal(hash, family, sizeof(family));
        ql_refresh_token_hash(token, hash);
        assert_memory_not_equal(hash, family, sizeof(family));
    }
    ql_refresh_token_new(token);
    ql_refresh_family_hash(token, hash);
    assert_memory_not_equal(hash, family, sizeof(family));
    ql_refresh_family_hash("", hash); /* what is no token is no trouble */
    assert_memory_not_equal(hash, family, sizeof(family));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tokens_are_hexadecimal_and_never_the_same),
        cmocka_unit_test(test_hash_is_the_sha_256_of_the_text),
        cmocka_unit_test(test_next_token_follows_from_the_one_before_and_the_salt),
        cmocka_unit_test(test_all_tokens_of_a_session_have_one_family),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
