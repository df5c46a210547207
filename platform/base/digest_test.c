/* SHA-256 against the published vectors (FIPS 180-2, appendix B), and keyed digests. */
#include "platform/base/digest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_digest_is_the_published_one(void **state)
{
    unsigned char digest[QL_SHA256_BYTES];
    char hex[QL_SHA256_HEX_SIZE];

    (void)state;
    ql_sha256(digest, "abc", 3);
    assert_memory_equal(digest, "\xba\x78\x16\xbf\x8f\x01\xcf\xea", 8);
    assert_memory_equal(digest + 24, "\xb4\x10\xff\x61\xf2\x00\x15\xad", 8);
    ql_sha256_hex(hex, "abc", 3);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    ql_sha256_hex(hex, NULL, 0);
    assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static void test_a_keyed_digest_needs_its_key(void **state)
{
    unsigned char one[QL_KEYED_DIGEST_BYTES], other[QL_KEYED_DIGEST_BYTES];
    struct ql_digest_key key, again, random;

    (void)state;
    ql_digest_key_from(&key, "secret", 6);
    ql_digest_key_from(&again, "secret", 6);
    ql_digest_key_new(&random);
    ql_keyed_digest(one, &key, "abc", 3);
    ql_keyed_digest(other, &again, "abc", 3);
    assert_memory_equal(one, other, sizeof(one));
    ql_keyed_digest(other, &key, "abd", 3);
    assert_memory_not_equal(one, other, sizeof(one));
    ql_keyed_digest(other, &random, "abc", 3);
    assert_memory_not_equal(one, other, sizeof(one));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_digest_is_the_published_one),
        cmocka_unit_test(test_a_keyed_digest_needs_its_key),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
