/* JSON of other people's messages: what the options allow, proto2, and what stays
 * refused all the same. What is printed is written as protobuf writes it; any other
 * bytes are for tools/ql-transcode. */
#include "platform/pb/json/json.h"
#include "platform/pb/schema/wire_check.h"
#include "platform/pb/testing/json_fixture.h"

struct option_case {
    const char *type;
    const char *json;
    const char *wire; /* in hexadecimal, or the reason of the refusal */
};

static enum ql_code read_json(struct fixture *fixture, const char *type, const char *json,
                              const struct ql_json_options *options)
{
    fixture_clear(fixture);
    return ql_json_read(&fixture->call, fixture->schema, fixture_type(fixture, type), json,
                        strlen(json), options, &fixture->out);
}

static enum ql_code write_json(struct fixture *fixture, const char *type, const char *hex,
                               const struct ql_json_options *options)
{
    size_t length;
    unsigned char *wire = fixture_bytes(hex, &length);
    enum ql_code rc;

    fixture_clear(fixture);
    rc = ql_json_write(&fixture->call, fixture->schema, fixture_type(fixture, type), wire, length,
                       options, &fixture->out);
    free(wire);
    return rc;
}

static void check_reading(struct fixture *fixture, const struct option_case *cases, size_t n,
                          const struct ql_json_options *options)
{
    for (size_t i = 0; i < n; i++) {
        enum ql_code rc = read_json(fixture, cases[i].type, cases[i].json, options);

        if (cases[i].wire[0] >= 'A' && cases[i].wire[0] <= 'Z') {
            if (rc != QL_INVALID_ARGUMENT ||
                strcmp(fixture->call.status.reason, cases[i].wire) != 0)
                fail_msg("%s: got %d %s", cases[i].json, (int)rc, fixture->call.status.reason);
            continue;
        }
        if (rc != QL_OK)
            fail_msg("%s: refused: %s", cases[i].json, fixture->call.status.message);
        fixture_assert_wire(fixture, cases[i].json, cases[i].wire);
    }
}

static void test_proto2_is_read_with_extensions_and_required_fields(void **state)
{
    static const struct option_case cases[] = {
        {"pbtest.Extended", "{\"plain\":0}", "0800"},
        {"pbtest.Extended", "{\"[pbtest.ext]\":5}", "a00605"},
        {"pbtest.Extended", "{\"[pbtest.exts]\":[1,2]}", "b206020102"},
        {"pbtest.Extended", "{\"[pbtest.Extended.deeper]\":{\"plain\":1}}", "aa06020801"},
        {"pbtest.Extended", "{\"[pbtest.extpart]\":{\"a\":1}}", "bb060801bc06"},
        {"pbtest.Extended", "{\"part\":{\"a\":1}}", "73080174"},
        {"pbtest.Extended", "{\"[pbtest.nope]\":5}", "INVALID_FIELD"},
        {"pbtest.Extended", "{\"ext\":5}", "INVALID_FIELD"},
        {"pbtest.Extended", "{\"set\":{\"[pbtest.Item.item]\":{\"i\":1}}}", "6205c23e020801"},
        {"pbtest.Extended", "{\"level\":\"LEVEL_HIGH\"}", "3002"},
        {"pbtest.Extended", "{\"level\":3}", "INVALID_FIELD"},
        {"pbtest.Extended", "{\"inner\":{\"must\":0}}", "12020800"},
        {"pbtest.Extended", "{\"inner\":{}}", "INVALID_FIELD"},
        {"pbtest.Extended", "{\"inner\":{\"must\":null}}", "INVALID_FIELD"},
        {"pbtest.Extended", "{\"inner\":null}", ""},
        {"pbtest.Extended", "{\"mInner\":{\"1\":{\"may\":1}}}", "INVALID_FIELD"},
        {"pbtest.Strict", "{}", "INVALID_FIELD"},
    };
    const struct ql_json_options options = {.max_depth = 8};

    check_reading(*state, cases, QL_ARRAY_LENGTH(cases), &options);
}

