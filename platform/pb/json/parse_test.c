/* JSON to wire: what is read, byte for byte, and what is refused, with its path. */
#include "platform/pb/json/json.h"
#include "platform/pb/testing/json_fixture.h"

struct accepted {
    const char *json;
    const char *wire; /* in hexadecimal */
};

/* The bytes are what protobuf's own Python makes of the same text. */
static const struct accepted accepted[] = {
    {"{}", ""},
    {"{\"fInt32\":1}", "2801"},
    {"{\"f_int32\":\"1\"}", "2801"},
    {"{\"fInt32\":1e2}", "2864"},
    {"{\"fInt32\":1.0}", "2801"},
    {"{\"fInt32\":\"1.0\"}", "2801"},
    {"{\"fInt32\":\"1e2\"}", "2864"},
    {"{\"fInt32\":-2147483648}", "2880808080f8ffffffff01"},
    {"{\"fInt32\":2147483647}", "28ffffffff07"},
    {"{\"fInt32\":-0}", ""},
    {"{\"fUint32\":4294967295}", "58ffffffff0f"},
    {"{\"fInt64\":\"-9223372036854775808\"}", "1880808080808080808001"},
    {"{\"fInt64\":9223372036854775807}", "18ffffffffffffffff7f"},
    {"{\"fUint64\":18446744073709551615}", "20ffffffffffffffffff01"},
    {"{\"fUint64\":\"18446744073709551615\"}", "20ffffffffffffffffff01"},
    {"{\"fUint64\":1.8446744073709551615e19}", "20ffffffffffffffffff01"},
    {"{\"fSint32\":-2147483648}", "78ffffffff0f"},
    {"{\"fSint64\":\"-9223372036854775808\"}", "8001ffffffffffffffffff01"},
    {"{\"fFixed32\":4294967295}", "3dffffffff"},
    {"{\"fFixed64\":\"18446744073709551615\"}", "31ffffffffffffffff"},
    {"{\"fSfixed32\":-1}", "6dffffffff"},
    {"{\"fSfixed64\":\"-1\"}", "71ffffffffffffffff"},
    {"{\"fDouble\":1.5}", "09000000000000f83f"},
    {"{\"fDouble\":\"NaN\"}", "09000000000000f87f"},
    {"{\"fDouble\":\"Infinity\"}", "09000000000000f07f"},
    {"{\"fDouble\":\"-Infinity\"}", "09000000000000f0ff"},
    {"{\"fDouble\":\"1.5\"}", "09000000000000f83f"},
    {"{\"fDouble\":1.7976931348623157e308}", "09ffffffffffffef7f"},
    {"{\"fDouble\":-0.0}", "090000000000000080"},
    {"{\"fFloat\":3.4028235e38}", "15ffff7f7f"},
    {"{\"fFloat\":\"-Infinity\"}", "15000080ff"},
    {"{\"fFloat\":1.17549435e-38}", "1500008000"},
    {"{\"fBool\":true}", "4001"},
    {"{\"fBool\":false}", ""},
    {"{\"fString\":\"\"}", ""},
    {"{\"fString\":\"\\u00e9\\ud83d\\ude00\\n\\/\"}", "4a08c3a9f09f98800a2f"},
    {"{\"fBytes\":\"AQI=\"}", "52020102"},
    {"{\"fBytes\":\"AQI\"}", "52020102"},
    {"{\"fBytes\":\"-_\"}", "5201fb"},
    {"{\"fBytes\":\"+/8=\"}", "5202fbff"},
    {"{\"fColor\":\"COLOR_BLUE\"}", "6002"},
    {"{\"fColor\":2}", "6002"},
    {"{\"fColor\":-3}", "60fdffffffffffffffff01"},
    {"{\"fColor\":77}", "604d"},
    {"{\"fInner\":{\"fInner\":{\"fInt32\":3}}}", "8a01058a01022803"},
    {"{\"rInt32\":[1,2,300]}", "ca01040102ac02"},
    {"{\"rInt32\":[]}", ""},
    {"{\"rUnpacked\":[1,2]}", "b00201b00202"},
    {"{\"rString\":[\"a\",\"b\"]}", "ea010161ea010162"},
    {"{\"rInner\":[{},{\"fInt32\":1}]}", "aa0200aa02022801"},
    {"{\"rColor\":[\"COLOR_RED\",2]}", "8202020102"},
    {"{\"rSint64\":[\"-1\",\"1\"]}", "a202020102"},
    {"{\"mInt32\":{\"1\":2}}", "ca020408011002"},
    {"{\"mBool\":{\"true\":\"x\"}}", "9a03050801120178"},
    {"{\"mString\":{\"k\":{\"fInt32\":1}}}", "a203070a016b12022801"},
    {"{\"mUint64\":{\"18446744073709551615\":\"COLOR_RED\"}}", "e2020d08ffffffffffffffffff011001"},
    {"{\"mSint32\":{\"-1\":0.5}}", "ea020b080111000000000000e03f"},
    {"{\"oString\":\"\"}", "f20300"},
    {"{\"oUint32\":0}", "e80300"},
    {"{\"oUint32\":null,\"oString\":\"x\"}", "f2030178"},
    {"{\"oNull\":null}", "800400"},
    {"{\"oNull\":\"NULL_VALUE\"}", "800400"},
    {"{\"oValue\":null}", "8a04020800"},
    {"{\"oInner\":{}}", "fa0300"},
    {"{\"pInt32\":0}", "b80400"},
    {"{\"pString\":\"\"}", "c20400"},
    {"{\"pBool\":false}", "c80400"},
    {"{\"fInt32\":null}", ""},
    {"{\"rInt32\":null}", ""},
    {"{\"mInt32\":null}", ""},
    {"{\"wTime\":null}", ""},
    {"{\"wStruct\":null}", ""},
    {"{\"bInt32\":null}", ""},
    {"{\"wTime\":\"1970-01-01T00:00:00Z\"}", "8a0500"},
    {"{\"wTime\":\"0001-01-01T00:00:00Z\"}", "8a050b088092b8c398feffffff01"},
    {"{\"wTime\":\"9999-12-31T23:59:59.999999999Z\"}", "8a050d08ff82d1ffaf0710ff93ebdc03"},
    {"{\"wTime\":\"2024-02-29T12:00:00.5+02:00\"}", "8a050c08a0ab81af061080cab5ee01"},
    {"{\"wTime\":\"1969-12-31T23:59:59.999Z\"}", "8a051108ffffffffffffffffff0110c08faedc03"},
    {"{\"wDuration\":\"0s\"}", "920500"},
    {"{\"wDuration\":\"1.5s\"}", "92050808011080cab5ee01"},
    {"{\"wDuration\":\"-1.5s\"}", "92051608ffffffffffffffffff011080b6ca91feffffffff01"},
    {"{\"wDuration\":\"-0.000000001s\"}", "92050b10ffffffffffffffffff01"},
    {"{\"wDuration\":\"315576000000s\"}", "9205070880bcaece9709"},
    {"{\"wMask\":\"\"}", "9a0500"},
    {"{\"wMask\":\"userName,quest.eventTypes\"}",
     "9a051e0a09757365725f6e616d650a1171756573742e6576656e745f7479706573"},
    {"{\"wStruct\":{}}", "a20500"},
    {"{\"wStruct\":{\"a\":[1,\"x\",true,null,{\"b\":{}}]}}",
     "a2052e0a2c0a0161122732250a0911000000000000f03f0a031a01780a0220010a0208000a0b2a090a070a016212022a00"},
    {"{\"wValue\":null}", "aa05020800"},
    {"{\"wValue\":1}", "aa050911000000000000f03f"},
    {"{\"wValue\":[]}", "aa05023200"},
    {"{\"wList\":[null,1]}", "b2050f0a0208000a0911000000000000f03f"},
    {"{\"rwValue\":[null]}", "c206020800"},
    {"{\"mValue\":{\"a\":null}}", "aa03070a016112020800"},
    {"{\"wEmpty\":{}}", "c20500"},
    {"{\"bInt64\":\"5\"}", "ea05020805"},
    {"{\"bInt64\":0}", "ea0500"},
    {"{\"bBool\":false}", "8a0600"},
    {"{\"bString\":\"\"}", "920600"},
    {"{\"bBytes\":\"AQI=\"}", "9a06040a020102"},
    {"{\"bDouble\":\"NaN\"}", "da050909000000000000f87f"},
    {"{\"bUint64\":\"1\"}", "f205020801"},
    {"{\"wAny\":{}}", "ba0500"},
    {"{\"wAny\":{\"@type\":\"type.googleapis.com/pbtest.Valued\",\"value\":\"x\"}}",
     "ba05280a21747970652e676f6f676c65617069732e636f6d2f7062746573742e56616c75656412030a0178"},
    {"{\"wAny\":{\"value\":\"x\",\"@type\":\"type.googleapis.com/pbtest.Valued\"}}",
     "ba05280a21747970652e676f6f676c65617069732e636f6d2f7062746573742e56616c75656412030a0178"},
    {"{\"wAny\":{\"@type\":\"type.googleapis.com/google.protobuf.Duration\",\"value\":\"1s\"}}",
     "ba05320a2c747970652e676f6f676c65617069732e636f6d2f676f6f676c652e70726f746f6275662e4475726174696f6e12020801"},
    {"{\"wAny\":{\"@type\":\"type.googleapis.com/google.protobuf.Value\",\"value\":null}}",
     "ba052f0a29747970652e676f6f676c65617069732e636f6d2f676f6f676c652e70726f746f6275662e56616c756512020800"},
    {"{\"wAny\":{\"@type\":\"type.googleapis.com/google.protobuf.Any\",\"value\":{\"@type\":\"type.googleapis.com/google.protobuf.Int64Value\",\"value\":\"7\"}}}",
     "ba055f0a27747970652e676f6f676c65617069732e636f6d2f676f6f676c652e70726f746f6275662e416e7912340a2e747970652e676f6f676c65617069732e636f6d2f676f6f676c652e70726f746f6275662e496e74363456616c756512020807"},
    {"{\"wAny\":{\"@type\":\"type.googleapis.com/google.protobuf.Struct\",\"value\":{\"a\":1}}}",
     "ba053e0a2a747970652e676f6f676c65617069732e636f6d2f676f6f676c652e70726f746f6275662e53747275637412100a0e0a0161120911000000000000f03f"},
    {"{\"another\\\"Name\":\"x\"}", "fa060178"},
    {"{\"named_apart\":\"x\"}", "fa060178"},
    {"{\"farAway\":1}", "f8ffffff0f01"},
    {" { \"fInt32\" : 1 } \n\t", "2801"},
    {"{\"wNull\":null}", ""},
};

