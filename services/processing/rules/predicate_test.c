/* Claims about conditions, as a table. */
#include "services/processing/rules/predicate.h"

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
    enum predicate_operator operator_;
    struct predicate_value values[3];
    size_t n_values;
    bool holds;
} cases[] = {
    {"score", PREDICATE_EQUAL, NUMBER(80), true},
    {"score", PREDICATE_EQUAL, NUMBER(80.5), false},
    {"score", PREDICATE_EQUAL, TEXT("80"), false}, /* a number is no text */
    {"score", PREDICATE_GREATER_OR_EQUAL, NUMBER(80), true},
    {"score", PREDICATE_GREATER, NUMBER(80), false},
    {"score", PREDICATE_GREATER, NUMBER(79.9), true},
    {"score", PREDICATE_LESS, NUMBER(80), false},
    {"score", PREDICATE_LESS, NUMBER(81), true},
    {"score", PREDICATE_LESS_OR_EQUAL, NUMBER(80), true},
    {"score", PREDICATE_LESS_OR_EQUAL, NUMBER(79), false},
    {"score", PREDICATE_GREATER, TEXT("1"), false}, /* numbers only */
    {"score", PREDICATE_LESS, TRUTH(true), false},
    {"ratio", PREDICATE_EQUAL, NUMBER(0.5), true},
    {"ratio", PREDICATE_LESS, NUMBER(1), true},
    /* 64-bit integers are texts in proto3 JSON and count as numbers, as doubles. */
    {"big", PREDICATE_GREATER, NUMBER(9e15), true},
    {"big", PREDICATE_EQUAL, NUMBER(9007199254740993.0), true},
    {"big", PREDICATE_EQUAL, TEXT("9007199254740993"), true},
    {"low", PREDICATE_LESS, NUMBER(0), true},
    {"low", PREDICATE_EQUAL, NUMBER(-7), true},
    {"padded", PREDICATE_EQUAL, NUMBER(7), false}, /* nobody prints an integer so */
    {"padded", PREDICATE_EQUAL, TEXT("007"), true},
    {"huge", PREDICATE_GREATER, NUMBER(0), false}, /* above 64 bits */
    {"empty", PREDICATE_EQUAL, NUMBER(0), false},
    {"empty", PREDICATE_EQUAL, TEXT(""), true},
    {"weapon.kind", PREDICATE_EQUAL, TEXT("bow"), true},
    {"weapon.kind", PREDICATE_EQUAL, TEXT("bo"), false},
    {"weapon.kind", PREDICATE_EQUAL, TEXT("Bow"), false},
    {"weapon.kind", PREDICATE_ONE_OF, LIST, true},
    {"score", PREDICATE_ONE_OF, LIST, true},
    {"name", PREDICATE_ONE_OF, LIST, false},
    {"weapon", PREDICATE_EQUAL, TEXT("bow"), false},
    {"weapon.runes", PREDICATE_EQUAL, NUMBER(1), false},
    {"name", PREDICATE_EQUAL, TEXT("\xc3\xb6"), true},
    {"won", PREDICATE_EQUAL, TRUTH(true), true},
    {"won", PREDICATE_EQUAL, TRUTH(false), false},
    {"won", PREDICATE_EQUAL, NUMBER(1), false},
    {"lost", PREDICATE_EQUAL, TRUTH(false), true},
    /* Not the same, or not there. */
    {"score", PREDICATE_NOT_EQUAL, NUMBER(80), false},
    {"score", PREDICATE_NOT_EQUAL, NUMBER(81), true},
    {"score", PREDICATE_NOT_EQUAL, TEXT("80"), true},
    {"absent", PREDICATE_NOT_EQUAL, NUMBER(80), true},
    {"nothing", PREDICATE_NOT_EQUAL, NUMBER(80), true},
    {"a.b", PREDICATE_EQUAL, NUMBER(1), false}, /* a dot always separates */
    {"absent", PREDICATE_EQUAL, NUMBER(80), false},
    {"absent", PREDICATE_LESS, NUMBER(80), false},
    {"absent", PREDICATE_ONE_OF, LIST, false},
    {"nothing", PREDICATE_LESS, NUMBER(80), false},
    {"score", PREDICATE_EXISTS, TRUTH(true), true},
    {"score", PREDICATE_EXISTS, TRUTH(false), false},
    {"weapon.runes", PREDICATE_EXISTS, TRUTH(true), true},
    {"lost", PREDICATE_EXISTS, TRUTH(true), true},
    {"absent", PREDICATE_EXISTS, TRUTH(true), false},
    {"absent", PREDICATE_EXISTS, TRUTH(false), true},
    {"nothing", PREDICATE_EXISTS, TRUTH(true), false},
    {"nothing", PREDICATE_EXISTS, TRUTH(false), true},
    /* What a later release may mean is never true here. */
    {"score", PREDICATE_NEVER, NUMBER(80), false},
    {"score", (enum predicate_operator)77, NUMBER(80), false},
    {"score", PREDICATE_NOT_EQUAL, NONE, false},
    {"score", PREDICATE_EXISTS, NONE, false},
};

static void test_conditions_hold_by_the_table(void **state)
{
    QL_CLEANUP(ql_arena_freep) struct ql_arena *arena = ql_arena_new(64 * 1024);
    const struct ql_json_value *value;

    (void)state;
    assert_int_equal(ql_json_value_read(arena, payload, strlen(payload), &value), QL_OK);
    for (size_t i = 0; i < QL_ARRAY_LENGTH(cases); i++) {
        const struct predicate predicate = {.field = cases[i].field,
                                            .operator_ = cases[i].operator_,
                                            .values = cases[i].values,
                                            .n_values = cases[i].n_values};

        if (predicate_holds(&predicate, value) != cases[i].holds)
            fail_msg("case %zu: %s", i, cases[i].field);
    }
}

static void test_payload_that_is_not_there_is_an_empty_one(void **state)
{
    static const struct predicate_value value = {.kind = QL_JSON_BOOL, .truth = false};
    const struct predicate absent = {
        .field = "a", .operator_ = PREDICATE_EXISTS, .values = &value, .n_values = 1};
    const struct predicate equal = {
        .field = "a", .operator_ = PREDICATE_EQUAL, .values = &value, .n_values = 1};

    (void)state;
    assert_true(predicate_holds(&absent, NULL));
    assert_false(predicate_holds(&equal, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_conditions_hold_by_the_table),
        cmocka_unit_test(test_payload_that_is_not_there_is_an_empty_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