static void test_missing_required_field_is_reported_with_its_path(void **state)
{
    const struct ql_json_options options = {.max_depth = 8};
    struct fixture *fixture = *state;
    enum ql_code rc = read_json(fixture, "pbtest.Extended", "{\"inner\":{\"may\":1}}", &options);

    fixture_assert_refused(fixture, "required", rc, "INVALID_FIELD", "inner.must");
}

static void test_unknown_things_are_ignored_when_asked_for(void **state)
{
    static const struct option_case cases[] = {
        {"pbtest.EveryKind", "{\"nope\":{\"a\":[1,{}]},\"fInt32\":1,\"nope\":null}", "2801"},
        {"pbtest.EveryKind", "{\"fInner\":{\"nope\":\"x\"}}", "8a0100"},
        {"pbtest.EveryKind", "{\"fColor\":\"NO_COLOR\"}", ""},
        {"pbtest.EveryKind", "{\"fColor\":\"NO_COLOR\",\"fInt32\":1}", "2801"},
        {"pbtest.EveryKind", "{\"rColor\":[\"COLOR_RED\",\"NO_COLOR\",2]}", "8202020102"},
        {"pbtest.EveryKind", "{\"rColor\":[\"NO_COLOR\"]}", ""},
        {"pbtest.EveryKind", "{\"mUint64\":{\"1\":\"NO_COLOR\",\"2\":\"COLOR_RED\"}}",
         "e2020408021001"},
        {"pbtest.EveryKind", "{\"mUint64\":{\"1\":\"COLOR_RED\"},\"pColor\":\"NO_COLOR\"}",
         "e2020408011001"},
        {"pbtest.EveryKind",
         "{\"wAny\":{\"@type\":\"t/google.protobuf.Duration\",\"value\":\"1s\",\"more\":[]}}",
         "ba05200a1a742f676f6f676c652e70726f746f6275662e4475726174696f6e12020801"},
        /* what is wrong in itself stays wrong */
        {"pbtest.EveryKind", "{\"nope\":01}", "MALFORMED_JSON"},
        {"pbtest.EveryKind", "{\"nope\":[1,]}", "MALFORMED_JSON"},
        {"pbtest.EveryKind", "{\"fInt32\":\"x\"}", "INVALID_FIELD"},
        {"pbtest.EveryKind", "{\"fColor\":\"12abc\"}", "INVALID_FIELD"},
        {"pbtest.EveryKind", "{\"wAny\":{\"@type\":\"t/no.Such\"}}", "INVALID_FIELD"},
        {"pbtest.EveryKind", "{\"nope\":[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]}", "MALFORMED_JSON"},
    };
    const struct ql_json_options options = {.max_depth = 8, .ignores_unknown = true};

    check_reading(*state, cases, QL_ARRAY_LENGTH(cases), &options);
}

static void test_nul_in_strings_is_taken_when_asked_for(void **state)
{
    const struct ql_json_options takes = {.takes_nul = true}, strict = {.takes_nul = false};
    struct fixture *fixture = *state;

    assert_int_equal(read_json(fixture, "pbtest.Valued", "{\"value\":\"a\\u0000b\"}", &takes),
                     QL_OK);
    fixture_assert_wire(fixture, "NUL", "0a03610062");
    assert_int_equal(read_json(fixture, "pbtest.Valued", "{\"value\":\"a\\u0000b\"}", &strict),
                     QL_INVALID_ARGUMENT);
    assert_int_equal(write_json(fixture, "pbtest.Valued", "0a03610062", &takes), QL_OK);
    assert_string_equal(fixture->out.data, "{\"value\":\"a\\u0000b\"}");
}

static void test_secret_is_printed_only_when_asked_for(void **state)
{
    const struct ql_json_options options = {.omits_defaults = true};
    struct fixture *fixture = *state;

    assert_int_equal(write_json(fixture, "pbtest.EveryKind", "82070178", &options), QL_OK);
    assert_string_equal(fixture->out.data, "{}");
}

static void test_names_are_kept_when_asked_for(void **state)
{
    const struct ql_json_options options = {.omits_defaults = true, .keeps_names = true};
    struct fixture *fixture = *state;

    assert_int_equal(write_json(fixture, "pbtest.EveryKind", "8a01022805", &options), QL_OK);
    assert_string_equal(fixture->out.data, "{\"f_inner\":{\"f_int32\":5}}");
}

