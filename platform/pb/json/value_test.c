/* Claims about looking values up in JSON. */
#include "platform/pb/json/value.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char sample[] =
    "{\"a\":{\"b\":{\"c\":-1.5e1}}, \"text\" : \"q\\\"\\u00f6\", \"yes\":true,"
    "\"no\":false,\"none\":null,\"list\":[{\"a\":1},[2]],\"\":7,"
    "\"twice\":1,\"twice\":2}";

static const struct ql_json_value *read(struct ql_arena *arena, const char *json)
{
    const struct ql_json_value *value = NULL;

    assert_int_equal(ql_json_value_read(arena, json, strlen(json), &value), QL_OK);
    return value;
}

static void test_path_leads_to_its_value(void **state)
{
    QL_CLEANUP(ql_arena_freep) struct ql_arena *arena = ql_arena_new(64 * 1024);
    const struct ql_json_value *value = read(arena, sample),
                               *text = ql_json_value_at(value, "text");

    (void)state;
    assert_true(ql_json_value_at(value, "a.b.c")->number == -15);
    assert_int_equal(ql_json_value_at(value, "a.b")->kind, QL_JSON_OBJECT);
    assert_int_equal(text->kind, QL_JSON_TEXT);
    assert_int_equal(text->length, 4);
    assert_memory_equal(text->text, "q\"\xc3\xb6", 4);
    assert_true(ql_json_value_at(value, "yes")->truth);
    assert_false(ql_json_value_at(value, "no")->truth);
    assert_int_equal(ql_json_value_at(value, "none")->kind, QL_JSON_NULL);
    assert_int_equal(ql_json_value_at(value, "list")->kind, QL_JSON_ARRAY);
    assert_true(ql_json_value_at(value, "")->number == 7);
    assert_true(ql_json_value_at(value, "twice")->number == 2);
}

static void test_path_that_leads_nowhere_finds_nothing(void **state)
{
    static const char *const paths[] = {"b",      "a.b.c.d", "a.c", "list.a", "list.0",
                                        "text.x", "a.",      ".a",  "none.x"};
    QL_CLEANUP(ql_arena_freep) struct ql_arena *arena = ql_arena_new(64 * 1024);
    const struct ql_json_value *value = read(arena, sample);

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(paths); i++)
        assert_null(ql_json_value_at(value, paths[i]));
}

static void test_what_is_no_json_is_refused(void **state)
{
    static const char *const texts[] = {"",     "{",   "{\"a\":}", "{\"a\":1}}",
                                        "[1,]", "nul", "1.",       "{\"a\":[}"};
    QL_CLEANUP(ql_arena_freep) struct ql_arena *arena = ql_arena_new(64 * 1024);
    const struct ql_json_value *value;

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(texts); i++)
        assert_int_equal(ql_json_value_read(arena, texts[i], strlen(texts[i]), &value),
                         QL_INVALID_ARGUMENT);
}

static void test_depth_and_memory_are_bounded(void **state)
{
    QL_CLEANUP(ql_arena_freep) struct ql_arena *arena = ql_arena_new(16 * 1024);
    const struct ql_json_value *value;
    char deep[6 * 1000 + 1], wide[1000 * 6 + 3] = "{";
    size_t length = 1;

    (void)state;
    for (int i = 0; i < 1000; i++)
        memcpy(deep + (size_t)i * 5, "{\"a\":", 5);
    assert_int_equal(ql_json_value_read(arena, deep, 5000, &value), QL_INVALID_ARGUMENT);
    memset(deep, '[', 5000);
    assert_int_equal(ql_json_value_read(arena, deep, 5000, &value), QL_INVALID_ARGUMENT);
    for (int i = 0; i < 1000; i++, length += 6)
        memcpy(wide + length, "\"a\":1,", 6);
    wide[length - 1] = '}';
    assert_int_equal(ql_json_value_read(arena, wide, length, &value), QL_RESOURCE_EXHAUSTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_path_leads_to_its_value),
        cmocka_unit_test(test_path_that_leads_nowhere_finds_nothing),
        cmocka_unit_test(test_what_is_no_json_is_refused),
        cmocka_unit_test(test_depth_and_memory_are_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
