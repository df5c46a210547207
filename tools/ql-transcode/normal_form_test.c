/* The normal form: what protobuf understands by bytes that nobody would write. */
#include "tools/ql-transcode/normal_form.h"

#include "platform/pb/testing/json_fixture.h"

enum { DEPTH = 8 };

struct normal_case {
    const char *type;
    const char *wire;   /* in hexadecimal */
    const char *normal; /* the same, or the reason of the refusal */
};

static enum ql_code normalize(struct fixture *fixture, const char *type, const char *hex,
                              unsigned depth, bool is_for_json)
{
    size_t length;
    unsigned char *wire = fixture_bytes(hex, &length);
    enum ql_code rc;

    fixture_clear(fixture);
    rc = normal_form_write(&fixture->call, fixture_type(fixture, type), wire, length, depth,
                           is_for_json, &fixture->out);
    free(wire);
    return rc;
}

static void check_cases(struct fixture *fixture, const struct normal_case *cases, size_t n,
                        bool is_for_json)
{
    for (size_t i = 0; i < n; i++) {
        enum ql_code rc = normalize(fixture, cases[i].type, cases[i].wire, DEPTH, is_for_json);

        if (cases[i].normal[0] >= 'A' && cases[i].normal[0] <= 'Z') {
            if (rc != QL_INVALID_ARGUMENT ||
                strcmp(fixture->call.status.reason, cases[i].normal) != 0)
                fail_msg("%s %s: got %d %s", cases[i].type, cases[i].wire, (int)rc,
                         fixture->call.status.reason);
            assert_int_equal(fixture->out.length, 0);
            continue;
        }
        if (rc != QL_OK)
            fail_msg("%s %s: %s", cases[i].type, cases[i].wire, fixture->call.status.message);
        fixture_assert_wire(fixture, cases[i].wire, cases[i].normal);
    }
}

static const struct normal_case proto3[] = {
    {"pbtest.EveryKind", "", ""},
    /* by number, of a scalar the last, nothing for a default without presence */
    {"pbtest.EveryKind", "58012801", "28015801"},
    {"pbtest.EveryKind", "28012802", "2802"},
    {"pbtest.EveryKind", "28012800", ""},
    {"pbtest.EveryKind", "090000000000000080", "090000000000000080"},
    {"pbtest.EveryKind", "b80400", "b80400"},
    /* a varint is cut to its type, and spelled in full length */
    {"pbtest.EveryKind", "28ffffffff0f", "28ffffffffffffffffff01"},
    {"pbtest.EveryKind", "28808080802058808080802058818000", "5801"},
    {"pbtest.EveryKind", "40feffffff7f", "4001"},
    {"pbtest.EveryKind", "788180808010", "7801"},
    {"pbtest.EveryKind", "60feffffffff1f", "60feffffffffffffffff01"},
    /* messages merge, when each piece is whole */
    {"pbtest.EveryKind", "8a0102280158018a01024001", "58018a010428014001"},
    {"pbtest.EveryKind", "8a0101288a010101", "MALFORMED_MESSAGE"},
    /* packed or not, written as the field wants it */
    {"pbtest.EveryKind", "c80101ca01020203c80104", "ca010401020304"},
    {"pbtest.EveryKind", "b2020401028001b00203", "b00201b00202b0028001b00203"},
    {"pbtest.EveryKind", "ca0100", ""},
    {"pbtest.EveryKind", "ca010180", "MALFORMED_MESSAGE"},
    /* a wire type that does not fit makes an unknown field */
    {"pbtest.EveryKind", "2d010000002801", "28012d01000000"},
    {"pbtest.EveryKind", "4801", "4801"},
    {"pbtest.EveryKind", "8b01088c01", "MALFORMED_MESSAGE"},
    {"pbtest.EveryKind", "8b0108018c01", "8b0108018c01"},
    /* unknown fields stay in the order they came, behind */
    {"pbtest.Valued", "180212017a18010a0178", "0a0178180212017a1801"},
    /* of a oneof the last member, merged from where it began */
    {"pbtest.EveryKind", "e80301f20300", "f20300"},
    {"pbtest.EveryKind", "fa03022801fa03024001", "fa030428014001"},
    {"pbtest.EveryKind", "fa03022801e80301fa03024001", "fa03024001"},
    {"pbtest.EveryKind", "fa030128e80301", "MALFORMED_MESSAGE"},
    /* entries of a map are whole; of one key the last counts, others stay in order */
    {"pbtest.EveryKind", "ca0200", "ca020408001000"},
    {"pbtest.EveryKind", "ca02040801100aca02040802100bca02040801100c",
     "ca02040802100bca02040801100c"},
    {"pbtest.EveryKind", "ca0206100108021803", "ca020408021001"},
    {"pbtest.EveryKind", "ca020408018001ca02", "MALFORMED_MESSAGE"},
    {"pbtest.EveryKind", "a203090a0161120428014001", "a203090a0161120428014001"},
    {"pbtest.EveryKind", "a2030b120228010a016112024001", "a203090a0161120428014001"},
    {"pbtest.EveryKind", "a203030a0161", "a203050a01611200"},
    /* text is checked even where a later value replaces it */
    {"pbtest.EveryKind", "4a01ff", "INVALID_FIELD"},
    {"pbtest.EveryKind", "4a01ff4a0161", "INVALID_FIELD"},
    {"pbtest.EveryKind", "ea0101ff", "INVALID_FIELD"},
    {"pbtest.EveryKind", "a203030a01ff", "INVALID_FIELD"},
    {"pbtest.EveryKind", "f20301ffe80301", "INVALID_FIELD"},
    {"pbtest.EveryKind", "4a0100", "4a0100"},
    {"pbtest.EveryKind", "5201ff", "5201ff"},
    /* what is no message at all */
    {"pbtest.EveryKind", "00", "MALFORMED_MESSAGE"},
    {"pbtest.EveryKind", "0000", "MALFORMED_MESSAGE"},
    {"pbtest.EveryKind", "28", "MALFORMED_MESSAGE"},
    {"pbtest.EveryKind", "0e01", "MALFORMED_MESSAGE"},
    {"pbtest.EveryKind", "0f01", "MALFORMED_MESSAGE"},
    {"pbtest.EveryKind", "8c01", "MALFORMED_MESSAGE"},
    {"pbtest.EveryKind", "8b01", "MALFORMED_MESSAGE"},
    {"pbtest.EveryKind", "8b019401", "MALFORMED_MESSAGE"},
    {"pbtest.EveryKind", "4a0261", "MALFORMED_MESSAGE"},
    {"pbtest.EveryKind", "a8808080800001", "MALFORMED_MESSAGE"},
};

