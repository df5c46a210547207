/* Claims about conditions, as a table. */
#include "services/processing/rules/condition.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char payload[] =
    "{\"score\":80,\"ratio\":0.5,\"big\":\"9007199254740993\",\"low\":\"-7\",\"padded\":\"007\","
    "\"weapon\":{\"kind\":\"bow\",\"runes\":[1,2]},\"name\":\"\\u00f6\",\"won\":true,\"lost\":false,"
    "\"nothing\":null,\"a.b\":1,\"empty\":\"\",\"huge\":\"9223372036854775808\"}";

#define NUMBER(n) {{.kind = QL_JSON_NUMBER, .number = (n)}}, 1
#define TEXT(t)   {{.kind = QL_JSON_TEXT, .text = (t)}}, 1
#define TRUTH(b)  {{.kind = QL_JSON_BOOL, .truth = (b)}}, 1
#define LIST                                                                                       \
    {{.kind = QL_JSON_TEXT, .text = "axe"},                                                        \
     {.kind = QL_JSON_NUMBER, .number = 80},                                                       \
     {.kind = QL_JSON_TEXT, .text = "bow"}},                                                       \
        3
#define NONE {{0}}, 0

static const struct {
    const char *field;
    enum condition_operator operator;
    struct condition_value values[3];
    size_t n_values;
    bool holds;
} cases[] = {
    {"score", CONDITION_EQUAL, NUMBER(80), true},
    {"score", CONDITION_EQUAL, NUMBER(80.5), false},
    {"score", CONDITION_EQUAL, TEXT("80"), false}, /* a number is no text */
    {"score", CONDITION_GREATER_OR_EQUAL, NUMBER(80), true},
    {"score", CONDITION_GREATER, NUMBER(80), false},
    {"score", CONDITION_GREATER, NUMBER(79.9), true},
    {"score", CONDITION_LESS, NUMBER(80), false},
    {"score", CONDITION_LESS, NUMBER(81), true},
    {"score", CONDITION_LESS_OR_EQUAL, NUMBER(80), true},
    {"score", CONDITION_LESS_OR_EQUAL, NUMBER(79), false},
    {"score", CONDITION_GREATER, TEXT("1"), false}, /* numbers only */
    {"score", CONDITION_LESS, TRUTH(true), false},
    {"ratio", CONDITION_EQUAL, NUMBER(0.5), true},
    {"ratio", CONDITION_LESS, NUMBER(1), true},
    /* 64-bit integers are texts in proto3 JSON and count as numbers, as doubles. */
    {"big", CONDITION_GREATER, NUMBER(9e15), true},
    {"big", CONDITION_EQUAL, NUMBER(9007199254740993.0), true},
    {"big", CONDITION_EQUAL, TEXT("9007199254740993"), true},
    {"low", CONDITION_LESS, NUMBER(0), true},
    {"low", CONDITION_EQUAL, NUMBER(-7), true},
    {"padded", CONDITION_EQUAL, NUMBER(7), false}, /* nobody prints an integer so */
    {"padded", CONDITION_EQUAL, TEXT("007"), true},
    {"huge", CONDITION_GREATER, NUMBER(0), false}, /* above 64 bits */
    {"empty", CONDITION_EQUAL, NUMBER(0), false},
    {"empty", CONDITION_EQUAL, TEXT(""), true},
    {"weapon.kind", CONDITION_EQUAL, TEXT("bow"), true},
    {"weapon.kind", CONDITION_EQUAL, TEXT("bo"), false},
    {"weapon.kind", CONDITION_EQUAL, TEXT("Bow"), false},
    {"weapon.kind", CONDITION_ONE_OF, LIST, true},
    {"score", CONDITION_ONE_OF, LIST, true},
    {"name", CONDITION_ONE_OF, LIST, false},
    {"weapon", CONDITION_EQUAL, TEXT("bow"), false},
    {"weapon.runes", CONDITION_EQUAL, NUMBER(1), false},
    {"name", CONDITION_EQUAL, TEXT("\xc3\xb6"), true},
    {"won", CONDITION_EQUAL, TRUTH(true), true},
    {"won", CONDITION_EQUAL, TRUTH(false), false},
    {"won", CONDITION_EQUAL, NUMBER(1), false},
    {"lost", CONDITION_EQUAL, TRUTH(false), true},
    /* Not the same, or not there. */
    {"score", CONDITION_NOT_EQUAL, NUMBER(80), false},
    {"score", CONDITION_NOT_EQUAL, NUMBER(81), true},
    {"score", CONDITION_NOT_EQUAL, TEXT("80"), true},
    {"absent", CONDITION_NOT_EQUAL, NUMBER(80), true},
    {"nothing", CONDITION_NOT_EQUAL, NUMBER(80), true},
    {"a.b", CONDITION_EQUAL, NUMBER(1), false}, /* a dot always separates */
    {"absent", CONDITION_EQUAL, NUMBER(80), false},
    {"absent", CONDITION_LESS, NUMBER(80), false},
    {"absent", CONDITION_ONE_OF, LIST, false},
    {"nothing", CONDITION_LESS, NUMBER(80), false},
    {"score", CONDITION_EXISTS, TRUTH(true), true},
    {"score", CONDITION_EXISTS, TRUTH(false), false},
    {"weapon.runes", CONDITION_EXISTS, TRUTH(true), true},
    {"lost", CONDITION_EXISTS, TRUTH(true), true},
    {"absent", CONDITION_EXISTS, TRUTH(true), false},
    {"absent", CONDITION_EXISTS, TRUTH(false), true},
    {"nothing", CONDITION_EXISTS, TRUTH(true), false},
    {"nothing", CONDITION_EXISTS, TRUTH(false), true},
    /* What a later release may mean is never true here. */
    {"score", CONDITION_NEVER, NUMBER(80), false},
    {"score", (enum condition_operator)77, NUMBER(80), false},
    {"score", CONDITION_NOT_EQUAL, NONE, false},
    {"score", CONDITION_EXISTS, NONE, false},
};

static void test_conditions_hold_as_the_table_says(void **state)
{
    QL_CLEANUP(ql_arena_freep) struct ql_arena *arena = ql_arena_new(64 * 1024);
    const struct ql_json_value *value;

    (void)state;
    assert_int_equal(ql_json_value_read(arena, payload, strlen(payload), &value), QL_OK);
    for (size_t i = 0; i < QL_ARRAY_LENGTH(cases); i++) {
        const struct condition condition = {.field = cases[i].field,
                                            .operator= cases[i].operator,
                                            .values = cases[i].values,
                                            .n_values = cases[i].n_values};

        if (condition_holds(&condition, value) != cases[i].holds)
            fail_msg("case %zu: %s", i, cases[i].field);
    }
}

static void test_payload_that_is_not_there_is_an_empty_one(void **state)
{
    static const struct condition_value value = {.kind = QL_JSON_BOOL, .truth = false};
    const struct condition absent = {
        .field = "a", .operator= CONDITION_EXISTS, .values = &value, .n_values = 1};
    const struct condition equal = {
        .field = "a", .operator= CONDITION_EQUAL, .values = &value, .n_values = 1};

    (void)state;
    assert_true(condition_holds(&absent, NULL));
    assert_false(condition_holds(&equal, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_conditions_hold_as_the_table_says),
        cmocka_unit_test(test_payload_that_is_not_there_is_an_empty_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
