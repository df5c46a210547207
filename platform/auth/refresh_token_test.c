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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tokens_are_hexadecimal_and_never_the_same),
        cmocka_unit_test(test_hash_is_the_sha_256_of_the_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