static void test_json_of_every_kind_becomes_its_wire(void **state)
{
    struct fixture *fixture = *state;

    for (size_t i = 0; i < QL_ARRAY_LENGTH(accepted); i++) {
        enum ql_code rc = fixture_read(fixture, "pbtest.EveryKind", accepted[i].json);

        if (rc != QL_OK)
            fail_msg("%s: refused: %s", accepted[i].json, fixture->call.status.message);
        fixture_assert_wire(fixture, accepted[i].json, accepted[i].wire);
    }
}

struct refused {
    const char *json;
    const char *field;
};

static const struct refused misfits[] = {
    {"{\"nope\":1}", "nope"},
    {"{\"fInner\":{\"nope\":1}}", "fInner.nope"},
    {"{\"rInner\":[{},{\"fInt32\":\"x\"}]}", "rInner[1].fInt32"},
    {"{\"fInt32\":1,\"fInt32\":1}", "fInt32"},
    {"{\"fInt32\":1,\"f_int32\":1}", "fInt32"},
    {"{\"fInt32\":null,\"f_int32\":1}", "fInt32"},
    {"{\"oUint32\":1,\"oString\":\"x\"}", "oString"},
    {"{\"oUint32\":1,\"oValue\":null}", "oValue"},
    {"{\"fInt32\":2147483648}", "fInt32"},
    {"{\"fInt32\":-2147483649}", "fInt32"},
    {"{\"fInt32\":1.5}", "fInt32"},
    {"{\"fInt32\":1e-1}", "fInt32"},
    {"{\"fInt32\":1e99999999999999999999}", "fInt32"},
    {"{\"fInt32\":\"\"}", "fInt32"},
    {"{\"fInt32\":\" 1\"}", "fInt32"},
    {"{\"fInt32\":\"1 \"}", "fInt32"},
    {"{\"fInt32\":\"01\"}", "fInt32"},
    {"{\"fInt32\":\"0x1\"}", "fInt32"},
    {"{\"fInt32\":true}", "fInt32"},
    {"{\"fInt32\":[1]}", "fInt32"},
    {"{\"fInt32\":{}}", "fInt32"},
    {"{\"fUint32\":-1}", "fUint32"},
    {"{\"fUint32\":4294967296}", "fUint32"},
    {"{\"fInt64\":\"9223372036854775808\"}", "fInt64"},
    {"{\"fInt64\":\"-9223372036854775809\"}", "fInt64"},
    {"{\"fUint64\":18446744073709551616}", "fUint64"},
    {"{\"fUint64\":\"-1\"}", "fUint64"},
    {"{\"fFloat\":3.5e38}", "fFloat"},
    {"{\"fDouble\":1e309}", "fDouble"},
    {"{\"fDouble\":\"nan\"}", "fDouble"},
    {"{\"fDouble\":\"+Infinity\"}", "fDouble"},
    {"{\"fBool\":\"true\"}", "fBool"},
    {"{\"fBool\":1}", "fBool"},
    {"{\"fString\":1}", "fString"},
    {"{\"fBytes\":\"a\"}", "fBytes"},
    {"{\"fBytes\":\"AQI==\"}", "fBytes"},
    {"{\"fBytes\":\"A=I=\"}", "fBytes"},
    {"{\"fBytes\":\"AQ I\"}", "fBytes"},
    {"{\"fColor\":\"RED\"}", "fColor"},
    {"{\"fColor\":1.5}", "fColor"},
    {"{\"fColor\":true}", "fColor"},
    {"{\"rInt32\":[1,null]}", "rInt32[1]"},
    {"{\"rInner\":[null]}", "rInner[0]"},
    {"{\"rInt32\":1}", "rInt32"},
    {"{\"fInner\":[]}", "fInner"},
    {"{\"mInt32\":{\"x\":1}}", "mInt32.x"},
    {"{\"mInt32\":{\"1\":null}}", "mInt32.1"},
    {"{\"mInt32\":{\"1\":1,\"1.0\":2}}", "mInt32.1.0"},
    {"{\"mString\":{\"k\":{\"nope\":1}}}", "mString.k.nope"},
    {"{\"mString\":{\"k\":{},\"k\":{}}}", "mString.k"},
    {"{\"mBool\":{\"1\":\"x\"}}", "mBool.1"},
    {"{\"wTime\":\"2024-02-30T00:00:00Z\"}", "wTime"},
    {"{\"wTime\":\"2023-02-29T00:00:00Z\"}", "wTime"},
    {"{\"wTime\":\"0000-01-01T00:00:00Z\"}", "wTime"},
    {"{\"wTime\":\"0001-01-01T00:00:00+00:01\"}", "wTime"},
    {"{\"wTime\":\"9999-12-31T23:59:59-00:01\"}", "wTime"},
    {"{\"wTime\":\"2024-01-01t00:00:00Z\"}", "wTime"},
    {"{\"wTime\":\"2024-01-01T00:00:00z\"}", "wTime"},
    {"{\"wTime\":\"2024-01-01T00:00:00\"}", "wTime"},
    {"{\"wTime\":\"2024-01-01T24:00:00Z\"}", "wTime"},
    {"{\"wTime\":\"2024-01-01T00:00:00.Z\"}", "wTime"},
    {"{\"wTime\":\"2024-01-01T00:00:00.1234567890Z\"}", "wTime"},
    {"{\"wTime\":0}", "wTime"},
    {"{\"wDuration\":\"315576000001s\"}", "wDuration"},
    {"{\"wDuration\":\"1\"}", "wDuration"},
    {"{\"wDuration\":\"1.s\"}", "wDuration"},
    {"{\"wDuration\":\"+1s\"}", "wDuration"},
    {"{\"wDuration\":\"s\"}", "wDuration"},
    {"{\"wMask\":\"user_name\"}", "wMask"},
    {"{\"wMask\":\"a,,b\"}", "wMask"},
    {"{\"wMask\":\"a,\"}", "wMask"},
    {"{\"wStruct\":[]}", "wStruct"},
    {"{\"wStruct\":{\"a\":1,\"a\":2}}", "wStruct.a"},
    {"{\"wStruct\":{\"a\":{\"b\":[0,1e999]}}}", "wStruct.a.b[1]"},
    {"{\"wList\":{}}", "wList"},
    {"{\"bInt32\":\"x\"}", "bInt32"},
    {"{\"rwInt64\":[null]}", "rwInt64[0]"},
    {"{\"wAny\":{\"value\":1}}", "wAny.@type"},
    {"{\"wAny\":{\"@type\":\"type.googleapis.com/no.Such\"}}", "wAny.@type"},
    {"{\"wAny\":{\"@type\":\"pbtest.Valued\"}}", "wAny.@type"},
    {"{\"wAny\":{\"@type\":1}}", "wAny.@type"},
    {"{\"wAny\":{\"@type\":\"t/pbtest.Valued\",\"@type\":\"t/pbtest.Valued\"}}", "wAny.@type"},
    {"{\"wAny\":{\"@type\":\"t/pbtest.Valued\",\"nope\":1}}", "wAny.nope"},
    {"{\"wAny\":{\"@type\":\"t/google.protobuf.Duration\"}}", "wAny"},
    {"{\"wAny\":{\"@type\":\"t/google.protobuf.Duration\",\"value\":1}}", "wAny.value"},
    {"{\"wAny\":{\"@type\":\"t/google.protobuf.Duration\",\"other\":1}}", "wAny.other"},
    {"{\"wEmpty\":{\"a\":1}}", "wEmpty.a"},
    {"[]", ""},
    {"null", ""},
    {"1", ""},
};

