/* Wire to JSON: what is printed, also for wire that repeats and interleaves. */
#include "platform/pb/json/json.h"
#include "platform/pb/testing/json_fixture.h"

struct printed {
    const char *type;
    const char *wire; /* in hexadecimal */
    const char *json; /* all of it, or with "..." in front what it must contain */
};

/* What an OldKind without anything repeated ends with. */
#define OLD_REST "\"rPlain\":[],\"rPacked\":[],\"groups\":[],\"rClosed\":[],\"mShut\":{}}"

static const struct printed printed[] = {
    {"google.protobuf.Timestamp", "", "\"1970-01-01T00:00:00Z\""},
    {"google.protobuf.Timestamp", "08011080cab5ee01", "\"1970-01-01T00:00:01.500Z\""},
    {"google.protobuf.Duration", "10b0b4f3ebffffffffff01", "\"-0.042149328s\""},
    {"google.protobuf.Duration", "0801", "\"1s\""},
    {"google.protobuf.FieldMask", "0a09757365725f6e616d650a0161", "\"userName,a\""},
    {"google.protobuf.FieldMask", "", "\"\""},
    {"google.protobuf.FieldMask", "0a00", "\"\""},
    {"google.protobuf.FieldMask", "0a01610a00", "!UNPRINTABLE_VALUE"},
    {"google.protobuf.FieldMask", "0a03612c62", "!UNPRINTABLE_VALUE"},
    {"google.protobuf.Value", "", "null"},
    {"google.protobuf.Value", "0800", "null"},
    {"google.protobuf.Value", "2001", "true"},
    /* of a oneof the last member counts */
    {"google.protobuf.Value", "20011a0178", "\"x\""},
    {"google.protobuf.Struct", "", "{}"},
    /* a key is the same whatever unknown field stands before it */
    {"pbtest.EveryKind", "ca020408011002ca02052201780801", "...\"mInt32\":{\"1\":0}"},
    {"google.protobuf.Struct", "0a101901000000000000000a0165120220010a070a016512022000",
     "{\"e\":false}"},
    {"google.protobuf.ListValue", "0a020800", "[null]"},
    {"google.protobuf.Int64Value", "0805", "\"5\""},
    {"google.protobuf.Int32Value", "0805", "5"},
    {"google.protobuf.StringValue", "", "\"\""},
    {"google.protobuf.Empty", "", "{}"},
    {"google.protobuf.Any", "", "{}"},
    {"google.protobuf.Any", "0a0d742f7062746573742e4e6f706512030a0278", "!UNKNOWN_ANY_TYPE"},
    {"google.protobuf.Any", "0a0f742f7062746573742e56616c75656412030a0278", "!MALFORMED_MESSAGE"},
    {"google.protobuf.Any", "0a0f742f7062746573742e56616c75656412030a0178",
     "{\"@type\":\"t/pbtest.Valued\",\"value\":\"x\"}"},
    /* unknown fields are passed over */
    {"pbtest.Valued", "10051d000000002100000000000000000a0178", "{\"value\":\"x\"}"},
    {"pbtest.Valued", "0a01780a0179", "{\"value\":\"y\"}"},
    {"pbtest.Valued", "0a03220a5c", "{\"value\":\"\\\"\\n\\\\\"}"},
    {"pbtest.OldKind", "0800", "{\"fRequired\":0," OLD_REST},
    {"pbtest.OldKind", "08012001220202032004",
     "{\"fRequired\":1,\"rPlain\":[1,2,3,4],\"rPacked\":[],\"groups\":[],\"rClosed\":[],\"mShut\":{}}"},
    {"pbtest.OldKind", "330805343b0a01783c",
     "{\"rPlain\":[],\"rPacked\":[],\"group\":{\"inside\":5},\"groups\":[{\"text\":\"x\"}],"
     "\"rClosed\":[],\"mShut\":{}}"},
    /* what a closed enum does not have is an unknown field */
    {"pbtest.OldKind", "1803", "{" OLD_REST},
    {"pbtest.OldKind", "18021803", "{\"fClosed\":\"CLOSED_TWO\"," OLD_REST},
    {"pbtest.OldKind", "400140034002420401030203",
     "...\"rClosed\":[\"CLOSED_ONE\",\"CLOSED_TWO\","
     "\"CLOSED_ONE\",\"CLOSED_TWO\"]"},
    {"pbtest.OldKind", "4a0408011003", "...\"mShut\":{}"},
    {"pbtest.OldKind", "4a04080110024a04080110034a0408021003", "...\"mShut\":{\"1\":\"SHUT_TWO\"}"},
    {"pbtest.OldKind", "4a020801", "...\"mShut\":{\"1\":\"SHUT_NONE\"}"},
    /* fields of every kind without presence are printed at their default */
    {"pbtest.EveryKind", "",
     "...{\"fDouble\":0,\"fFloat\":0,\"fInt64\":\"0\",\"fUint64\":\"0\",\"fInt32\":0,"
     "\"fFixed64\":\"0\",\"fFixed32\":0,\"fBool\":false,\"fString\":\"\",\"fBytes\":\"\","
     "\"fUint32\":0,\"fColor\":\"COLOR_UNSPECIFIED\""},
    {"pbtest.EveryKind", "", "...\"rInner\":[],"},
    {"pbtest.EveryKind", "", "...\"mInt32\":{},"},
    {"pbtest.EveryKind", "620102", "!MALFORMED_MESSAGE"},
    {"pbtest.EveryKind", "6002", "...\"fColor\":\"COLOR_BLUE\""},
    {"pbtest.EveryKind", "604d", "...\"fColor\":77"},
    {"pbtest.EveryKind", "20ffffffffffffffffff01", "...\"fUint64\":\"18446744073709551615\""},
    {"pbtest.EveryKind", "18ffffffffffffffffff01", "...\"fInt64\":\"-1\""},
    {"pbtest.EveryKind", "28ffffffffffffffffff01", "...\"fInt32\":-1"},
    {"pbtest.EveryKind", "7801", "...\"fSint32\":-1"},
    {"pbtest.EveryKind", "09000000000000f07f", "...\"fDouble\":\"Infinity\""},
    {"pbtest.EveryKind", "09000000000000f0ff", "...\"fDouble\":\"-Infinity\""},
    {"pbtest.EveryKind", "09000000000000f87f", "...\"fDouble\":\"NaN\""},
    {"pbtest.EveryKind", "090000000000000080", "...\"fDouble\":-0.0"},
    {"pbtest.EveryKind", "099a9999999999b93f", "...\"fDouble\":0.1,"},
    {"pbtest.EveryKind", "099c7500883ce4377e", "...\"fDouble\":1e+300,"},
    {"pbtest.EveryKind", "15cdcccc3d", "...\"fFloat\":0.1,"},
    {"pbtest.EveryKind", "15ffff7f7f", "...\"fFloat\":3.4028235e+38,"},
    {"pbtest.EveryKind", "52020102", "...\"fBytes\":\"AQI=\""},
    {"pbtest.EveryKind", "b80400", "...\"pInt32\":0"},
    {"pbtest.EveryKind", "800400", "...\"oNull\":null"},
    /* a message in two pieces is those pieces merged */
    {"pbtest.EveryKind", "8a010228058a01024001",
     "...\"fInt32\":5,\"fFixed64\":\"0\",\"fFixed32\":0,\"fBool\":true"},
    /* packed, bare, packed again: elements add up */
    {"pbtest.EveryKind", "ca01020102c80103ca010104", "...\"rInt32\":[1,2,3,4]"},
    /* of a map's entries with one key the last counts; "-1" in any length */
    {"pbtest.EveryKind", "ca02040801100aca02040802100bca02040801100c",
     "...\"mInt32\":{\"2\":11,\"1\":12}"},
    {"pbtest.EveryKind", "ca020d08ffffffffffffffffff011001ca020808ffffffff0f1002",
     "...\"mInt32\":{\"-1\":2}"},
    {"pbtest.EveryKind", "ca0200", "...\"mInt32\":{\"0\":0}"},
    {"pbtest.EveryKind", "9a030408011200", "...\"mBool\":{\"true\":\"\"}"},
    {"pbtest.EveryKind", "a203030a0161", "...\"mString\":{\"a\":{\"fDouble\":0"},
    {"pbtest.EveryKind", "aa03030a0161", "...\"mValue\":{\"a\":null}"},
    {"pbtest.EveryKind", "fa060178", "...\"another\\\"Name\":\"x\""},
};