static const struct normal_case proto2[] = {
    /* presence keeps a zero; extensions stand among the others */
    {"pbtest.Extended", "0800", "0800"},
    {"pbtest.Extended", "a006010801", "0801a00601"},
    {"pbtest.Extended", "b00601b206020203", "b20603010203"},
    {"pbtest.Extended", "bb060801bc06", "bb060801bc06"},
    {"pbtest.Extended", "aa0602a806", "MALFORMED_MESSAGE"},
    /* text of proto2 may be any bytes */
    {"pbtest.Extended", "5a01ff", "5a01ff"},
    /* a value that its enum does not have is unknown, wherever it stands */
    {"pbtest.Extended", "3003", "3003"},
    {"pbtest.Extended", "30033001", "30013003"},
    {"pbtest.Extended", "180118031802", "180118021803"},
    {"pbtest.Extended", "1a03010302", "180118021803"},
    {"pbtest.Extended", "2203010302", "220201022003"},
    {"pbtest.Extended", "2a050a01611003", "2a050a01611003"},
    {"pbtest.Extended", "2a030a0161", "2a050a01611000"},
    {"pbtest.Extended", "2a070a016110031002", "2a050a01611002"},
    /* required: in what is merged, not in each piece */
    {"pbtest.Strict", "", "INVALID_FIELD"},
    {"pbtest.Strict", "1001", "INVALID_FIELD"},
    {"pbtest.Strict", "0a0101", "INVALID_FIELD"},
    {"pbtest.Extended", "1202100112020801", "120408011001"},
    {"pbtest.Extended", "1200", "INVALID_FIELD"},
    {"pbtest.Extended", "52020801", "INVALID_FIELD"},
    {"pbtest.Extended", "42003801", "3801"},
    {"pbtest.Extended", "520208015206080112020801", "5206080112020801"},
    /* groups merge as messages do */
    {"pbtest.Extended", "7308017473080274", "73080274"},
    {"pbtest.Extended", "7308017c", "MALFORMED_MESSAGE"},
    /* items of a message set, in either form, in any order */
    {"pbtest.Extended", "62090b10e8071a0208010c", "62090b10e8071a0208010c"},
    {"pbtest.Extended", "62090b1a02080110e8070c", "62090b10e8071a0208010c"},
    {"pbtest.Extended", "6205c23e020801", "62090b10e8071a0208010c"},
    {"pbtest.Extended", "620d0b10e8071a0208011a0208020c", "62090b10e8071a0208010c"},
    {"pbtest.Extended", "62080b10051a0200010c", "62080b10051a0200010c"},
    {"pbtest.Extended", "62050b10e8070c", "62050b10e8070c"},
};

static void test_wire_of_proto3_takes_its_normal_form(void **state)
{

    check_cases(*state, proto3, QL_ARRAY_LENGTH(proto3), false);
}

