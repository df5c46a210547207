/* The schema: what is read from descriptors, and how it is found again. */
#include "platform/pb/testing/testdata_fixture.h"
#include "questline/rpc/v1/names.h"

static const struct ql_field *field(const struct fixture *fixture, const char *name)
{
    const struct ql_field *found =
        ql_message_field_by_name(fixture_type(fixture, "pbtest.EveryKind"), name, strlen(name));

    assert_non_null(found);
    return found;
}

static void test_fields_are_found_by_both_names_and_number(void **state)
{
    struct fixture *fixture = *state;
    const struct ql_message *message = fixture_type(fixture, "pbtest.EveryKind");

    for (size_t i = 0; i < message->n_fields; i++) {
        const struct ql_field *each = &message->fields[i];

        assert_ptr_equal(each, field(fixture, each->name));
        assert_ptr_equal(each, field(fixture, each->json_name));
        assert_ptr_equal(each, ql_message_field_by_number(message, each->number));
    }
    assert_null(ql_message_field_by_number(message, 0));
    assert_null(ql_message_field_by_number(message, 18));
    assert_null(ql_message_field_by_number(message, UINT32_MAX));
    assert_null(ql_message_field_by_name(message, "fInt", 4));
    assert_null(ql_message_field_by_name(message, "", 0));
}

static void test_fields_know_presence_packing_and_oneofs(void **state)
{
    struct fixture *fixture = *state;

    assert_false(field(fixture, "f_int32")->has_presence);
    assert_true(field(fixture, "p_int32")->has_presence);
    assert_int_equal(field(fixture, "p_int32")->oneof_index, -1);
    assert_null(field(fixture, "p_int32")->oneof_name);
    assert_true(field(fixture, "o_uint32")->has_presence);
    assert_int_equal(field(fixture, "o_uint32")->oneof_index, 0);
    assert_string_equal(field(fixture, "o_uint32")->oneof_name, "choice");
    assert_true(field(fixture, "f_inner")->has_presence);
    assert_true(field(fixture, "r_int32")->is_packed);
    assert_false(field(fixture, "r_unpacked")->is_packed);
    assert_false(field(fixture, "r_string")->is_packed);
    assert_true(field(fixture, "m_string")->is_map);
    assert_false(field(fixture, "r_inner")->is_map);
    assert_true(field(fixture, "f_secret")->is_secret);
    assert_false(field(fixture, "f_string")->is_secret);
    assert_string_equal(field(fixture, "named_apart")->json_name, "another\"Name");
    assert_int_equal(field(fixture, "w_struct")->message->well_known, QL_WELL_KNOWN_STRUCT);
    assert_int_equal(field(fixture, "b_bytes")->message->well_known, QL_WELL_KNOWN_WRAPPER);
    assert_int_equal(field(fixture, "w_empty")->message->well_known, QL_WELL_KNOWN_NONE);
}

static void test_proto2_fields_have_presence_and_plain_arrays(void **state)
{
    const struct ql_message *message = fixture_type(*state, "pbtest.OldKind");

    assert_true(ql_message_field_by_number(message, 2)->has_presence);
    assert_false(ql_message_field_by_number(message, 4)->is_packed);
    assert_true(ql_message_field_by_number(message, 5)->is_packed);
    assert_int_equal(ql_message_field_by_number(message, 6)->type, QL_TYPE_GROUP);
}

static void test_enum_values_are_found_and_the_first_alias_names_a_number(void **state)
{
    struct fixture *fixture = *state;
    const struct ql_enum *color = ql_schema_enum(fixture->schema, "pbtest.Color");
    const struct ql_enum *closed = ql_schema_enum(fixture->schema, "pbtest.Closed");

    assert_non_null(color);
    assert_non_null(closed);
    assert_false(color->is_closed);
    assert_true(closed->is_closed);
    assert_string_equal(ql_enum_by_number(color, -3)->name, "COLOR_COLD");
    assert_null(ql_enum_by_number(color, 3));
    assert_int_equal(ql_enum_by_name(color, "COLOR_BLUE", 10)->number, 2);
    assert_null(ql_enum_by_name(color, "COLOR_BLUE", 9));
    assert_string_equal(ql_enum_by_number(closed, 2)->name, "CLOSED_TWO");
    assert_int_equal(ql_enum_by_name(closed, "CLOSED_ZWEI", 11)->number, 2);
}

