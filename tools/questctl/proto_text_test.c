/* The contract, spelled out: from the one that is embedded here. */
#include "tools/questctl/proto_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "questline/user/v1/names.h"
#include "tools/questctl/contract.h"

static struct ql_buffer out;

static int clear(void **state)
{
    (void)state;
    ql_buffer_done(&out);
    ql_buffer_init(&out, 1024 * 1024);
    return 0;
}

static void test_message_has_comments_numbers_and_options(void **state)
{
    (void)state;
    proto_text_message(
        ql_schema_message(ql_schema_embedded(), "questline.user.v1.CreateSessionRequest"), &out);
    assert_non_null(strstr(out.data, "// A user's name and password.\n"
                                     "message questline.user.v1.CreateSessionRequest {\n"));
    assert_non_null(strstr(out.data, "  string user_name = 1 "
                                     "[(google.api.field_behavior) = REQUIRED, "
                                     "(questline.rpc.v1.example) = \"ada\"];"
                                     " // rules: is required;\n"));
    assert_non_null(strstr(out.data, "(questline.rpc.v1.secret) = true];"));
    assert_string_equal(out.data + out.length - 2, "}\n");
}

static void test_oneofs_and_maps_look_as_written(void **state)
{
    (void)state;
    proto_text_message(ql_schema_message(ql_schema_embedded(), "google.protobuf.Value"), &out);
    assert_non_null(strstr(out.data, "  oneof kind {\n"));
    assert_non_null(strstr(out.data, "    double number_value = 2;\n"));
    assert_non_null(strstr(out.data, "  }\n}\n"));
    clear(state);
    proto_text_message(ql_schema_message(ql_schema_embedded(), "google.protobuf.Struct"), &out);
    assert_non_null(strstr(out.data, "  map<string, google.protobuf.Value> fields = 1;\n"));
}

static void test_method_has_its_route_and_who_may_call(void **state)
{
    (void)state;
    proto_text_method(ql_schema_method(ql_schema_embedded(), UserService_GetUser), &out);
    assert_non_null(strstr(out.data, "  rpc GetUser(questline.user.v1.GetUserRequest) returns "
                                     "(questline.user.v1.GetUserResponse) {\n"));
    assert_non_null(strstr(out.data, "{get: \"/v1/users/{user_id}\" response_body: \"user\"};\n"));
    assert_non_null(strstr(out.data, "option (questline.rpc.v1.access) = ACCESS_USER;\n"));
    assert_non_null(strstr(out.data, "option (questline.rpc.v1.owner) = \"user_id\";\n"));
}

static void test_service_has_its_methods_and_no_others(void **state)
{
    (void)state;
    proto_text_service(ql_schema_embedded(), "questline.rpc.v1.HealthService", &out);
    assert_non_null(strstr(out.data, "service questline.rpc.v1.HealthService {\n"));
    assert_non_null(strstr(out.data, "rpc CheckHealth("));
    assert_non_null(strstr(out.data, "option (questline.rpc.v1.fast) = true;\n"));
    assert_null(strstr(out.data, "GetDescriptorSet"));
    clear(state);
    proto_text_enum(ql_schema_enum(ql_schema_embedded(), "questline.rpc.v1.ServingState"), &out);
    assert_non_null(strstr(out.data, "  // It takes calls.\n  SERVING_STATE_SERVING = 1;\n"));
}

static void test_names_are_known_without_their_package_only_whole(void **state)
{
    (void)state;
    assert_true(contract_is_name("questline.a.v1.Some/Get", "questline.a.v1.Some/Get"));
    assert_true(contract_is_name("questline.a.v1.Some/Get", "Some/Get"));
    assert_false(contract_is_name("questline.a.v1.Some/Get", "ome/Get"));
    assert_false(contract_is_name("questline.a.v1.Some/Get", "Get"));
    assert_false(contract_is_name("questline.a.v1.Some/Get", ""));
    assert_false(contract_is_name("Get", "Some/Get"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_message_has_comments_numbers_and_options, clear),
        cmocka_unit_test_setup(test_oneofs_and_maps_look_as_written, clear),
        cmocka_unit_test_setup(test_method_has_its_route_and_who_may_call, clear),
        cmocka_unit_test_setup(test_service_has_its_methods_and_no_others, clear),
        cmocka_unit_test(test_names_are_known_without_their_package_only_whole),
    };
    int status = cmocka_run_group_tests(tests, NULL, NULL);

    ql_buffer_done(&out);
    return status;
}
