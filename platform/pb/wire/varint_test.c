/* Test of writing varints. */
#include "platform/pb/wire/varint.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "platform/base/attributes.h"

static void test_varint_takes_a_byte_for_each_seven_bits(void **state)
{
    static const struct {
        uint64_t value;
        size_t size;
        uint8_t bytes[QL_VARINT_MAX_BYTES];
    } cases[] = {
        {0, 1, {0x00}},
        {127, 1, {0x7f}},
        {128, 2, {0x80, 0x01}},
        {16383, 2, {0xff, 0x7f}},
        {16384, 3, {0x80, 0x80, 0x01}},
        {UINT64_MAX, 10, {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01}},
    };

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(cases); i++) {
        uint8_t bytes[QL_VARINT_MAX_BYTES] = {0};

        assert_int_equal(ql_varint_size(cases[i].value), cases[i].size);
        assert_int_equal(ql_varint_write(bytes, cases[i].value), cases[i].size);
        assert_memory_equal(bytes, cases[i].bytes, sizeof(bytes));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_varint_takes_a_byte_for_each_seven_bits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
