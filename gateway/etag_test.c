/* Tests of lists of entity tags. */
#include "gateway/etag.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "platform/base/attributes.h"

static bool is_listed(const char *list, const char *etag)
{
    /* Without a NUL behind it, so that a read beyond the end is seen. */
    size_t length = strlen(list);
    char *copy = malloc(length > 0 ? length : 1);
    bool found;

    assert_non_null(copy);
    memcpy(copy, list, length);
    found = etag_is_listed(copy, length, etag);
    free(copy);
    return found;
}

static void test_lists_name_their_tags(void **state)
{
    static const char *const lists[] = {
        "\"a1\"",         "W/\"a1\"",           "*",
        " \"b\" ,\"a1\"", "\"b\",, W/\"a1\" ,", "\t\"x,y\", \"a1\", nonsense",
        "\"\", \"a1\"",
    };

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(lists); i++)
        assert_true(is_listed(lists[i], "a1"));
}

static void test_what_cannot_be_read_names_nothing(void **state)
{
    static const char *const lists[] = {
        "",       " ",
        ",",      "a1",
        "\"a1",   "\"",
        "W/",     "W/\"",
        "W/a1",   "w/\"a1\"",
        "\"a\"",  "\"a12\"",
        "\"A1\"", "nonsense, \"a1\"",
        "W",      "\"b\"x\"a1\"",
    };

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(lists); i++)
        assert_false(is_listed(lists[i], "a1"));
}

static void test_only_what_a_header_can_carry_is_an_etag(void **state)
{
    char etag[ETAG_SIZE], longest[ETAG_SIZE + 1];

    (void)state;
    memset(longest, 'x', sizeof(longest));
    assert_true(etag_copy(etag, "r-7!", 3));
    assert_string_equal(etag, "r-7");
    assert_true(etag_copy(etag, longest, ETAG_SIZE - 1));
    assert_false(etag_copy(etag, longest, ETAG_SIZE));
    assert_string_equal(etag, "");
    assert_false(etag_copy(etag, "", 0));
    assert_false(etag_copy(etag, "a\"b", 3));
    assert_false(etag_copy(etag, "a b", 3));
    assert_false(etag_copy(etag, "a\r\nb", 4));
    assert_false(etag_copy(etag, "\xc3\xa4", 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lists_name_their_tags),
        cmocka_unit_test(test_what_cannot_be_read_names_nothing),
        cmocka_unit_test(test_only_what_a_header_can_carry_is_an_etag),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
