/* Claims about conditions that nothing meets together. */
#include "services/catalog/contradiction.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "services/catalog/condition_fixture.h"

#define TEXT(characters)                                                                           \
    {                                                                                              \
        .kind = CONDITION_VALUE_TEXT, .text = (characters)                                         \
    }
#define NUMBER(amount)                                                                             \
    {                                                                                              \
        .kind = CONDITION_VALUE_NUMBER, .number = (amount)                                         \
    }
#define TRUTH(is_it)                                                                               \
    {                                                                                              \
        .kind = CONDITION_VALUE_TRUTH, .truth = (is_it)                                            \
    }
#define LIST(values, n)                                                                            \
    {                                                                                              \
        .kind = CONDITION_VALUE_LIST, .items = (values), .n_items = (n)                            \
    }

enum { EVERYTHING_IS_MET = -1, MANY = 16 };

static const struct condition_value one_two[] = {NUMBER(1), NUMBER(2)};
static const struct condition_value two_text[] = {TEXT("2"), TEXT("x")};
static const struct condition_value y_z[] = {TEXT("y"), TEXT("z")};
static struct condition_value many[CONDITION_ITEMS_MAX];

static const struct {
    struct condition conditions[3];
    int refused; /* the index of the condition that is named */
} cases[] = {
    {{{"a", CONDITION_GREATER, NUMBER(5)}, {"a", CONDITION_LESS, NUMBER(3)}}, 1},
    {{{"a", CONDITION_GREATER, NUMBER(5)}, {"b", CONDITION_LESS, NUMBER(3)}}, EVERYTHING_IS_MET},
    {{{"a", CONDITION_GREATER, NUMBER(3)}, {"a", CONDITION_LESS, NUMBER(5)}}, EVERYTHING_IS_MET},
    {{{"a", CONDITION_GREATER_OR_EQUAL, NUMBER(3)}, {"a", CONDITION_LESS_OR_EQUAL, NUMBER(3)}},
     EVERYTHING_IS_MET},
    {{{"a", CONDITION_GREATER_OR_EQUAL, NUMBER(3)}, {"a", CONDITION_LESS, NUMBER(3)}}, 1},
    {{{"a", CONDITION_GREATER_OR_EQUAL, NUMBER(3)},
      {"a", CONDITION_LESS_OR_EQUAL, NUMBER(3)},
      {"a", CONDITION_NOT_EQUAL, NUMBER(3)}},
     2},
    {{{"a", CONDITION_GREATER_OR_EQUAL, NUMBER(0)},
      {"a", CONDITION_LESS_OR_EQUAL, NUMBER(0)},
      {"a", CONDITION_NOT_EQUAL, TEXT("0")}},
     EVERYTHING_IS_MET},
    {{{"a", CONDITION_GREATER, NUMBER(1)}, {"a", CONDITION_LESS, NUMBER(1 + DBL_EPSILON)}}, 1},
    {{{"a", CONDITION_GREATER, NUMBER(DBL_MAX)}}, 0},
    {{{"a", CONDITION_LESS, NUMBER(-DBL_MAX)}}, 0},
    {{{"a", CONDITION_LESS_OR_EQUAL, NUMBER(-DBL_MAX)}}, EVERYTHING_IS_MET},
    {{{"a", CONDITION_EQUAL, NUMBER(1)}, {"a", CONDITION_EQUAL, NUMBER(2)}}, 1},
    {{{"a", CONDITION_EQUAL, TEXT("x")}, {"a", CONDITION_EQUAL, TEXT("y")}}, 1},
    {{{"a", CONDITION_EQUAL, TEXT("x")}, {"a", CONDITION_EQUAL, TEXT("x")}}, EVERYTHING_IS_MET},
    {{{"a", CONDITION_EQUAL, TEXT("x")}, {"a", CONDITION_NOT_EQUAL, TEXT("x")}}, 1},
    {{{"a", CONDITION_EQUAL, TRUTH(true)}, {"a", CONDITION_GREATER, NUMBER(0)}}, 1},
    {{{"a", CONDITION_EQUAL, TEXT("x")}, {"a", CONDITION_GREATER, NUMBER(0)}}, 1},
    /* A text of a 64-bit integer is a number, too. */
    {{{"a", CONDITION_EQUAL, TEXT("42")}, {"a", CONDITION_GREATER, NUMBER(40)}}, EVERYTHING_IS_MET},
    {{{"a", CONDITION_EQUAL, TEXT("42")}, {"a", CONDITION_EQUAL, NUMBER(42)}}, EVERYTHING_IS_MET},
    {{{"a", CONDITION_EQUAL, TEXT("042")}, {"a", CONDITION_EQUAL, NUMBER(42)}}, 1},
    {{{"a", CONDITION_ONE_OF, LIST(one_two, 2)}, {"a", CONDITION_ONE_OF, LIST(two_text, 2)}},
     EVERYTHING_IS_MET},
    {{{"a", CONDITION_ONE_OF, LIST(two_text, 2)}, {"a", CONDITION_ONE_OF, LIST(y_z, 2)}}, 1},
    {{{"a", CONDITION_ONE_OF, LIST(one_two, 2)},
      {"a", CONDITION_NOT_EQUAL, NUMBER(1)},
      {"a", CONDITION_LESS, NUMBER(2)}},
     2},
    {{{"a", CONDITION_EXISTS, TRUTH(true)}, {"a", CONDITION_EXISTS, TRUTH(false)}}, 1},
    {{{"a", CONDITION_EXISTS, TRUTH(false)}, {"a", CONDITION_NOT_EQUAL, NUMBER(1)}},
     EVERYTHING_IS_MET},
    {{{"a", CONDITION_EXISTS, TRUTH(false)}, {"a", CONDITION_EQUAL, NUMBER(1)}}, 1},
    {{{"a", CONDITION_NOT_EQUAL, TRUTH(true)},
      {"a", CONDITION_NOT_EQUAL, TRUTH(false)},
      {"a", CONDITION_EXISTS, TRUTH(true)}},
     EVERYTHING_IS_MET},
    /* A field inside another one makes that an object. */
    {{{"a", CONDITION_EQUAL, NUMBER(1)}, {"a.b", CONDITION_EXISTS, TRUTH(true)}}, 1},
    {{{"a.b.c", CONDITION_EQUAL, NUMBER(1)}, {"a", CONDITION_EXISTS, TRUTH(false)}}, 1},
    {{{"a", CONDITION_EXISTS, TRUTH(true)}, {"a.b", CONDITION_EQUAL, NUMBER(1)}},
     EVERYTHING_IS_MET},
    {{{"a", CONDITION_EQUAL, NUMBER(1)}, {"a.b", CONDITION_NOT_EQUAL, NUMBER(1)}},
     EVERYTHING_IS_MET},
    {{{"a", CONDITION_EQUAL, NUMBER(1)}, {"ab", CONDITION_EQUAL, NUMBER(2)}}, EVERYTHING_IS_MET},
};