static void test_depth_is_that_of_the_options(void **state)
{
    struct fixture *fixture = *state;
    char json[4096], hex[4096] = "";

    for (unsigned depth = 1; depth <= QL_JSON_MAX_DEPTH; depth += 31) {
        const struct ql_json_options fits = {.max_depth = depth},
                                     short_of = {.max_depth = depth - 1};
        size_t n = 0;

        for (unsigned i = 0; i < depth; i++)
            n += (size_t)snprintf(json + n, sizeof(json) - n, "{\"fInner\":");
        n += (size_t)snprintf(json + n, sizeof(json) - n, "{}");
        for (unsigned i = 0; i < depth; i++)
            n += (size_t)snprintf(json + n, sizeof(json) - n, "}");
        assert_int_equal(read_json(fixture, "pbtest.EveryKind", json, &fits), QL_OK);
        for (size_t i = 0; i < fixture->out.length; i++)
            snprintf(hex + 2 * i, 3, "%02x", (unsigned char)fixture->out.data[i]);
        assert_int_equal(write_json(fixture, "pbtest.EveryKind", hex, &fits), QL_OK);
        if (depth == 1)
            continue; /* 0 is the services' limit */
        assert_int_equal(read_json(fixture, "pbtest.EveryKind", json, &short_of),
                         QL_INVALID_ARGUMENT);
        assert_int_equal(write_json(fixture, "pbtest.EveryKind", hex, &short_of), QL_INTERNAL);
    }
}

/* A set with google.protobuf.Any and nothing else. */
static struct ql_schema *schema_of_any(void)
{
    /* file {package: "google.protobuf" syntax: "proto3" message_type {name: "Any"
     * field {name: "type_url" number: 1 label: OPTIONAL type: STRING}
     * field {name: "value" number: 2 label: OPTIONAL type: BYTES}}} */
    static const char set[] = "\n\x41"
                              "\x12\x0fgoogle.protobuf"
                              "\x22\x26\n\x03"
                              "Any"
                              "\x12\x10\n\x08type_url\x18\x01\x20\x01\x28\x09"
                              "\x12\x0d\n\x05value\x18\x02\x20\x01\x28\x0c"
                              "\x62\x06proto3";
    char error[256] = "";
    struct ql_schema *schema = ql_schema_new(set, sizeof(set) - 1, error, sizeof(error));

    assert_string_equal(error, "");
    return schema;
}

static enum ql_code read_any(struct fixture *fixture, const struct ql_schema *schema,
                             const char *json, bool adds_well_known)
{
    const struct ql_json_options options = {.adds_well_known = adds_well_known};

    fixture_clear(fixture);
    return ql_json_read(&fixture->call, schema, ql_schema_message(schema, "google.protobuf.Any"),
                        json, strlen(json), &options, &fixture->out);
}

static void test_well_known_types_of_an_any_are_added_when_asked_for(void **state)
{
    static const char empty[] = "{\"@type\":\"t/google.protobuf.Empty\"}";
    static const char user[] = "{\"@type\":\"t/questline.user.v1.User\"}";
    struct fixture *fixture = *state;
    struct ql_schema *schema = schema_of_any();

    assert_int_equal(read_any(fixture, schema, empty, false), QL_INVALID_ARGUMENT);
    assert_int_equal(read_any(fixture, schema, empty, true), QL_OK);
    assert_int_equal(read_any(fixture, schema, user, true), QL_INVALID_ARGUMENT);
    ql_schema_free(schema);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_proto2_is_read_with_extensions_and_required_fields),
        cmocka_unit_test(test_missing_required_field_is_reported_with_its_path),
        cmocka_unit_test(test_unknown_things_are_ignored_when_asked_for),
        cmocka_unit_test(test_nul_in_strings_is_taken_when_asked_for),
        cmocka_unit_test(test_secret_is_printed_only_when_asked_for),
        cmocka_unit_test(test_names_are_kept_when_asked_for),
        cmocka_unit_test(test_depth_is_that_of_the_options),
        cmocka_unit_test(test_well_known_types_of_an_any_are_added_when_asked_for),
    };

    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
