/* Generated messages of the contract, through the wire and through JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "questline/rpc/v1/envelope.pb-c.h"

#include "platform/pb/json/json.h"
#include "platform/pb/schema/message.h"

static int setup(void **state)
{
    static struct ql_call call;

    ql_call_init(&call, ql_arena_new(1024 * 1024), "test", 1000);
    *state = &call;
    return call.arena == NULL;
}

static int teardown(void **state)
{
    struct ql_call *call = *state;

    ql_arena_free(call->arena);
    return 0;
}

static const char type_name[] = "questline.rpc.v1.Call";
static const char json[] = "{\"id\":\"7\",\"method\":\"a.B/C\",\"payload\":\"AQI=\"}";

static void test_message_comes_back_from_its_packed_form(void **state)
{
    struct ql_call *call = *state;
    Questline__Rpc__V1__Call sent = QUESTLINE__RPC__V1__CALL__INIT, *got = NULL;
    uint8_t *bytes;
    size_t length;

    sent.id = 7;
    sent.method = (char *)"a.B/C";
    assert_int_equal(ql_message_pack(call, &sent, &bytes, &length), QL_OK);
    assert_int_equal(ql_message_unpack(call, sent.base.descriptor, bytes, length, &got), QL_OK);
    assert_true(got->id == 7);
    assert_string_equal(got->method, "a.B/C");
    assert_int_equal(ql_message_unpack(call, sent.base.descriptor, NULL, 0, &got), QL_OK);
    assert_true(got->id == 0);
}

static void test_json_becomes_a_message_and_json_again(void **state)
{
    struct ql_call *call = *state;
    Questline__Rpc__V1__Call *got = NULL;
    uint8_t *bytes;
    char *text;
    size_t length;

    assert_int_equal(ql_message_from_json(call, type_name, json, &bytes, &length), QL_OK);
    assert_int_equal(
        ql_message_unpack(call, &questline__rpc__v1__call__descriptor, bytes, length, &got), QL_OK);
    assert_true(got->id == 7);
    assert_int_equal(got->payload.len, 2);
    assert_int_equal(ql_message_to_json(call, type_name, bytes, length, &text), QL_OK);
    assert_int_equal(strncmp(text, "{\"id\":\"7\",\"method\":\"a.B/C\"", 26), 0);
    assert_int_equal(ql_message_from_json(call, type_name, "{}", &bytes, &length), QL_OK);
    assert_int_equal(length, 0);
}

static void test_bytes_that_fail_the_check_are_not_unpacked(void **state)
{
    static const char not_utf8[] = "\x12\x01\xff", group[] = "\xf3\x3f\xf4\x3f";
    const ProtobufCMessageDescriptor *type = &questline__rpc__v1__call__descriptor;
    struct ql_call *call = *state;
    void *got = NULL;

    assert_int_equal(ql_message_unpack(call, type, not_utf8, 3, &got), QL_INVALID_ARGUMENT);
    assert_string_equal(call->status.reason, "INVALID_FIELD");
    assert_string_equal(call->status.violations[0].field, "method");
    /* well-formed, but more than protobuf-c reads */
    assert_int_equal(ql_message_unpack(call, type, group, 4, &got), QL_INVALID_ARGUMENT);
    assert_string_equal(call->status.reason, "MALFORMED_MESSAGE");
    assert_null(got);
}

static void test_full_arena_is_resource_exhausted(void **state)
{
    const ProtobufCMessageDescriptor *type = &questline__rpc__v1__call__descriptor;
    struct ql_call *call = *state, small = *call;
    void *got = NULL;

    small.arena = ql_arena_new(64);
    assert_non_null(small.arena);
    assert_int_equal(ql_message_unpack(&small, type, "\x08\x01", 2, &got), QL_RESOURCE_EXHAUSTED);
    ql_arena_free(small.arena);
}

static void test_unknown_type_is_internal(void **state)
{
    struct ql_call *call = *state;
    char *text;

    assert_int_equal(ql_message_to_json(call, "no.Such", "", 0, &text), QL_INTERNAL);
    assert_string_equal(call->status.reason, "UNKNOWN_TYPE");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_message_comes_back_from_its_packed_form),
        cmocka_unit_test(test_json_becomes_a_message_and_json_again),
        cmocka_unit_test(test_bytes_that_fail_the_check_are_not_unpacked),
        cmocka_unit_test(test_full_arena_is_resource_exhausted),
        cmocka_unit_test(test_unknown_type_is_internal),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