static int setup(void **state)
{
    static struct ql_call call;
    struct ql_arena *arena = ql_arena_new(64 * 1024);

    if (arena == NULL)
        return -1;
    ql_call_init(&call, arena, "test", 10000);
    *state = &call;
    return 0;
}

static int teardown(void **state)
{
    struct ql_call *call = *state;

    ql_arena_free(call->arena);
    return 0;
}

static void test_a_contradiction_is_named_and_nothing_else_is(void **state)
{
    struct ql_call *call = *state;
    char path[32];

    for (size_t i = 0; i < QL_ARRAY_LENGTH(cases); i++) {
        size_t n = 0;
        enum ql_code rc;

        while (n < QL_ARRAY_LENGTH(cases[i].conditions) && cases[i].conditions[n].field != NULL)
            n++;
        ql_call_clear_status(call);
        assert_int_equal(
            conditions_validate(call, test_conditions(call, cases[i].conditions, n), n), QL_OK);
        rc =
            conditions_check_contradictions(call, test_conditions(call, cases[i].conditions, n), n);
        if ((rc == QL_OK) != (cases[i].refused == EVERYTHING_IS_MET))
            fail_msg("case %zu gives %s", i, ql_code_name(rc));
        if (rc == QL_OK)
            continue;
        snprintf(path, sizeof(path), "quest.conditions[%d]", cases[i].refused);
        assert_int_equal(rc, QL_INVALID_ARGUMENT);
        assert_int_equal(call->status.n_violations, 1);
        assert_string_equal(call->status.violations[0].field, path);
    }
}

static void test_a_number_is_found_between_many_that_are_excluded(void **state)
{
    struct condition conditions[MANY];
    double number = 7;

    conditions[0] = (struct condition){"a", CONDITION_GREATER_OR_EQUAL, NUMBER(7)};
    for (size_t i = 1; i < MANY - 1; i++) {
        conditions[i] = (struct condition){"a", CONDITION_NOT_EQUAL, NUMBER(number)};
        number = nextafter(number, INFINITY);
    }
    conditions[MANY - 1] = (struct condition){"a", CONDITION_LESS_OR_EQUAL, NUMBER(number)};
    assert_int_equal(
        conditions_check_contradictions(*state, test_conditions(*state, conditions, MANY), MANY),
        QL_OK);
    conditions[MANY - 1].operator_ = CONDITION_LESS;
    assert_int_equal(
        conditions_check_contradictions(*state, test_conditions(*state, conditions, MANY), MANY),
        QL_INVALID_ARGUMENT);
}

static void test_long_lists_have_what_is_in_both(void **state)
{
    struct condition conditions[] = {{"a", CONDITION_ONE_OF, LIST(many, CONDITION_ITEMS_MAX)},
                                     {"a", CONDITION_ONE_OF, LIST(one_two, 2)}};

    for (size_t i = 0; i < CONDITION_ITEMS_MAX; i++)
        many[i] = (struct condition_value)NUMBER((double)i + 2);
    assert_int_equal(
        conditions_check_contradictions(*state, test_conditions(*state, conditions, 2), 2), QL_OK);
    conditions[0].value.items = many + 1;
    conditions[0].value.n_items--;
    assert_int_equal(
        conditions_check_contradictions(*state, test_conditions(*state, conditions, 2), 2),
        QL_INVALID_ARGUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_contradiction_is_named_and_nothing_else_is, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_a_number_is_found_between_many_that_are_excluded,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_long_lists_have_what_is_in_both, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
