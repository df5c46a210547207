/* Tests of UTF-8 and where a text may be cut. */
#include "platform/base/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "platform/base/attributes.h"

static void test_utf8_is_valid_by_rfc_3629(void **state)
{
    static const struct {
        const char *text;
        bool is_valid;
    } cases[] = {
        {"", true},
        {"plain text of more than eight bytes", true},
        {"\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80", true},
        {"\xef\xbf\xbf\xf4\x8f\xbf\xbf", true},
        {"\x80", false},
        {"\xc3", false},
        {"12345678\xc3", false},
        {"\xc0\x80", false},
        {"\xc1\xbf", false},
        {"\xe0\x9f\xbf", false},
        {"\xed\xa0\x80", false},
        {"\xf0\x8f\xbf\xbf", false},
        {"\xf4\x90\x80\x80", false},
        {"\xf5\x80\x80\x80", false},
        {"\xe2\x82", false},
        {"\xe2\x82\x41", false},
        {"\xff\xfe", false},
    };

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(cases); i++)
        if (ql_utf8_is_valid(cases[i].text, strlen(cases[i].text)) != cases[i].is_valid)
            fail_msg("case %zu", i);
    assert_true(ql_utf8_is_valid("a\0b", 3));
}

static void test_sequence_has_the_length_of_its_character(void **state)
{
    (void)state;
    assert_int_equal(ql_utf8_sequence("a", 1), 1);
    assert_int_equal(ql_utf8_sequence("\0", 1), 1);
    assert_int_equal(ql_utf8_sequence("\xc3\xa9x", 3), 2);
    assert_int_equal(ql_utf8_sequence("\xe2\x82\xac", 3), 3);
    assert_int_equal(ql_utf8_sequence("\xf0\x9f\x98\x80", 4), 4);
    assert_int_equal(ql_utf8_sequence("\xf0\x9f\x98\x80", 3), 0);
    assert_int_equal(ql_utf8_sequence("\xa9", 1), 0);
}

static void test_trim_drops_half_a_character_and_no_whole_one(void **state)
{
    static const char text[] = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80";
    static const size_t trimmed[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10};

    (void)state;
    for (size_t length = 0; length < sizeof(text); length++)
        assert_int_equal(ql_utf8_trim(text, length), trimmed[length]);
    assert_int_equal(ql_utf8_trim("\xa9\xa9\xa9\xa9", 4), 4); /* nothing was cut here */
    assert_int_equal(ql_utf8_trim("a\xff", 2), 1);
}

static void test_count_is_of_characters(void **state)
{
    (void)state;
    assert_int_equal(ql_utf8_count(""), 0);
    assert_int_equal(ql_utf8_count("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"), 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_utf8_is_valid_by_rfc_3629),
        cmocka_unit_test(test_sequence_has_the_length_of_its_character),
        cmocka_unit_test(test_trim_drops_half_a_character_and_no_whole_one),
        cmocka_unit_test(test_count_is_of_characters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
