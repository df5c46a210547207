/* JSON of messages of any make, by way of their normal form. */
#include "tools/ql-transcode/normal_form.h"

#include "platform/pb/testing/json_fixture.h"

enum { DEPTH = 8 };

static const struct ql_json_options options = {.max_depth = DEPTH,
                                               .omits_defaults = true,
                                               .prints_secrets = true,
                                               .normalize = normal_form_write};

static enum ql_code write_json(struct fixture *fixture, const char *type, const char *hex)
{
    const struct ql_message *message = fixture_type(fixture, type);
    QL_CLEANUP(ql_buffer_done) struct ql_buffer plain;
    size_t length;
    unsigned char *wire = fixture_bytes(hex, &length);
    enum ql_code rc;

    fixture_clear(fixture);
    ql_buffer_init(&plain, FIXTURE_OUT_BYTES);
    rc = normal_form_write(&fixture->call, message, wire, length, DEPTH, true, &plain);
    if (rc == QL_OK)
        rc = ql_json_write(&fixture->call, fixture->schema, message, plain.data, plain.length,
                           &options, &fixture->out);
    free(wire);
    return rc;
}

struct printed_case {
    const char *type;
    const char *wire;
    const char *json; /* or the reason of the failure */
};

static void test_message_of_any_make_is_printed_without_defaults(void **state)
{
    static const struct printed_case cases[] = {
        {"pbtest.EveryKind", "", "{}"},
        {"pbtest.EveryKind", "2800ca0100", "{}"},
        {"pbtest.EveryKind", "b80400", "{\"pInt32\":0}"},
        {"pbtest.EveryKind", "c80500", "{}"},
        {"pbtest.EveryKind", "800400", "{\"oNull\":null}"},
        {"pbtest.EveryKind", "2d010000002801", "{\"fInt32\":1}"},
        {"pbtest.EveryKind", "82070178", "{\"fSecret\":\"x\"}"},
        {"pbtest.Extended", "3003", "{}"},
        {"pbtest.Extended", "1a03010302", "{\"rLevel\":[\"LEVEL_LOW\",\"LEVEL_HIGH\"]}"},
        {"pbtest.Extended", "2a050a016110032a050a01621002", "{\"mMood\":{\"b\":\"MOOD_WILD\"}}"},
        {"pbtest.Extended", "a00605b206020102", "{\"[pbtest.ext]\":5,\"[pbtest.exts]\":[1,2]}"},
        {"pbtest.Extended", "62090b10e8071a0208010c",
         "{\"set\":{\"[pbtest.Item.item]\":{\"i\":1}}}"},
        {"pbtest.Extended", "12020801", "{\"inner\":{\"must\":1}}"},
        {"pbtest.Extended", "1200", "INVALID_FIELD"},
        {"pbtest.Extended", "5a01ff", "INVALID_FIELD"},
        {"pbtest.Extended", "5a", "MALFORMED_MESSAGE"},
        /* what an Any holds is of any make, too */
        {"google.protobuf.Any", "0a0f742f7062746573742e56616c75656412050a01781801",
         "{\"@type\":\"t/pbtest.Valued\",\"value\":\"x\"}"},
        {"google.protobuf.Any", "0a0f742f7062746573742e56616c75656412020a05", "MALFORMED_MESSAGE"},
        {"google.protobuf.Any", "0a09742f6e6f2e537563681200", "UNKNOWN_ANY_TYPE"},
    };
    struct fixture *fixture = *state;

    for (size_t i = 0; i < QL_ARRAY_LENGTH(cases); i++) {
        enum ql_code rc = write_json(fixture, cases[i].type, cases[i].wire);

        if (cases[i].json[0] != '{') {
            assert_int_not_equal(rc, QL_OK);
            assert_string_equal(fixture->call.status.reason, cases[i].json);
            continue;
        }
        if (rc != QL_OK)
            fail_msg("%s: %s", cases[i].wire, fixture->call.status.message);
        assert_string_equal(fixture->out.data, cases[i].json);
    }
}

static enum ql_code read_json(struct fixture *fixture, const char *json)
{
    fixture_clear(fixture);
    return ql_json_read(&fixture->call, fixture->schema,
                        fixture_type(fixture, "google.protobuf.Any"), json, strlen(json), &options,
                        &fixture->out);
}

static void test_any_content_is_written_by_number(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(
        read_json(fixture, "{\"fUint32\":2,\"@type\":\"/pbtest.EveryKind\",\"fInt32\":1}"), QL_OK);
    fixture_assert_wire(fixture, "by number", "0a112f7062746573742e45766572794b696e64120428015802");
    assert_int_equal(read_json(fixture, "{\"@type\":\"/pbtest.EveryKind\"}"), QL_OK);
    fixture_assert_wire(fixture, "empty", "0a112f7062746573742e45766572794b696e64");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_message_of_any_make_is_printed_without_defaults),
        cmocka_unit_test(test_any_content_is_written_by_number),
    };

    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
