/* JSON as it is written and laid out. */
#include "tools/questctl/object.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void test_commas_stand_between_members_only(void **state)
{
    QL_CLEANUP(ql_buffer_done) struct ql_buffer out;

    (void)state;
    ql_buffer_init(&out, 1024);
    object_open(&out, NULL);
    object_text(&out, "a\"", "x{[");
    object_number(&out, "b", -3);
    array_open(&out, "c");
    object_open(&out, NULL);
    object_close(&out);
    object_flag(&out, NULL, true);
    array_close(&out);
    object_raw(&out, "d", "[1]");
    object_close(&out);
    assert_string_equal(out.data, "{\"a\\\"\":\"x{[\",\"b\":-3,\"c\":[{},true],\"d\":[1]}");
}

static void test_layout_keeps_every_character(void **state)
{
    static const char json[] = "{\"a\":[1,{\"b\":\"x, {\\\"}\"}],\"c\":{},\"d\":[]}";
    char text[256] = "";
    FILE *out = fmemopen(text, sizeof(text), "w");

    (void)state;
    assert_non_null(out);
    json_print_indented(json, out);
    fclose(out);
    assert_string_equal(text,
                        "{\n  \"a\": [\n    1,\n    {\n      \"b\": \"x, {\\\"}\"\n    }\n  ],\n"
                        "  \"c\": {},\n  \"d\": []\n}\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_commas_stand_between_members_only),
        cmocka_unit_test(test_layout_keeps_every_character),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
