/* Claims about messages and the rules of their fields. */
#include "platform/pb/validate/validator.h"

#include "platform/pb/testing/testdata_fixture.h"
#include "rules.pb-c.h"

typedef Rulestest__Every Every;
typedef Rulestest__Inner Inner;

static struct ql_schema *schema;
static struct ql_validators *validators;
static struct ql_arena *arena;
static struct ql_call call;
static Inner empty = RULESTEST__INNER__INIT;

static int group_setup(void **state)
{
    char error[256] = "";
    size_t length;
    unsigned char *bytes = fixture_read_file(QL_PB_TESTDATA, &length);

    (void)state;
    schema = ql_schema_new(bytes, length, error, sizeof(error));
    free(bytes);
    arena = ql_arena_new(1024 * 1024);
    validators = schema == NULL ? NULL : ql_validators_new(schema);
    return validators == NULL || arena == NULL ? -1 : 0;
}

static int group_teardown(void **state)
{
    (void)state;
    ql_validators_free(validators);
    ql_schema_free(schema);
    ql_arena_free(arena);
    return 0;
}

/* A message that keeps all rules. */
static Every valid(void)
{
    Every every = RULESTEST__EVERY__INIT;

    every.len = (char *)"ab";
    every.lens = (char *)"ab";
    every.bytes = (char *)"ab";
    every.must_be_there = &empty;
    every.choice_case = RULESTEST__EVERY__CHOICE_COUNT;
    return every;
}

static const struct ql_validator *find(const ProtobufCMessageDescriptor *type)
{
    const struct ql_validator *validator;
    char error[256] = "";

    if (!ql_validator_find(validators, type, &validator, error, sizeof(error)))
        fail_msg("%s", error);
    return validator;
}

static void check(const Every *every, const char *field, const char *reason)
{
    ql_arena_reset(arena);
    ql_call_init(&call, arena, "test", 1000);
    if (field == NULL) {
        assert_int_equal(
            ql_validator_check(&call, find(&rulestest__every__descriptor), "", &every->base),
            QL_OK);
        return;
    }
    assert_int_equal(
        ql_validator_check(&call, find(&rulestest__every__descriptor), "", &every->base),
        QL_INVALID_ARGUMENT);
    assert_string_equal(call.status.reason, "INVALID_FIELD");
    assert_string_equal(call.status.violations[0].field, field);
    assert_string_equal(call.status.violations[0].reason, reason);
    assert_int_equal(call.status.n_violations, 1);
}

static void test_texts(void **state)
{
    static const struct {
        size_t offset;
        const char *text, *field, *reason;
    } cases[] = {
        {offsetof(Every, len), "abc", "len", "WRONG_LENGTH"},
        {offsetof(Every, len), "€€", NULL, NULL},
        {offsetof(Every, lens), "a", "lens", "TOO_SHORT"},
        {offsetof(Every, lens), "€€€", NULL, NULL},
        {offsetof(Every, lens), "€€€a", "lens", "TOO_LONG"},
        {offsetof(Every, bytes), "a", "bytes", "TOO_SHORT"},
        {offsetof(Every, bytes), "€€", "bytes", "TOO_LONG"},
        {offsetof(Every, pattern), "A", "pattern", "WRONG_FORMAT"},
        {offsetof(Every, uuid), "x", "uuid", "NOT_A_UUID"},
        {offsetof(Every, uuid), "0190C5F2-8a51-7cc3-9d0e-5b1f4c3a2e11", NULL, NULL},
        {offsetof(Every, in), "a", NULL, NULL},
        {offsetof(Every, in), "c", "in", "VALUE_NOT_ALLOWED"},
        {offsetof(Every, not_in), "a", "notIn", "VALUE_NOT_ALLOWED"},
        {offsetof(Every, const_), "x", NULL, NULL},
        {offsetof(Every, const_), "y", "const", "VALUE_NOT_ALLOWED"},
    };

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(cases); i++) {
        Every every = valid();

        *(const char **)((char *)&every + cases[i].offset) = cases[i].text;
        check(&every, cases[i].field, cases[i].reason);
    }
}

static void test_numbers(void **state)
{
    static const int64_t numbers[] = {-2, 10}, larges[] = {-9, 10, 7};
    static const char *const reasons[] = {"TOO_SMALL", "TOO_LARGE", "VALUE_NOT_ALLOWED"};
    Every every = valid();

    (void)state;
    check(&every, NULL, NULL);
    for (size_t i = 0; i < QL_ARRAY_LENGTH(numbers); i++) {
        every.number = (int32_t)numbers[i];
        check(&every, "number", reasons[i]);
    }
    every.number = 9;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(larges); i++) {
        every.large = larges[i];
        check(&every, "large", reasons[i]);
    }
    every.large = 9;
    check(&every, NULL, NULL);
    every.color = (Rulestest__Color)3;
    check(&every, "color", "UNKNOWN_VALUE");
    every.color = RULESTEST__COLOR__COLOR_BLUE;
    every.red = RULESTEST__COLOR__COLOR_BLUE;
    check(&every, "red", "VALUE_NOT_ALLOWED");
}