static void test_json_that_misfits_is_refused_with_its_path(void **state)
{
    struct fixture *fixture = *state;

    for (size_t i = 0; i < QL_ARRAY_LENGTH(misfits); i++) {
        enum ql_code rc = fixture_read(fixture, "pbtest.EveryKind", misfits[i].json);

        fixture_assert_refused(fixture, misfits[i].json, rc, "INVALID_FIELD", misfits[i].field);
    }
}

static const struct refused broken[] = {
    {"", ""},
    {"{", ""},
    {"{}x", ""},
    {"{} {}", ""},
    {"{\"fInt32\":1,}", ""},
    {"{,}", ""},
    {"{\"fInt32\" 1}", ""},
    {"{fInt32:1}", ""},
    {"{'fInt32':1}", ""},
    {"{\"fInt32\":}", "fInt32"},
    {"{\"fInt32\":01}", ""},
    {"{\"fInt32\":+1}", "fInt32"},
    {"{\"fInt32\":1.}", "fInt32"},
    {"{\"fInt32\":.5}", "fInt32"},
    {"{\"fInt32\":1e}", "fInt32"},
    {"{\"fInt32\":0x1}", ""},
    {"{\"fDouble\":NaN}", "fDouble"},
    {"{\"fDouble\":Infinity}", "fDouble"},
    {"{\"fBool\":truth}", "fBool"},
    {"{\"fBool\":True}", "fBool"},
    {"{\"fBool\":nul}", "fBool"},
    {"{\"fString\":\"a", "fString"},
    {"{\"fString\":\"a\\\"}", "fString"},
    {"{\"fString\":\"\n\"}", "fString"},
    {"{\"fString\":\"\\x\"}", "fString"},
    {"{\"fString\":\"\\u12\"}", "fString"},
    {"{\"fString\":\"\\u0000\"}", "fString"},
    {"{\"fString\":\"\\ud800\"}", "fString"},
    {"{\"fString\":\"\\udc00\"}", "fString"},
    {"{\"fString\":\"\\ud800\\ud800\"}", "fString"},
    {"{\"fString\":\"\\ud800\\u0041\"}", "fString"},
    {"{\"fString\":\"\xff\"}", "fString"},
    {"{\"fString\":\"\xc0\xaf\"}", "fString"},
    {"{\"fString\":\"\xed\xa0\x80\"}", "fString"},
    {"{\"\\u0000\":1}", ""},
    {"{\"rInt32\":[1,]}", "rInt32[1]"},
    {"{\"rInt32\":[1 2]}", "rInt32"},
    {"{\"rInt32\":[1}", "rInt32"},
    {"{\"wAny\":{\"@type\":\"t/pbtest.Valued\",\"value\":\"x\",}}", "wAny"},
    {"{\"wStruct\":{\"a\":tru}}", "wStruct.a"},
    {"/* c */ {}", ""},
};

