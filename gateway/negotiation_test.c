/* Tests of media types and ranges, as tables. */
#include "gateway/negotiation.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "platform/base/attributes.h"

static void test_json_content_types_are_recognised(void **state)
{
    static const struct {
        const char *value;
        bool is_json;
    } cases[] = {
        {"application/json", true},
        {"Application/JSON", true},
        {"application/json; charset=utf-8", true},
        {"application/json;charset=\"UTF-8\"", true},
        {" application/json ;", true},
        {"application/json; charset=latin1", false},
        {"application/json; profile=x", false},
        {"application/jsonp", false},
        {"application/x-www-form-urlencoded", false},
        {"text/plain", false},
        {"", false},
    };

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(cases); i++)
        assert_int_equal(content_type_is_json(cases[i].value, strlen(cases[i].value)),
                         cases[i].is_json);
}

static void test_accept_is_read_by_the_most_specific_range(void **state)
{
    static const struct {
        const char *value;
        bool is_accepted;
    } cases[] = {
        {"*/*", true},
        {"application/*", true},
        {"application/json", true},
        {"text/html, application/xhtml+xml, */*;q=0.8", true},
        {"application/json;q=0.1", true},
        {"text/html", false},
        {"application/json;q=0", false},
        {"*/*, application/json;q=0.000", false},
        {"application/json, */*;q=0", true},
        {"*/*;q=0, application/*", true},
        {"text/*;q=1, application/xml", false},
        {"", true}, /* says nothing */
        {" \t", true},
    };

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(cases); i++) {
        struct accepted accepted = {0};

        accepted_read(&accepted, cases[i].value, strlen(cases[i].value));
        assert_int_equal(accepted_json(&accepted), cases[i].is_accepted);
    }
}

static void test_request_without_accept_accepts_json(void **state)
{
    const struct accepted accepted = {0};

    (void)state;
    assert_true(accepted_json(&accepted));
}

static void test_several_accept_fields_count_as_one(void **state)
{
    struct accepted accepted = {0};

    (void)state;
    accepted_read(&accepted, "text/html", strlen("text/html"));
    assert_false(accepted_json(&accepted));
    accepted_read(&accepted, "application/json", strlen("application/json"));
    assert_true(accepted_json(&accepted));
}

static void test_gzip_is_sent_to_those_who_want_it(void **state)
{
    static const struct {
        const char *value;
        bool is_wanted;
    } cases[] = {
        {"gzip", true},
        {"gzip, deflate, br, zstd", true},
        {"br;q=1.0, GZIP;q=0.8, *;q=0.1", true},
        {"*", true},
        {"*;q=0, gzip", true},
        {"gzip;q=0.001", true},
        {"gzip;q=0", false},
        {"gzip;q=0.000, *", false},
        {"*;q=0", false},
        {"identity", false},
        {"gzipped", false},
        {"", false},
    };

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(cases); i++)
        assert_int_equal(accepts_gzip(cases[i].value, strlen(cases[i].value)), cases[i].is_wanted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json_content_types_are_recognised),
        cmocka_unit_test(test_accept_is_read_by_the_most_specific_range),
        cmocka_unit_test(test_request_without_accept_accepts_json),
        cmocka_unit_test(test_several_accept_fields_count_as_one),
        cmocka_unit_test(test_gzip_is_sent_to_those_who_want_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
