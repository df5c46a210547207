/* The check of the wire, and everything hostile that strangers can send to it and
 * to the JSON reader and writer. */
#include "platform/pb/testing/json_fixture.h"

#include "platform/pb/json/json.h"
#include "platform/pb/schema/wire_check.h"
#include "platform/pb/wire/wire.h"

enum { WIRE_LIMIT = QL_WIRE_MAX_BYTES + QL_WIRE_ENVELOPE_BYTES };

static enum ql_code check(struct fixture *fixture, const char *type, const void *wire,
                          size_t length)
{
    /* A copy of exact size, so that a sanitizer sees a read past its end. */
    unsigned char *copy = malloc(length == 0 ? 1 : length);
    enum ql_code rc;

    assert_non_null(copy);
    memcpy(copy, wire, length);
    fixture_clear(fixture);
    rc = ql_wire_check(&fixture->call, fixture_type(fixture, type), copy, length);
    free(copy);
    return rc;
}

static void assert_reason(const struct fixture *fixture, enum ql_code rc, const char *reason)
{
    assert_int_equal(rc, QL_INVALID_ARGUMENT);
    assert_string_equal(fixture->call.status.reason, reason);
}

static void test_malformed_bytes_are_refused(void **state)
{
    static const struct {
        const char *bytes;
        size_t length;
    } cases[] = {
        {"\x08", 1},                                              /* no value */
        {"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 11},     /* 65 bits */
        {"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 12}, /* eleven bytes */
        {"\x00\x01", 2},                                          /* field 0 */
        {"\x0f", 1},                                              /* wire type 7 */
        {"\x0e", 1},                                              /* wire type 6 */
        {"\x0c", 1},                                              /* an end without a start */
        {"\x4a\x05"
         "abc",
         5},                                                  /* shorter than said */
        {"\x4a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11}, /* length of 64 bits */
        {"\x4a\xff\xff\xff\xff\x0f", 6},
        {"\x09\x01\x02\x03", 4},
        {"\xf3\x3f\x08\x01", 4},                 /* a group without end */
        {"\xf3\x3f\x08\x01\xfc\x3e", 6},         /* with another's end */
        {"\xff\xff\xff\xff\xff\xff\x01\x00", 8}, /* a tag of 7 bytes */
        {"\x80\x80\x80\x80\x10\x00", 6},         /* a tag of 33 bits */
    };
    struct fixture *fixture = *state;

    for (size_t i = 0; i < QL_ARRAY_LENGTH(cases); i++) {
        enum ql_code rc = check(fixture, "pbtest.EveryKind", cases[i].bytes, cases[i].length);

        if (rc != QL_INVALID_ARGUMENT ||
            strcmp(fixture->call.status.reason, "MALFORMED_MESSAGE") != 0)
            fail_msg("case %zu: %d %s", i, (int)rc, fixture->call.status.reason);
    }
}

static void test_misfits_are_refused_with_their_path(void **state)
{
    static const struct {
        const char *bytes;
        size_t length;
        const char *field;
    } cases[] = {
        {"\x2d\x01\x02\x03\x04", 5, "fInt32"},  /* fixed32 for a varint */
        {"\x4a\x01\xff", 3, "fString"},         /* no UTF-8 */
        {"\x4a\x03\x61\x00\x62", 5, "fString"}, /* NUL */
        {"\x8a\x01\x03\x4a\x01\xff", 6, "fInner.fString"},
        {"\xea\x01\x01\x61\xea\x01\x01\xff", 8, "rString[1]"},
        {"\xaa\x02\x00\xaa\x02\x03\x4a\x01\xff", 9, "rInner[1].fString"},
        {"\xca\x01\x02\x01\xff", 5, "rInt32[0]"}, /* packed, cut off */
        {"\xd2\x01\x03\x01\x02\x03", 6, "rFixed64[0]"},
        {"\x50\x01", 2, "fBytes"},
    };
    struct fixture *fixture = *state;

    for (size_t i = 0; i < QL_ARRAY_LENGTH(cases); i++) {
        enum ql_code rc = check(fixture, "pbtest.EveryKind", cases[i].bytes, cases[i].length);

        fixture_assert_refused(fixture, cases[i].field, rc, "INVALID_FIELD", cases[i].field);
    }
}

static void test_unknown_fields_pass(void **state)
{
    static const char unknown[] = "\xc0\x3e\x01\xc1\x3e"
                                  "12345678\xc5\x3e"
                                  "1234\xc2\x3e\x01\xff\xc3\x3e\x08\x01\xc4\x3e";

    assert_int_equal(check(*state, "pbtest.EveryKind", unknown, sizeof(unknown) - 1), QL_OK);
}

/* levels messages inside one another; number is the field's, GROUP or not. */
static void put_nested(struct ql_buffer *out, uint32_t number, bool is_group, int levels)
{
    size_t marks[QL_WIRE_MAX_DEPTH + 8];

    for (int i = 0; i < levels; i++) {
        qli_wire_put_tag(out, number, is_group ? QLI_WIRE_GROUP : QLI_WIRE_BYTES);
        marks[i] = is_group ? 0 : qli_wire_open(out);
    }
    while (levels-- > 0)
        if (is_group)
            qli_wire_put_tag(out, number, QLI_WIRE_GROUP_END);
        else
            qli_wire_close(out, marks[levels]);
}

static void test_nesting_ends_at_the_limit(void **state)
{
    static const struct {
        uint32_t number;
        bool is_group;
    } kinds[] = {{17, false}, {37, false}, {999, true}};
    struct fixture *fixture = *state;

    for (size_t i = 0; i < QL_ARRAY_LENGTH(kinds); i++) {
        struct ql_buffer wire;
        enum ql_code rc;

        ql_buffer_init(&wire, 1 << 20);
        put_nested(&wire, kinds[i].number, kinds[i].is_group, QL_WIRE_MAX_DEPTH);
        assert_int_equal(check(fixture, "pbtest.EveryKind", wire.data, wire.length), QL_OK);
        ql_buffer_clear(&wire);
        put_nested(&wire, kinds[i].number, kinds[i].is_group, QL_WIRE_MAX_DEPTH + 1);
        rc = check(fixture, "pbtest.EveryKind", wire.data, wire.length);
        assert_reason(fixture, rc, "MESSAGE_TOO_DEEP");
        ql_buffer_done(&wire);
    }
}

static void test_json_nests_as_deep_as_the_wire(void **state)
{
    struct fixture *fixture = *state;
    char json[4096];
    size_t length;

    for (int levels = QL_WIRE_MAX_DEPTH; levels <= QL_WIRE_MAX_DEPTH + 1; levels++) {
        bool fits = levels == QL_WIRE_MAX_DEPTH;

        length = 0;
        for (int i = 0; i < levels; i++)
            length += (size_t)snprintf(json + length, sizeof(json) - length, "{\"fInner\":");
        length += (size_t)snprintf(json + length, sizeof(json) - length, "{}");
        for (int i = 0; i < levels; i++)
            json[length++] = '}';
        json[length] = '\0';
        assert_int_equal(fixture_read(fixture, "pbtest.EveryKind", json),
                         fits ? QL_OK : QL_INVALID_ARGUMENT);
        if (fits)
            assert_int_equal(ql_wire_check(&fixture->call,
                                           fixture_type(fixture, "pbtest.EveryKind"),
                                           fixture->out.data, fixture->out.length),
                             QL_OK);
    }
}

static void test_endless_brackets_are_refused_cheaply(void **state)
{
    static const char *const starts[] = {"{\"wValue\":", "{\"wAny\":{\"x\":", "{\"fInt32\":", ""};
    enum { BRACKETS = 500000 };
    struct fixture *fixture = *state;
    char *json = malloc(BRACKETS + 64);

    assert_non_null(json);
    for (size_t i = 0; i < QL_ARRAY_LENGTH(starts); i++) {
        size_t length = strlen(starts[i]);

        memcpy(json, starts[i], length);
        memset(json + length, '[', BRACKETS);
        json[length + BRACKETS] = '\0';
        assert_int_equal(fixture_read(fixture, "pbtest.EveryKind", json), QL_INVALID_ARGUMENT);
    }
    free(json);
}

/* A message field with one field in it, a varint or eight bytes. */
static enum ql_code check_inner_value(struct fixture *fixture, uint32_t outer, uint32_t inner,
                                      bool is_double, uint64_t bits)
{
    struct ql_buffer wire = {.limit = 64};
    enum ql_code rc;
    size_t mark;

    qli_wire_put_tag(&wire, outer, QLI_WIRE_BYTES);
    mark = qli_wire_open(&wire);
    qli_wire_put_tag(&wire, inner, is_double ? QLI_WIRE_FIXED64 : QLI_WIRE_VARINT);
    if (is_double)
        qli_wire_put_fixed(&wire, 8, bits);
    else
        qli_wire_put_varint(&wire, bits);
    qli_wire_close(&wire, mark);
    rc = check(fixture, "pbtest.EveryKind", wire.data, wire.length);
    ql_buffer_done(&wire);
    return rc;
}

static void test_values_without_a_json_form_are_refused_by_name(void **state)
{
    enum { TIMESTAMP = 81, DURATION = 82, VALUE = 65 };
    static const struct {
        uint32_t outer, inner;
        bool is_double;
        uint64_t bits;
        bool is_good;
    } cases[] = {
        {TIMESTAMP, 1, false, (uint64_t)-62135596800, true},
        {TIMESTAMP, 1, false, (uint64_t)-62135596801, false},
        {TIMESTAMP, 1, false, 253402300799, true},
        {TIMESTAMP, 1, false, 253402300800, false},
        {TIMESTAMP, 1, false, INT64_MAX, false},
        {TIMESTAMP, 2, false, 999999999, true},
        {TIMESTAMP, 2, false, 1000000000, false},
        {TIMESTAMP, 2, false, (uint64_t)-1, false},
        {DURATION, 1, false, 315576000000, true},
        {DURATION, 1, false, (uint64_t)-315576000001, false},
        {DURATION, 2, false, (uint64_t)-999999999, true},
        {DURATION, 2, false, (uint64_t)-1000000000, false},
        {VALUE, 2, true, 0x7fefffffffffffff, true},  /* the largest double */
        {VALUE, 2, true, 0x7ff0000000000000, false}, /* infinity */
        {VALUE, 2, true, 0xfff0000000000000, false}, /* minus infinity */
        {VALUE, 2, true, 0x7ff8000000000000, false}, /* not a number */
        {VALUE, 2, true, 0xfff0000000000001, false},
    };
    struct fixture *fixture = *state;

    for (size_t i = 0; i < QL_ARRAY_LENGTH(cases); i++) {
        enum ql_code rc = check_inner_value(fixture, cases[i].outer, cases[i].inner,
                                            cases[i].is_double, cases[i].bits);

        if ((rc == QL_OK) != cases[i].is_good)
            fail_msg("case %zu: %s", i, fixture->call.status.message);
        if (rc != QL_OK)
            assert_reason(fixture, rc, "INVALID_FIELD");
    }
}

static void test_size_and_elements_are_limited(void **state)
{
    struct fixture *fixture = *state;
    unsigned char *wire = calloc(1, WIRE_LIMIT + 1);
    enum ql_code rc;

    assert_non_null(wire);
    rc = check(fixture, "pbtest.EveryKind", wire, WIRE_LIMIT + 1);
    assert_reason(fixture, rc, "MESSAGE_TOO_LARGE");
    for (size_t i = 0; i < QL_WIRE_MAX_ELEMENTS + 1; i++) { /* f_int32: 0 */
        wire[2 * i] = 0x28;
        wire[2 * i + 1] = 0;
    }
    assert_int_equal(check(fixture, "pbtest.EveryKind", wire, 2 * QL_WIRE_MAX_ELEMENTS), QL_OK);
    rc = check(fixture, "pbtest.EveryKind", wire, 2 * QL_WIRE_MAX_ELEMENTS + 2);
    assert_reason(fixture, rc, "MESSAGE_TOO_LARGE");
    memset(wire, 0, QL_WIRE_MAX_BYTES);
    memcpy(wire, "\xca\x01\x80\x80\x08", 5); /* r_int32: 131072 packed elements */
    rc = check(fixture, "pbtest.EveryKind", wire, 5 + 131072);
    assert_reason(fixture, rc, "MESSAGE_TOO_LARGE");
    free(wire);
}

/* One message with a bit of everything. */
static const char rich[] =
    "{\"fDouble\":1.5,\"fFloat\":2.5,\"fInt64\":\"-5\",\"fString\":\"h\\u00e9llo\",\"fBytes\":\"AQID\","
    "\"fInner\":{\"fInner\":{\"rString\":[\"a\",\"b\"]}},\"rDouble\":[1,2],\"rInner\":[{},{\"fInt32\":1}],"
    "\"mInt32\":{\"1\":2,\"3\":4},\"mString\":{\"k\":{\"fBool\":true}},\"oString\":\"x\",\"pInt32\":0,"
    "\"wTime\":\"2024-02-29T12:00:00.5Z\",\"wDuration\":\"-1.5s\",\"wMask\":\"a,bC\","
    "\"wStruct\":{\"a\":[1,\"x\",null,{\"b\":true}]},\"wAny\":{\"value\":\"y\",\"@type\":\"t/pbtest.Valued\"},"
    "\"bInt64\":\"7\",\"rwValue\":[null,1],\"mValue\":{\"q\":[]},\"another\\\"Name\":\"n\"}";

static void test_truncated_messages_never_harm(void **state)
{
    struct fixture *fixture = *state;
    struct ql_buffer whole, json;

    ql_buffer_init(&whole, 1 << 16);
    ql_buffer_init(&json, 1 << 20);
    assert_int_equal(fixture_read(fixture, "pbtest.EveryKind", rich), QL_OK);
    ql_buffer_append(&whole, fixture->out.data, fixture->out.length);
    assert_int_equal(check(fixture, "pbtest.EveryKind", whole.data, whole.length), QL_OK);
    for (size_t length = 0; length < whole.length; length++) {
        unsigned char *cut = malloc(length == 0 ? 1 : length);
        enum ql_code checked = check(fixture, "pbtest.EveryKind", whole.data, length), rc;

        assert_non_null(cut);
        memcpy(cut, whole.data, length);
        ql_buffer_clear(&json);
        rc = ql_json_from_wire(&fixture->call, fixture->schema,
                               fixture_type(fixture, "pbtest.EveryKind"), cut, length, &json);
        /* What passes the check can be printed, unless an Any was cut. */
        if (checked == QL_OK && rc != QL_OK)
            assert_string_equal(fixture->call.status.reason, "UNKNOWN_ANY_TYPE");
        free(cut);
    }
    ql_buffer_done(&whole);
    ql_buffer_done(&json);
}

static void test_truncated_json_is_always_refused(void **state)
{
    struct fixture *fixture = *state;

    for (size_t length = 0; length + 1 < sizeof(rich) - 1; length++) {
        char *cut = malloc(length == 0 ? 1 : length);
        enum ql_code rc;

        assert_non_null(cut);
        memcpy(cut, rich, length);
        fixture_clear(fixture);
        rc = ql_json_to_wire(&fixture->call, fixture->schema,
                             fixture_type(fixture, "pbtest.EveryKind"), cut, length, "",
                             &fixture->out);
        assert_int_equal(rc, QL_INVALID_ARGUMENT);
        free(cut);
    }
}

/* Valid bytes with some of them replaced reach further than pure noise. */
static void test_random_damage_never_harms(void **state)
{
    struct fixture *fixture = *state;
    struct ql_buffer whole, json;

    ql_buffer_init(&whole, 1 << 16);
    ql_buffer_init(&json, 1 << 20);
    assert_int_equal(fixture_read(fixture, "pbtest.EveryKind", rich), QL_OK);
    ql_buffer_append(&whole, fixture->out.data, fixture->out.length);
    srandom(42);
    for (int round = 0; round < 4000; round++) {
        bool is_json = round % 2 == 0;
        size_t length = is_json ? sizeof(rich) - 1 : whole.length;
        char *damaged = malloc(length);
        enum ql_code checked, rc;

        assert_non_null(damaged);
        memcpy(damaged, is_json ? rich : whole.data, length);
        for (long hits = 1 + random() % 4; hits > 0; hits--)
            damaged[(size_t)random() % length] = (char)random();
        fixture_clear(fixture);
        ql_buffer_clear(&json);
        if (is_json) {
            rc = ql_json_to_wire(&fixture->call, fixture->schema,
                                 fixture_type(fixture, "pbtest.EveryKind"), damaged, length, "",
                                 &fixture->out);
            if (rc == QL_OK)
                assert_int_equal(
                    check(fixture, "pbtest.EveryKind", fixture->out.data, fixture->out.length),
                    QL_OK);
        } else {
            checked = check(fixture, "pbtest.EveryKind", damaged, length);
            rc = ql_json_from_wire(&fixture->call, fixture->schema,
                                   fixture_type(fixture, "pbtest.EveryKind"), damaged, length,
                                   &json);
            if (rc == QL_OK && checked == QL_OK)
                assert_int_equal(ql_json_to_wire(&fixture->call, fixture->schema,
                                                 fixture_type(fixture, "pbtest.EveryKind"),
                                                 json.data, json.length, "", &fixture->out),
                                 QL_OK);
        }
        free(damaged);
    }
    ql_buffer_done(&whole);
    ql_buffer_done(&json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_malformed_bytes_are_refused),
        cmocka_unit_test(test_misfits_are_refused_with_their_path),
        cmocka_unit_test(test_unknown_fields_pass),
        cmocka_unit_test(test_nesting_ends_at_the_limit),
        cmocka_unit_test(test_json_nests_as_deep_as_the_wire),
        cmocka_unit_test(test_endless_brackets_are_refused_cheaply),
        cmocka_unit_test(test_values_without_a_json_form_are_refused_by_name),
        cmocka_unit_test(test_size_and_elements_are_limited),
        cmocka_unit_test(test_truncated_messages_never_harm),
        cmocka_unit_test(test_truncated_json_is_always_refused),
        cmocka_unit_test(test_random_damage_never_harms),
    };

    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