static void test_json_that_is_broken_is_refused_where_it_breaks(void **state)
{
    struct fixture *fixture = *state;

    for (size_t i = 0; i < QL_ARRAY_LENGTH(broken); i++) {
        enum ql_code rc = fixture_read(fixture, "pbtest.EveryKind", broken[i].json);

        fixture_assert_refused(fixture, broken[i].json, rc, "MALFORMED_JSON", broken[i].field);
        assert_non_null(strstr(fixture->call.status.message, "malformed JSON at byte"));
        assert_true(fixture->call.status.message[0] != ':');
    }
}

static void test_path_prefix_stands_in_front_of_the_path(void **state)
{
    static const char json[] = "{\"fInner\":{\"nope\":1}}";
    struct fixture *fixture = *state;
    enum ql_code rc;

    fixture_clear(fixture);
    rc = ql_json_to_wire(&fixture->call, fixture->schema, fixture_type(fixture, "pbtest.EveryKind"),
                         json, strlen(json), "quest", &fixture->out);
    fixture_assert_refused(fixture, json, rc, "INVALID_FIELD", "quest.fInner.nope");
}

static void test_nul_in_the_text_is_refused(void **state)
{
    static const char json[] = "{\"fString\":\"a\0b\"}";
    struct fixture *fixture = *state;
    enum ql_code rc;

    fixture_clear(fixture);
    rc = ql_json_to_wire(&fixture->call, fixture->schema, fixture_type(fixture, "pbtest.EveryKind"),
                         json, sizeof(json) - 1, "", &fixture->out);
    fixture_assert_refused(fixture, json, rc, "MALFORMED_JSON", "fString");
}

