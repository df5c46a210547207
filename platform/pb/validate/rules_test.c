/* Claims about reading rules: all that are published under these names, and which are
 * refused, with file and line. */
#include "platform/pb/validate/rules.h"

#include "platform/pb/testing/testdata_fixture.h"

static struct ql_schema *schema;
static struct ql_arena *arena;

static int setup(void **state)
{
    char error[256] = "";
    size_t length;
    unsigned char *bytes = fixture_read_file(QL_PB_TESTDATA, &length);

    (void)state;
    schema = ql_schema_new(bytes, length, error, sizeof(error));
    free(bytes);
    arena = ql_arena_new(1024 * 1024);
    return schema == NULL || arena == NULL ? -1 : 0;
}

static int teardown(void **state)
{
    (void)state;
    ql_schema_free(schema);
    ql_arena_free(arena);
    return 0;
}

static const struct ql_field *field_of(const char *message, const char *name)
{
    const struct ql_message *found = ql_schema_message(schema, message);

    assert_non_null(found);
    return ql_message_field_by_name(found, name, strlen(name));
}

static const struct ql_field_rules *read(const char *name)
{
    const struct ql_field_rules *rules;
    char error[256] = "";

    if (!ql_field_rules_read(arena, field_of("rulestest.Every", name), &rules, error,
                             sizeof(error)))
        fail_msg("%s", error);
    return rules;
}

static void test_options_stated_piece_by_piece_are_one(void **state)
{
    const struct ql_field_rules *rules = read("lens");

    (void)state;
    assert_int_equal(ql_field_rule(rules, QL_RULE_MIN_LEN)->count, 2);
    assert_int_equal(ql_field_rule(rules, QL_RULE_MAX_LEN)->count, 3);
    assert_null(ql_field_rule(rules, QL_RULE_PATTERN));
    assert_int_equal(ql_field_rule(read("number"), QL_RULE_GTE)->values->number, -1);
    assert_int_equal(ql_field_rule(read("time"), QL_RULE_BEFORE)->values->nanos, 5);
    assert_int_equal(ql_field_rule(read("in"), QL_RULE_IN)->n_values, 3);
    assert_int_equal(ql_field_rule(read("labels")->keys, QL_RULE_MAX_LEN)->count, 3);
    assert_int_equal(read("uuid")->ignore, QL_IGNORE_IF_ZERO_VALUE);
    assert_null(read("free"));
}

static void test_refused_with_file_and_line(void **state)
{
    static const struct {
        const char *message, *error;
    } cases[] = {
        {"OtherType", "refused.proto:10: field: buf.validate.StringRules do not fit its type"},
        {"TypeWithoutRules",
         "refused.proto:15: field: buf.validate.StringRules do not fit its type"},
        {"RulesOfElements",
         "refused.proto:20: field: buf.validate.StringRules do not fit its type"},
        {"NothingBetween", "refused.proto:25: field: no value keeps both of its bounds"},
        {"NothingWithin", "refused.proto:30: field: no value keeps both of its bounds"},
        {"OtherPattern", "refused.proto:35: field: the pattern ^\\d+$ escapes what is no syntax "
                         "character"},
        {"RequiredElement", "refused.proto:40: field: required and IGNORE_ALWAYS mean nothing for "
                            "one element"},
        {"UniqueWithoutEnd", "refused.proto:45: field: unique is for lists of scalars with "
                             "max_items of 256 or less"},
    };

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(cases); i++) {
        const struct ql_field_rules *rules;
        char name[64], error[256] = "";

        snprintf(name, sizeof(name), "refusedtest.%s", cases[i].message);
        assert_false(
            ql_field_rules_read(arena, field_of(name, "field"), &rules, error, sizeof(error)));
        assert_string_equal(error, cases[i].error);
    }
}

/* As in a set that was made with all of protovalidate's rules. */
static void test_rules_that_are_not_declared_here(void **state)
{
    static const struct {
        const char *bytes;
        size_t length;
        const char *error;
    } cases[] = {
        {"\x72\x02\x60\x01", 4, "rule number 12 of buf.validate.StringRules is not supported"},
        {"\xba\x01\x00", 3, "rule number 23 of buf.validate.FieldRules is not supported"},
        {"\xd8\x01\x02", 3, "an ignore that is not supported"},
        {"\x72\x05", 2, "its rules are malformed"},
    };

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(cases); i++) {
        struct ql_field field = *field_of("rulestest.Every", "lens");
        const struct ql_field_rules *rules;
        char error[256] = "";

        field.rules = cases[i].bytes;
        field.rules_length = cases[i].length;
        field.declared_at = "x.proto:1";
        assert_false(ql_field_rules_read(arena, &field, &rules, error, sizeof(error)));
        assert_non_null(strstr(error, cases[i].error));
        assert_non_null(strstr(error, "x.proto:1: lens: "));
    }
}

static void test_descriptions(void **state)
{
    static const struct {
        const char *field;
        enum ql_rule_kind kind;
        const char *text, *reason;
    } cases[] = {
        {"lens", QL_RULE_MAX_LEN, "must have at most 3 characters", "TOO_LONG"},
        {"bytes", QL_RULE_MIN_BYTES, "must have at least 2 bytes", "TOO_SHORT"},
        {"pattern", QL_RULE_PATTERN, "must match ^[a-z]*$", "WRONG_FORMAT"},
        {"in", QL_RULE_IN, "must be one of \"\", \"a\", \"b\"", "VALUE_NOT_ALLOWED"},
        {"number", QL_RULE_GTE, "must be at least -1", "TOO_SMALL"},
        {"time", QL_RULE_BEFORE, "must be before 1970-01-01T00:00:20.000000005Z", "TOO_LATE"},
        {"list", QL_RULE_UNIQUE, "must not have an element twice", "NOT_UNIQUE"},
    };

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(cases); i++) {
        QL_CLEANUP(ql_buffer_done) struct ql_buffer out;

        ql_buffer_init(&out, 1024);
        ql_rule_describe(ql_field_rule(read(cases[i].field), cases[i].kind), &out);
        ql_buffer_append_byte(&out, '\0');
        assert_string_equal((const char *)out.data, cases[i].text);
        assert_string_equal(ql_rule_reason(cases[i].kind), cases[i].reason);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_options_stated_piece_by_piece_are_one),
        cmocka_unit_test(test_refused_with_file_and_line),
        cmocka_unit_test(test_rules_that_are_not_declared_here),
        cmocka_unit_test(test_descriptions),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