static void test_times(void **state)
{
    Google__Protobuf__Timestamp time = GOOGLE__PROTOBUF__TIMESTAMP__INIT;
    Every every = valid();

    (void)state;
    every.time = &time;
    time.seconds = 9;
    time.nanos = 999999999;
    check(&every, "time", "TOO_EARLY");
    time.seconds = 20;
    time.nanos = 5;
    check(&every, "time", "TOO_LATE");
    time.nanos = 4;
    check(&every, NULL, NULL);
}

static void test_lists(void **state)
{
    char *texts[] = {(char *)"a", (char *)"abc", (char *)"c", (char *)"a"};
    int32_t numbers[] = {1, 2, 0};
    Every every = valid();

    (void)state;
    every.list = texts;
    every.n_list = 3;
    check(&every, "list[1]", "TOO_LONG");
    every.n_list = 4;
    check(&every, "list", "TOO_MANY_ITEMS");
    texts[1] = (char *)"a";
    every.n_list = 3;
    check(&every, "list", "NOT_UNIQUE");
    every.n_list = 0;
    every.numbers = numbers;
    every.n_numbers = 3;
    check(&every, "numbers[2]", "TOO_SMALL");
}

static void test_maps(void **state)
{
    Rulestest__Every__LabelsEntry label = RULESTEST__EVERY__LABELS_ENTRY__INIT,
                                  *labels[] = {&label, &label, &label};
    Rulestest__Every__ByNameEntry named = RULESTEST__EVERY__BY_NAME_ENTRY__INIT,
                                  *by_name[] = {&named};
    Every every = valid();

    (void)state;
    every.labels = labels;
    every.n_labels = 1;
    label.key = (char *)"key";
    label.value = (char *)"value";
    check(&every, NULL, NULL);
    label.value = (char *)"";
    check(&every, "labels[\"key\"]", "TOO_SHORT");
    label.key = (char *)"keys";
    label.value = (char *)"value";
    check(&every, "labels[\"keys\"]", "TOO_LONG");
    label.key = (char *)"key";
    every.n_labels = 3;
    check(&every, "labels", "TOO_MANY_ITEMS");
    every.n_labels = 0;
    every.by_name = by_name;
    every.n_by_name = 1;
    named.key = (char *)"k";
    check(&every, "byName[\"k\"]", "REQUIRED"); /* an entry without a value */
    named.value = &empty;
    check(&every, "byName[\"k\"].name", "REQUIRED");
}

static void test_messages_within(void **state)
{
    Inner inner = RULESTEST__INNER__INIT, *inners[] = {&inner, &empty};
    Every every = valid();

    (void)state;
    inner.name = (char *)"x";
    every.inner = &inner;
    every.ignored = &empty;
    check(&every, NULL, NULL);
    inner.deeper = &empty;
    check(&every, "inner.deeper.name", "REQUIRED");
    inner.deeper = NULL;
    every.inners = inners;
    every.n_inners = 2;
    check(&every, "inners[1].name", "REQUIRED");
    every.n_inners = 0;
    every.must_be_there = NULL;
    check(&every, "mustBeThere", "REQUIRED");
}

static void test_oneofs(void **state)
{
    Every every = valid();

    (void)state;
    every.choice_case = RULESTEST__EVERY__CHOICE__NOT_SET;
    check(&every, "choice", "REQUIRED");
    every.choice_case = RULESTEST__EVERY__CHOICE_TEXT;
    every.text = (char *)"";
    check(&every, "text", "TOO_SHORT");
}

static void test_every_field_is_named(void **state)
{
    Every every = RULESTEST__EVERY__INIT;
    static const char *const fields[] = {"draft.len", "draft.lens", "draft.bytes",
                                         "draft.mustBeThere", "draft.choice"};

    (void)state;
    ql_arena_reset(arena);
    ql_call_init(&call, arena, "test", 1000);
    assert_int_equal(
        ql_validator_check(&call, find(&rulestest__every__descriptor), "draft", &every.base),
        QL_INVALID_ARGUMENT);
    assert_int_equal(call.status.n_violations, QL_ARRAY_LENGTH(fields));
    for (size_t i = 0; i < QL_ARRAY_LENGTH(fields); i++)
        assert_string_equal(call.status.violations[i].field, fields[i]);
}

static void test_types_without_rules(void **state)
{
    (void)state;
    assert_null(find(&rulestest__free__descriptor));
    assert_non_null(find(&rulestest__inner__descriptor));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_lists),
        cmocka_unit_test(test_maps),
        cmocka_unit_test(test_messages_within),
        cmocka_unit_test(test_oneofs),
        cmocka_unit_test(test_every_field_is_named),
        cmocka_unit_test(test_types_without_rules),
    };

    return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