static void test_wire_of_proto2_takes_its_normal_form(void **state)
{

    check_cases(*state, proto2, QL_ARRAY_LENGTH(proto2), false);
}

static void test_form_for_json_leaves_out_what_json_cannot_show(void **state)
{
    static const struct normal_case cases[] = {
        {"pbtest.Valued", "18020a0178", "0a0178"},
        {"pbtest.Extended", "3003", ""},
        {"pbtest.Extended", "1a03010302", "18011802"},
        {"pbtest.Extended", "2a050a01611003", ""},
        {"pbtest.Extended", "5a01ff", "INVALID_FIELD"},
        {"pbtest.Extended", "62090b10e8071a0208010c", "6205c23e020801"},
    };

    check_cases(*state, cases, QL_ARRAY_LENGTH(cases), true);
}

static void test_normal_form_of_a_normal_form_is_itself(void **state)
{
    struct fixture *fixture = *state;

    for (size_t i = 0; i < QL_ARRAY_LENGTH(proto2); i++) {
        const char *normal = proto2[i].normal;

        if (normal[0] >= 'A' && normal[0] <= 'Z')
            continue;
        assert_int_equal(normalize(fixture, proto2[i].type, normal, DEPTH, false), QL_OK);
        fixture_assert_wire(fixture, normal, normal);
    }
}

/* Wraps the innermost empty message into f_inner, group or map entries. */
static char *nested(const char *head, size_t n, const char *tail)
{
    char *hex = calloc(n + 1, strlen(head) + strlen(tail) + 1);

    assert_non_null(hex);
    for (size_t i = 0; i < n; i++)
        strcat(hex, head);
    for (size_t i = 0; i < n; i++)
        strcat(hex, tail);
    return hex;
}

static void test_nesting_past_the_depth_is_refused(void **state)
{
    struct fixture *fixture = *state;
    char *fits = nested("9b03", DEPTH, "9c03"), *deeper = nested("9b03", DEPTH + 1, "9c03");
    char *far = nested("9b03", 20000, "9c03");

    assert_int_equal(normalize(fixture, "pbtest.EveryKind", fits, DEPTH, false), QL_OK);
    assert_int_equal(normalize(fixture, "pbtest.EveryKind", deeper, DEPTH, false),
                     QL_INVALID_ARGUMENT);
    assert_string_equal(fixture->call.status.reason, "MESSAGE_TOO_DEEP");
    assert_int_equal(normalize(fixture, "pbtest.EveryKind", far, DEPTH, false),
                     QL_INVALID_ARGUMENT);
    assert_string_equal(fixture->call.status.reason, "MESSAGE_TOO_DEEP");
    free(fits);
    free(deeper);
    free(far);
}

static void test_depth_counts_messages_and_entries(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(normalize(fixture, "pbtest.EveryKind", "8a0100", 0, false),
                     QL_INVALID_ARGUMENT);
    assert_int_equal(normalize(fixture, "pbtest.EveryKind", "8a0100", 1, false), QL_OK);
    assert_int_equal(normalize(fixture, "pbtest.EveryKind", "ca0200", 0, false),
                     QL_INVALID_ARGUMENT);
    assert_int_equal(normalize(fixture, "pbtest.EveryKind", "ca0200", 1, false), QL_OK);
    assert_int_equal(normalize(fixture, "pbtest.EveryKind", "a20300", 1, false),
                     QL_INVALID_ARGUMENT);
    assert_int_equal(normalize(fixture, "pbtest.EveryKind", "a20300", 2, false), QL_OK);
}

static void test_full_arena_is_distinguished_from_malformed_bytes(void **state)
{
    struct fixture *fixture = *state;
    QL_CLEANUP(ql_arena_freep) struct ql_arena *small = ql_arena_new(1024);
    char *many = nested("2801", 1000, "");
    size_t length;
    unsigned char *wire = fixture_bytes(many, &length);
    struct ql_call call;

    assert_non_null(small);
    ql_call_init(&call, small, "test", 1000);
    fixture_clear(fixture);
    assert_int_equal(normal_form_write(&call, fixture_type(fixture, "pbtest.EveryKind"), wire,
                                       length, DEPTH, false, &fixture->out),
                     QL_RESOURCE_EXHAUSTED);
    free(wire);
    free(many);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wire_of_proto3_takes_its_normal_form),
        cmocka_unit_test(test_wire_of_proto2_takes_its_normal_form),
        cmocka_unit_test(test_form_for_json_leaves_out_what_json_cannot_show),
        cmocka_unit_test(test_normal_form_of_a_normal_form_is_itself),
        cmocka_unit_test(test_nesting_past_the_depth_is_refused),
        cmocka_unit_test(test_depth_counts_messages_and_entries),
        cmocka_unit_test(test_full_arena_is_distinguished_from_malformed_bytes),
    };

    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