static void test_wire_becomes_its_json(void **state)
{
    struct fixture *fixture = *state;

    for (size_t i = 0; i < QL_ARRAY_LENGTH(printed); i++) {
        const struct printed *each = &printed[i];
        enum ql_code rc = fixture_print(fixture, each->type, each->wire);
        const char *json = fixture->out.length == 0 ? "" : fixture->out.data;

        if (each->json[0] == '!') {
            if (rc == QL_OK || strcmp(fixture->call.status.reason, each->json + 1) != 0)
                fail_msg("%s %s: got %d %s %s", each->type, each->wire, (int)rc,
                         fixture->call.status.reason, json);
            continue;
        }
        if (rc != QL_OK)
            fail_msg("%s %s: %s", each->type, each->wire, fixture->call.status.message);
        if (strncmp(each->json, "...", 3) == 0 ? strstr(json, each->json + 3) == NULL
                                               : strcmp(json, each->json) != 0)
            fail_msg("%s %s: got %s, not %s", each->type, each->wire, json, each->json);
    }
}

struct unprintable {
    const char *type;
    const char *wire;
};

static void test_values_without_json_are_errors(void **state)
{
    static const struct unprintable unprintable[] = {
        {"google.protobuf.Timestamp", "08ff91b8c398feffffff01"},    /* before year 1 */
        {"google.protobuf.Timestamp", "088083d1ffaf07"},            /* after year 9999 */
        {"google.protobuf.Timestamp", "10ffffffffffffffffff01"},    /* negative nanos */
        {"google.protobuf.Duration", "080110ffffffffffffffffff01"}, /* signs differ */
        {"google.protobuf.Duration", "0881bcaece9709"},
        {"google.protobuf.FieldMask", "0a03666f4f"},       /* "foO" */
        {"google.protobuf.FieldMask", "0a05615f335f62"},   /* "a_3_b" */
        {"google.protobuf.FieldMask", "0a0261630a02615f"}, /* "a_" */
        {"google.protobuf.Value", "11000000000000f87f"},   /* NaN */
        {"google.protobuf.Value", "11000000000000f07f"},   /* infinity */
    };
    struct fixture *fixture = *state;

    for (size_t i = 0; i < QL_ARRAY_LENGTH(unprintable); i++) {
        enum ql_code rc = fixture_print(fixture, unprintable[i].type, unprintable[i].wire);

        if (rc != QL_INTERNAL)
            fail_msg("%s %s: got %d %s", unprintable[i].type, unprintable[i].wire, (int)rc,
                     fixture->out.length == 0 ? "" : fixture->out.data);
        assert_int_equal(fixture->out.length, 0);
    }
}

