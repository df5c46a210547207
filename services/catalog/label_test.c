/* Claims about the rules of labels: the contract's, and those of a list's filter. */
#include "services/catalog/label.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "platform/pb/validate/validator.h"

typedef Questline__Catalog__V1__Quest__LabelsEntry Label;

static char key_63[64], key_64[65], key_64_and_value[70], value_200[401], value_201[403];

static int setup(void **state)
{
    static struct ql_call call;
    struct ql_arena *arena = ql_arena_new(64 * 1024);

    if (arena == NULL)
        return -1;
    memset(key_63, 'k', 63);
    memset(key_64, 'k', 64);
    for (size_t i = 0; i < 201; i++) {
        memcpy(value_201 + 2 * i, "\xc3\xa4", 2);
        if (i < 200)
            memcpy(value_200 + 2 * i, "\xc3\xa4", 2);
    }
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

static Label *label_new(struct ql_call *call, const char *key, const char *value)
{
    Label *label = ql_arena_alloc(call->arena, sizeof(*label));

    assert_non_null(label);
    questline__catalog__v1__quest__labels_entry__init(label);
    label->key = (char *)key;
    label->value = (char *)value;
    return label;
}

/* A quest that is valid but for its labels. */
static enum ql_code validate(struct ql_call *call, Label **labels, size_t n_labels)
{
    char *types[] = {(char *)"monster.killed"};
    Quest quest;

    Quest_init(&quest);
    quest.reward_id = (char *)"018f0000-0000-7000-8000-000000000001";
    quest.name = (char *)"Labelled";
    quest.streak = quest.duplication = 1;
    quest.event_types = types;
    quest.n_event_types = 1;
    quest.labels = labels;
    quest.n_labels = n_labels;
    ql_call_clear_status(call);
    return ql_validate(call, "quest", &quest.base);
}

static void test_labels_inside_and_outside_their_limits(void **state)
{
    static const struct {
        const char *key, *value;
        bool is_valid;
    } cases[] = {
        {"category", "daily", true}, {"a", "", true},      {"9.b_c-d0", "x:y", true},
        {key_63, value_200, true},   {"", "x", false},     {"Category", "x", false},
        {"a b", "x", false},         {"a:b", "x", false},  {"-a", "x", false},
        {"a.", "x", false},          {key_64, "x", false}, {"\xc3\xa4", "x", false},
        {"a", value_201, false},
    };

    for (size_t i = 0; i < QL_ARRAY_LENGTH(cases); i++) {
        struct ql_call *call = *state;
        Label *label = label_new(call, cases[i].key, cases[i].value);

        if ((validate(call, &label, 1) == QL_OK) != cases[i].is_valid)
            fail_msg("case %zu: %s", i, call->status.message);
        if (!cases[i].is_valid)
            assert_memory_equal(call->status.violations[0].field, "quest.labels[\"", 14);
    }
}

static void test_sixteen_labels_are_the_most(void **state)
{
    Label *labels[17];

    for (size_t i = 0; i < QL_ARRAY_LENGTH(labels); i++)
        labels[i] =
            label_new(*state, ql_arena_printf(((struct ql_call *)*state)->arena, "k%zu", i), "");
    assert_int_equal(validate(*state, labels, 16), QL_OK);
    assert_int_equal(validate(*state, labels, 17), QL_INVALID_ARGUMENT);
    assert_string_equal(((struct ql_call *)*state)->status.violations[0].field, "quest.labels");
}

static enum ql_code read_filter(struct ql_call *call, char **texts, size_t n, Quest *ret_filter)
{
    ListQuestsRequest request;
    enum ql_code rc;

    ListQuestsRequest_init(&request);
    Quest_init(ret_filter);
    request.label = texts;
    request.n_label = n;
    ql_call_clear_status(call);
    rc = ql_validate(call, "", &request.base);
    return rc == QL_OK ? labels_read_filter(call, &request, ret_filter) : rc;
}

static void test_a_filter_matches_quests_that_have_all_its_labels(void **state)
{
    struct ql_call *call = *state;
    char *texts[] = {(char *)"sort:1:2", (char *)"category:daily"};
    Label *labels[] = {label_new(call, "sort", "1:2"), label_new(call, "zone", ""),
                       label_new(call, "category", "daily")};
    Quest quest, filter;

    Quest_init(&quest);
    quest.labels = labels;
    quest.n_labels = 3;
    labels_normalize(&quest);
    assert_int_equal(read_filter(call, texts, 2, &filter), QL_OK);
    assert_true(labels_match(&filter, &quest));
    quest.labels[0]->value = (char *)"weekly";
    assert_false(labels_match(&filter, &quest));
    quest.n_labels = 0;
    assert_false(labels_match(&filter, &quest));
    assert_int_equal(read_filter(call, NULL, 0, &filter), QL_OK);
    assert_true(labels_match(&filter, &quest));
}

static void test_what_is_no_label_is_named(void **state)
{
    struct ql_call *call = *state;
    char *refused[][2] = {{(char *)"a:1", (char *)"b"},
                          {(char *)"a:1", (char *)":1"},
                          {(char *)"a:1", (char *)"A:1"},
                          {(char *)"a:1", key_64_and_value},
                          {(char *)"a:1", (char *)"a:2"}};
    Quest filter;

    snprintf(key_64_and_value, sizeof(key_64_and_value), "%s:1", key_64);
    for (size_t i = 0; i < QL_ARRAY_LENGTH(refused); i++) {
        assert_int_equal(read_filter(call, refused[i], 2, &filter), QL_INVALID_ARGUMENT);
        assert_string_equal(call->status.violations[0].field, "label[1]");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_labels_inside_and_outside_their_limits, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_sixteen_labels_are_the_most, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_filter_matches_quests_that_have_all_its_labels,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_is_no_label_is_named, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