static void test_full_buffer_is_resource_exhausted_and_keeps_what_was_there(void **state)
{
    static const char json[] = "{\"fString\":\"0123456789\"}";
    struct fixture *fixture = *state;
    struct ql_buffer out;
    enum ql_code rc;

    fixture_clear(fixture);
    ql_buffer_init(&out, 8);
    ql_buffer_append_text(&out, "abc");
    rc = ql_json_to_wire(&fixture->call, fixture->schema, fixture_type(fixture, "pbtest.EveryKind"),
                         json, strlen(json), "", &out);
    assert_int_equal(rc, QL_RESOURCE_EXHAUSTED);
    assert_int_equal(out.length, 3);
    ql_buffer_done(&out);
}

static void test_proto2_enum_is_closed_and_groups_are_read(void **state)
{
    struct fixture *fixture = *state;
    enum ql_code rc;

    assert_int_equal(
        fixture_read(fixture, "pbtest.OldKind", "{\"fRequired\":1,\"fClosed\":\"CLOSED_ZWEI\"}"),
        QL_OK);
    fixture_assert_wire(fixture, "closed", "08011802");
    rc = fixture_read(fixture, "pbtest.OldKind", "{\"fClosed\":3}");
    fixture_assert_refused(fixture, "closed", rc, "INVALID_FIELD", "fClosed");
    assert_int_equal(fixture_read(fixture, "pbtest.OldKind",
                                  "{\"fRequired\":0,\"group\":{\"inside\":5},\"rPacked\":[1]}"),
                     QL_OK);
    fixture_assert_wire(fixture, "group", "0800330805342a0101");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json_of_every_kind_becomes_its_wire),
        cmocka_unit_test(test_json_that_misfits_is_refused_with_its_path),
        cmocka_unit_test(test_json_that_is_broken_is_refused_where_it_breaks),
        cmocka_unit_test(test_path_prefix_stands_in_front_of_the_path),
        cmocka_unit_test(test_nul_in_the_text_is_refused),
        cmocka_unit_test(test_full_buffer_is_resource_exhausted_and_keeps_what_was_there),
        cmocka_unit_test(test_proto2_enum_is_closed_and_groups_are_read),
    };

    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
