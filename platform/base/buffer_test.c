/* Tests of the capped buffer and of its JSON strings. */
#include "platform/base/buffer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_appended_parts_follow_each_other(void **state)
{
    QL_CLEANUP(ql_buffer_done) struct ql_buffer buffer;

    (void)state;
    ql_buffer_init(&buffer, 1000);
    assert_null(buffer.data);
    ql_buffer_append(&buffer, "a\0b", 3);
    ql_buffer_append_text(&buffer, "text");
    ql_buffer_append_byte(&buffer, '!');
    ql_buffer_printf(&buffer, "%d", 42);
    assert_false(buffer.failed);
    assert_int_equal(buffer.length, 10);
    assert_memory_equal(buffer.data, "a\0btext!42", 11);
}

static void test_buffer_holds_exactly_its_limit(void **state)
{
    QL_CLEANUP(ql_buffer_done) struct ql_buffer buffer;

    (void)state;
    ql_buffer_init(&buffer, 5);
    ql_buffer_append_text(&buffer, "12345");
    assert_false(buffer.failed);
    assert_string_equal(buffer.data, "12345");
    ql_buffer_append_byte(&buffer, '6');
    assert_true(buffer.failed);
    assert_string_equal(buffer.data, "12345");
}

static void test_failed_buffer_stays_failed_until_cleared(void **state)
{
    QL_CLEANUP(ql_buffer_done) struct ql_buffer buffer;

    (void)state;
    ql_buffer_init(&buffer, 4);
    ql_buffer_printf(&buffer, "%s", "12345");
    assert_true(buffer.failed);
    ql_buffer_append_byte(&buffer, 'x');
    assert_int_equal(buffer.length, 0);
    ql_buffer_clear(&buffer);
    ql_buffer_append_text(&buffer, "1234");
    assert_false(buffer.failed);
    assert_string_equal(buffer.data, "1234");
}

static void test_growth_keeps_every_byte(void **state)
{
    QL_CLEANUP(ql_buffer_done) struct ql_buffer buffer;

    (void)state;
    ql_buffer_init(&buffer, 100000);
    for (int i = 0; i < 100000; i++)
        ql_buffer_append_byte(&buffer, (char)(i % 251));
    assert_false(buffer.failed);
    assert_int_equal(buffer.length, 100000);
    for (int i = 0; i < 100000; i++)
        assert_int_equal((unsigned char)buffer.data[i], i % 251);
    ql_buffer_append_byte(&buffer, 'x');
    assert_true(buffer.failed);
}

static void test_taken_bytes_belong_to_the_caller(void **state)
{
    struct ql_buffer buffer;
    size_t length;
    char *taken;

    (void)state;
    ql_buffer_init(&buffer, 10);
    assert_null(ql_buffer_take(&buffer, &length));
    ql_buffer_append_text(&buffer, "abc");
    taken = ql_buffer_take(&buffer, &length);
    assert_string_equal(taken, "abc");
    assert_int_equal(length, 3);
    free(taken);
    assert_int_equal(buffer.length, 0);
    ql_buffer_append_text(&buffer, "0123456789a");
    assert_null(ql_buffer_take(&buffer, &length));
    assert_int_equal(length, 0);
    ql_buffer_done(&buffer);
}

static void assert_json(const char *text, size_t length, const char *expected)
{
    QL_CLEANUP(ql_buffer_done) struct ql_buffer buffer;

    ql_buffer_init(&buffer, 1000);
    ql_buffer_append_json_string(&buffer, text, length);
    assert_false(buffer.failed);
    assert_string_equal(buffer.data, expected);
}

static void test_json_string_escapes_what_json_demands(void **state)
{
    (void)state;
    assert_json("", 0, "\"\"");
    assert_json("plain / text", 12, "\"plain / text\"");
    assert_json("a\"b\\c", 5, "\"a\\\"b\\\\c\"");
    assert_json("\n\r\t\b", 4, "\"\\n\\r\\t\\u0008\"");
    assert_json("\0\x1f\x7f", 3, "\"\\u0000\\u001f\\u007f\"");
}

static void test_json_string_keeps_utf8(void **state)
{
    static const char *const texts[] = {
        "\xc2\x80",     "\xc3\xa9",     "\xe0\xa0\x80",     "\xe2\x82\xac",     "\xed\x9f\xbf",
        "\xee\x80\x80", "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf0\x9f\x98\x80", "\xf4\x8f\xbf\xbf",
    };

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(texts); i++) {
        char expected[8] = "\"";

        strcat(strcat(expected, texts[i]), "\"");
        assert_json(texts[i], strlen(texts[i]), expected);
    }
}

static void test_json_string_replaces_bytes_that_are_not_utf8(void **state)
{
    /* stray continuation, overlong, surrogate, past U+10FFFF, cut short */
    static const struct {
        const char *text;
        int n_replaced;
    } cases[] = {
        {"\x80", 1},
        {"\xff", 1},
        {"\xc0\x80", 2},
        {"\xc1\xbf", 2},
        {"\xe0\x80\x80", 3},
        {"\xed\xa0\x80", 3},
        {"\xc3", 1},
        {"\xe2\x82", 2},
        {"\xf0\x8f\xbf\xbf", 4},
        {"\xf4\x90\x80\x80", 4},
        {"\xf5\x80\x80\x80", 4},
    };

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(cases); i++) {
        char expected[32] = "\"";

        for (int n = 0; n < cases[i].n_replaced; n++)
            strcat(expected, "\xef\xbf\xbd");
        strcat(expected, "\"");
        assert_json(cases[i].text, strlen(cases[i].text), expected);
    }
    assert_json("\xe2\"", 2, "\"\xef\xbf\xbd\\\"\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_appended_parts_follow_each_other),
        cmocka_unit_test(test_buffer_holds_exactly_its_limit),
        cmocka_unit_test(test_failed_buffer_stays_failed_until_cleared),
        cmocka_unit_test(test_growth_keeps_every_byte),
        cmocka_unit_test(test_taken_bytes_belong_to_the_caller),
        cmocka_unit_test(test_json_string_escapes_what_json_demands),
        cmocka_unit_test(test_json_string_keeps_utf8),
        cmocka_unit_test(test_json_string_replaces_bytes_that_are_not_utf8),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
