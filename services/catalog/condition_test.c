/* Claims about the rules of conditions: the contract's, and those that depend on the
 * operator. */
#include "services/catalog/condition.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "platform/pb/validate/validator.h"
#include "services/catalog/condition_fixture.h"

#define TEXT(characters) .value = {.kind = CONDITION_VALUE_TEXT, .text = (characters)}
#define NUMBER(amount)   .value = {.kind = CONDITION_VALUE_NUMBER, .number = (amount)}
#define TRUTH(is_it)     .value = {.kind = CONDITION_VALUE_TRUTH, .truth = (is_it)}
#define LIST(values, n)  .value = {.kind = CONDITION_VALUE_LIST, .items = (values), .n_items = (n)}
#define PATH             "quest.conditions[0]."

static char text_200[201], text_201[202];
static const struct condition_value mixed[] = {
    {.kind = CONDITION_VALUE_TEXT, .text = "\xc3\xa4 \"sword\""},
    {.kind = CONDITION_VALUE_NUMBER, .number = -0.5},
};
static const struct condition_value with_truth[] = {
    {.kind = CONDITION_VALUE_NUMBER, .number = 1},
    {.kind = CONDITION_VALUE_TRUTH, .truth = true},
};
static struct condition_value many[CONDITION_ITEMS_MAX + 1];

static int setup(void **state)
{
    static struct ql_call call;
    struct ql_arena *arena = ql_arena_new(1024 * 1024);

    if (arena == NULL)
        return -1;
    memset(text_200, 't', 200);
    memset(text_201, 't', 201);
    for (size_t i = 0; i < QL_ARRAY_LENGTH(many); i++)
        many[i] = (struct condition_value){.kind = CONDITION_VALUE_NUMBER, .number = (double)i};
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

static enum ql_code validate(struct ql_call *call, const struct condition *condition)
{
    Condition **one = test_conditions(call, condition, 1);
    enum ql_code rc;

    ql_call_clear_status(call);
    rc = ql_validate(call, "quest.conditions[0]", &one[0]->base);
    return rc == QL_OK ? conditions_validate(call, one, 1) : rc;
}

static void test_conditions_inside_and_outside_their_rules(void **state)
{
    static const struct {
        struct condition condition;
        const char *field; /* NULL: valid */
    } cases[] = {
        {{"scorePercent", CONDITION_GREATER_OR_EQUAL, NUMBER(80)}, NULL},
        {{"weapon.kind", CONDITION_EQUAL, TEXT("sword")}, NULL},
        {{"a", CONDITION_EQUAL, TEXT("")}, NULL},
        {{text_200, CONDITION_NOT_EQUAL, TEXT(text_200)}, NULL},
        {{"a", CONDITION_EQUAL, TRUTH(false)}, NULL},
        {{"a", CONDITION_EQUAL, NUMBER(-DBL_MAX)}, NULL},
        {{"a", CONDITION_ONE_OF, LIST(mixed, 2)}, NULL},
        {{"a", CONDITION_ONE_OF, LIST(many, CONDITION_ITEMS_MAX)}, NULL},
        {{"a", CONDITION_EXISTS, TRUTH(false)}, NULL},
        {{"", CONDITION_EXISTS, TRUTH(true)}, PATH "field"},
        {{".a", CONDITION_EXISTS, TRUTH(true)}, PATH "field"},
        {{"a.", CONDITION_EXISTS, TRUTH(true)}, PATH "field"},
        {{"a..b", CONDITION_EXISTS, TRUTH(true)}, PATH "field"},
        {{"a\nb", CONDITION_EXISTS, TRUTH(true)}, PATH "field"},
        {{text_201, CONDITION_EXISTS, TRUTH(true)}, PATH "field"},
        {{"a", 0, NUMBER(1)}, PATH "operator"},
        {{"a", CONDITION_EXISTS + 1, NUMBER(1)}, PATH "operator"},
        {{"a", (enum condition_operator) - 1, NUMBER(1)}, PATH "operator"},
        {{"a", CONDITION_EQUAL, .value = {0}}, PATH "value"},
        {{"a", CONDITION_EQUAL, LIST(mixed, 2)}, PATH "value"},
        {{"a", CONDITION_NOT_EQUAL, TEXT(text_201)}, PATH "value"},
        {{"a", CONDITION_EQUAL, NUMBER(INFINITY)}, PATH "value"},
        {{"a", CONDITION_LESS, NUMBER(NAN)}, PATH "value"},
        {{"a", CONDITION_LESS, TEXT("1")}, PATH "value"},
        {{"a", CONDITION_LESS_OR_EQUAL, TRUTH(true)}, PATH "value"},
        {{"a", CONDITION_GREATER, LIST(many, 1)}, PATH "value"},
        {{"a", CONDITION_ONE_OF, TEXT("x")}, PATH "value"},
        {{"a", CONDITION_ONE_OF, LIST(many, 0)}, PATH "value"},
        {{"a", CONDITION_ONE_OF, LIST(many, CONDITION_ITEMS_MAX + 1)}, PATH "value"},
        {{"a", CONDITION_ONE_OF, LIST(with_truth, 2)}, PATH "value[1]"},
        {{"a", CONDITION_EXISTS, NUMBER(1)}, PATH "value"},
    };

    for (size_t i = 0; i < QL_ARRAY_LENGTH(cases); i++) {
        struct ql_call *call = *state;
        enum ql_code rc = validate(call, &cases[i].condition);

        if (rc != (cases[i].field == NULL ? QL_OK : QL_INVALID_ARGUMENT))
            fail_msg("case %zu gives %s: %s", i, ql_code_name(rc), call->status.message);
        assert_int_equal(call->status.n_violations, cases[i].field == NULL ? 0 : 1);
        if (cases[i].field != NULL)
            assert_string_equal(call->status.violations[0].field, cases[i].field);
    }
}

static void test_conditions_together_are_bounded(void **state)
{
    struct ql_call *call = *state;
    struct condition conditions[16];
    size_t n = QL_ARRAY_LENGTH(conditions);

    for (size_t i = 0; i < n; i++)
        conditions[i] = (struct condition){"a", CONDITION_EQUAL, NUMBER(1)};
    assert_int_equal(conditions_validate(call, test_conditions(call, conditions, n), n), QL_OK);
    for (size_t i = 0; i < n; i++)
        conditions[i] = (struct condition){"a", CONDITION_ONE_OF, LIST(many, CONDITION_ITEMS_MAX)};
    assert_int_equal(conditions_validate(call, test_conditions(call, conditions, n), n),
                     QL_INVALID_ARGUMENT);
    assert_int_equal(call->status.n_violations, 1);
    assert_string_equal(call->status.violations[0].field, "quest.conditions");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_conditions_inside_and_outside_their_rules, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_conditions_together_are_bounded, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