static void test_methods_carry_route_access_owner_and_comment(void **state)
{
    struct fixture *fixture = *state;
    const struct ql_method *method =
        ql_schema_method(fixture->schema, "questline.pbtest.v1.ThingService/GetThing");
    const struct ql_method *inner =
        ql_schema_method(fixture->schema, "questline.pbtest.v1.ThingService/Inner");

    assert_non_null(method);
    assert_string_equal(method->service, "questline.pbtest.v1.ThingService");
    assert_string_equal(method->domain, "pbtest");
    assert_string_equal(method->http.verb, "GET");
    assert_string_equal(method->http.path, "/v1/things/{thing_id}");
    assert_string_equal(method->http.body, "");
    assert_string_equal(method->http.response_body, "thing");
    assert_int_equal(method->access, QL_ACCESS_USER);
    assert_string_equal(method->owner->name, "thing_id");
    assert_true(method->is_fast);
    assert_true(method->is_safe);
    assert_string_equal(method->comment, "Returns one thing.");
    assert_int_equal(method->n_reasons, 2);
    assert_string_equal(method->reasons[0], "NOT_FOUND/THING_NOT_FOUND");
    assert_string_equal(method->reasons[1], "UNAVAILABLE");
    assert_string_equal(method->input->full_name, "questline.pbtest.v1.GetThingRequest");
    assert_non_null(inner);
    assert_null(inner->http.verb);
    assert_null(inner->owner);
    assert_int_equal(inner->n_reasons, 0);
    assert_false(inner->is_fast);
    assert_false(inner->is_safe);
    assert_int_equal(inner->access, QL_ACCESS_UNSPECIFIED);
    assert_null(ql_schema_method(fixture->schema, "questline.pbtest.v1.ThingService/No"));
}

static void test_comments_reach_messages_and_fields(void **state)
{
    struct fixture *fixture = *state;

    assert_string_equal(fixture_type(fixture, "pbtest.EveryKind")->comment,
                        "What every test speaks of.");
    assert_string_equal(field(fixture, "f_double")->comment, "A double.");
    assert_string_equal(field(fixture, "f_float")->comment, "");
}

static void test_comments_reach_services_enums_and_values(void **state)
{
    const struct ql_schema *schema = ql_schema_embedded();
    const struct ql_enum *access = ql_schema_enum(schema, "questline.rpc.v1.Access");
    const struct ql_method *method = ql_schema_method(schema, HealthService_CheckHealth);

    (void)state;
    assert_non_null(access);
    assert_non_null(method);
    assert_string_equal(method->service_comment, "Served by every service.");
    assert_non_null(strstr(access->comment, "Who may call a method."));
    assert_string_equal(ql_enum_by_name(access, "ACCESS_ADMIN", 12)->comment,
                        "Administrators only.");
}

static void test_fields_know_who_sets_them(void **state)
{
    const struct ql_message *quest =
        ql_schema_message(ql_schema_embedded(), "questline.catalog.v1.Quest");

    (void)state;
    assert_non_null(quest);
    assert_true(ql_message_field_by_name(quest, "quest_id", 8)->is_output_only);
    assert_false(ql_message_field_by_name(quest, "quest_id", 8)->is_required);
    assert_true(ql_message_field_by_name(quest, "name", 4)->is_required);
    assert_false(ql_message_field_by_name(quest, "name", 4)->is_output_only);
    assert_false(ql_message_field_by_name(quest, "auto_claim", 10)->is_required);
}