static void test_secret_fields_are_never_printed(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(fixture_print(fixture, "pbtest.EveryKind", "82070678786f786f78"), QL_OK);
    assert_null(strstr(fixture->out.data, "xxoxox"));
    assert_null(strstr(fixture->out.data, "fSecret"));
    /* inside an Any too */
    assert_int_equal(fixture_print(fixture, "pbtest.EveryKind",
                                   "ba051f"
                                   "0a12742f7062746573742e45766572794b696e64"
                                   "1209"
                                   "82070678786f786f78"),
                     QL_OK);
    assert_non_null(strstr(fixture->out.data, "\"wAny\":{\"@type\":\"t/pbtest.EveryKind\""));
    assert_null(strstr(fixture->out.data, "xxoxox"));
}

static void test_full_buffer_is_resource_exhausted(void **state)
{
    struct fixture *fixture = *state;
    struct ql_buffer out;
    enum ql_code rc;

    fixture_clear(fixture);
    ql_buffer_init(&out, 100);
    ql_buffer_append_text(&out, "abc");
    rc = ql_json_from_wire(&fixture->call, fixture->schema,
                           fixture_type(fixture, "pbtest.EveryKind"), "", 0, &out);
    assert_int_equal(rc, QL_RESOURCE_EXHAUSTED);
    assert_int_equal(out.length, 3);
    ql_buffer_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wire_becomes_its_json),
        cmocka_unit_test(test_values_without_json_are_errors),
        cmocka_unit_test(test_secret_fields_are_never_printed),
        cmocka_unit_test(test_full_buffer_is_resource_exhausted),
    };

    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
