/* Which examples are values of their fields: of fields of every kind, which get them here. */
#include "platform/pb/testing/testdata_fixture.h"

#include "tools/ql-openapi/example_check.h"
#include "tools/ql-openapi/openapi.h"

enum { DOCUMENT_BYTES = 4 * 1024 * 1024 };

struct stated {
    const char *field, *example;
};

static struct ql_field *field_of(const struct fixture *fixture, const char *name)
{
    const struct ql_field *field = ql_message_field_by_name(
        fixture_type(fixture, "questline.pbtest.v1.ListThingsRequest"), name, strlen(name));

    assert_non_null(field);
    return (struct ql_field *)(uintptr_t)field; /* the schema is this test's own */
}

static bool is_good(const struct fixture *fixture, const struct stated *stated, char *error,
                    size_t error_size)
{
    struct ql_field *field = field_of(fixture, stated->field);
    bool is_good;

    field->example = stated->example;
    is_good = openapi_examples_check(fixture->schema, error, error_size);
    field->example = NULL;
    return is_good;
}

static void test_values_are_spelled_as_in_json_without_quotes(void **state)
{
    static const struct stated cases[] = {
        {"page_size", "3"},
        {"by_name", "say \"when\""},
        {"is_open", "true"},
        {"weight", "-0.5"},
        {"order_by", "ORDER_NAME"},
        {"tags", "one"},
        {"numbers", "1"},
        {"since", "2026-12-01T00:00:00Z"},
        {"within", "1.5s"},
        {"read_mask", "name,count"},
        {"limit", "7"},
        {"filter", "{\"name\": \"a\"}"},
        {"filters", "{\"count\": 1}"},
        {"labels", "{\"colour\": \"red\"}"},
        {"free", "{\"anything\": [1]}"},
        {"cursor", "YQ=="},
    };
    char error[512] = "";

    for (size_t i = 0; i < QL_ARRAY_LENGTH(cases); i++)
        if (!is_good(*state, &cases[i], error, sizeof(error)))
            fail_msg("%s", error);
}

static void test_what_is_no_value_is_refused_by_name(void **state)
{
    static const struct stated cases[] = {
        {"page_size", "many"},    {"page_size", ""},  {"page_size", "5000000000"},
        {"is_open", "yes"},       {"weight", "half"}, {"order_by", "ORDER_OTHER"},
        {"numbers", "[1, 2]"},    {"since", "today"}, {"within", "1.5"},
        {"filter", "{\"x\": 1}"}, {"labels", "red"},  {"cursor", "?"},
    };
    char error[512], place[128];

    for (size_t i = 0; i < QL_ARRAY_LENGTH(cases); i++) {
        error[0] = '\0';
        if (is_good(*state, &cases[i], error, sizeof(error)))
            fail_msg("%s takes %s", cases[i].field, cases[i].example);
        snprintf(place, sizeof(place),
                 "questline.pbtest.v1.ListThingsRequest.%s: ", cases[i].field);
        assert_int_equal(strncmp(error, place, strlen(place)), 0);
    }
}

static void test_document_with_such_an_example_is_not_written(void **state)
{
    const struct fixture *fixture = *state;
    struct ql_field *field = field_of(fixture, "page_size");
    struct ql_buffer document;
    char error[512] = "";

    ql_buffer_init(&document, DOCUMENT_BYTES);
    field->example = "many";
    assert_false(openapi_write(fixture->schema, &document, error, sizeof(error)));
    assert_non_null(strstr(error, "ListThingsRequest.page_size"));
    ql_buffer_clear(&document);
    field->example = "3";
    assert_true(openapi_write(fixture->schema, &document, error, sizeof(error)));
    field->example = NULL;
    ql_buffer_done(&document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values_are_spelled_as_in_json_without_quotes),
        cmocka_unit_test(test_what_is_no_value_is_refused_by_name),
        cmocka_unit_test(test_document_with_such_an_example_is_not_written),
    };

    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