static void test_embedded_contract_is_whole(void **state)
{
    const struct ql_schema *schema = ql_schema_embedded();
    const struct ql_method *methods;
    size_t n_methods;

    (void)state;
    assert_ptr_equal(schema, ql_schema_embedded());
    methods = ql_schema_methods(schema, &n_methods);
    assert_true(n_methods > 0);
    for (size_t i = 0; i < n_methods; i++) {
        assert_ptr_equal(ql_schema_method(schema, methods[i].full_name), &methods[i]);
        if (strncmp(methods[i].service, "questline.", 10) == 0 &&
            methods[i].access == QL_ACCESS_UNSPECIFIED)
            fail_msg("%s does not say who may call it", methods[i].full_name);
    }
    assert_non_null(ql_schema_message(schema, "questline.rpc.v1.Request"));
}

static void test_malformed_set_is_refused_at_every_length(void **state)
{
    char error[256];

    (void)state;
    for (size_t length = 1; length < ql_descriptor_set_length; length += 1 + length / 7) {
        struct ql_schema *schema = ql_schema_new(ql_descriptor_set, length, error, sizeof(error));

        assert_null(schema);
        assert_true(error[0] != '\0');
    }
}

static void test_set_without_its_imports_is_refused(void **state)
{
    /* file { name: "a", message_type { name: "A", field { name: "b", number: 1,
     * label: OPTIONAL, type: MESSAGE, type_name: ".B" } } } */
    static const unsigned char set[] = "\x0a\x17\x0a\x01"
                                       "a\x22\x12\x0a\x01"
                                       "A\x12\x0d\x0a\x01"
                                       "b\x18\x01\x20\x01\x28\x0b\x32\x02.B";
    char error[256] = "";

    (void)state;
    assert_null(ql_schema_new(set, sizeof(set) - 1, error, sizeof(error)));
    assert_non_null(strstr(error, ".B"));
}

/* message_type { nested_type { nested_type { ... } } }, built from the inside. */
static void test_types_nested_without_end_are_refused(void **state)
{
    enum { LEVELS = 10000 };
    unsigned char *bytes = malloc(5 * LEVELS);
    size_t begin = 5 * LEVELS;
    char error[256] = "";

    (void)state;
    assert_non_null(bytes);
    for (int level = 0; level < LEVELS; level++) {
        size_t length = 5 * LEVELS - begin;

        bytes[--begin] = (unsigned char)(length >> 14 & 0x7f);
        bytes[--begin] = (unsigned char)((length >> 7 & 0x7f) | 0x80);
        bytes[--begin] = (unsigned char)((length & 0x7f) | 0x80);
        bytes[--begin] = level == LEVELS - 1 ? 0x0a : level == LEVELS - 2 ? 0x22 : 0x1a;
    }
    assert_null(ql_schema_new(bytes + begin, 5 * LEVELS - begin, error, sizeof(error)));
    assert_true(error[0] != '\0');
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fields_are_found_by_both_names_and_number),
        cmocka_unit_test(test_fields_know_presence_packing_and_oneofs),
        cmocka_unit_test(test_proto2_fields_have_presence_and_plain_arrays),
        cmocka_unit_test(test_enum_values_are_found_and_the_first_alias_names_a_number),
        cmocka_unit_test(test_methods_carry_route_access_owner_and_comment),
        cmocka_unit_test(test_comments_reach_messages_and_fields),
        cmocka_unit_test(test_comments_reach_services_enums_and_values),
        cmocka_unit_test(test_fields_know_who_sets_them),
        cmocka_unit_test(test_embedded_contract_is_whole),
        cmocka_unit_test(test_malformed_set_is_refused_at_every_length),
        cmocka_unit_test(test_set_without_its_imports_is_refused),
        cmocka_unit_test(test_types_nested_without_end_are_refused),
    };

    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
