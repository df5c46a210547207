/* Tests of hexadecimal digits and of the hash. */
#include "platform/base/hex.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "platform/base/hash.h"

static void test_bytes_become_lower_case_digits(void **state)
{
    char text[7] = "xxxxxx";

    (void)state;
    assert_ptr_equal(ql_hex(text, "\x00\x9f\xff", 3), text + 6);
    assert_string_equal(text, "009fff");
    assert_ptr_equal(ql_hex(text, "", 0), text);
    assert_string_equal(text, "");
}

static void test_digits_have_values_in_either_case(void **state)
{
    (void)state;
    assert_int_equal(ql_hex_digit('0'), 0);
    assert_int_equal(ql_hex_digit('9'), 9);
    assert_int_equal(ql_hex_digit('a'), 10);
    assert_int_equal(ql_hex_digit('F'), 15);
    for (const char *other = "/:@G`g "; *other != '\0'; other++)
        assert_int_equal(ql_hex_digit(*other), -1);
    assert_int_equal(ql_hex_digit('\0'), -1);
}

/* Vectors of the FNV reference code. */
static void test_hash_is_fnv_1a(void **state)
{
    (void)state;
    assert_true(ql_hash_text(ql_hash_start, "") == UINT64_C(0xcbf29ce484222325));
    assert_true(ql_hash_text(ql_hash_start, "a") == UINT64_C(0xaf63dc4c8601ec8c));
    assert_true(ql_hash_text(ql_hash_start, "foobar") == UINT64_C(0x85944171f73967e8));
    assert_true(ql_hash_bytes(ql_hash_text(ql_hash_start, "foo"), "bar", 3) ==
                UINT64_C(0x85944171f73967e8));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bytes_become_lower_case_digits),
        cmocka_unit_test(test_digits_have_values_in_either_case),
        cmocka_unit_test(test_hash_is_fnv_1a),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
