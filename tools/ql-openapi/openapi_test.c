/* The description of the API: of the contract, and of messages of every kind. */
#include "platform/pb/testing/testdata_fixture.h"

#include <jansson.h>

#include "tools/ql-openapi/openapi.h"
#include "tools/ql-openapi/errors.h"
#include "tools/ql-openapi/example.h"
#include "tools/ql-openapi/method.h"
#include "platform/pb/json/json.h"

enum { DOCUMENT_BYTES = 4 * 1024 * 1024 };

static struct ql_buffer document;

/* Without the layout: line breaks within texts are escaped. */
static void flatten(struct ql_buffer *text)
{
    size_t n = 0;

    for (size_t i = 0; i < text->length; i++) {
        if (text->data[i] == '\n')
            while (i + 1 < text->length && text->data[i + 1] == ' ')
                i++;
        else
            text->data[n++] = text->data[i];
    }
    text->data[n] = '\0';
    text->length = n;
}

static void assert_has(const char *text)
{
    if (strstr(document.data, text) == NULL)
        fail_msg("%s is not in %s", text, document.data);
}

static void assert_has_not(const char *text)
{
    if (strstr(document.data, text) != NULL)
        fail_msg("%s is in %s", text, document.data);
}

/* A key may not come twice. */
static void assert_is_json(void)
{
    json_error_t error;
    json_t *json = json_loadb(document.data, document.length, JSON_REJECT_DUPLICATES, &error);

    if (json == NULL)
        fail_msg("line %d: %s", error.line, error.text);
    json_decref(json);
}

static void assert_reads_as(struct fixture *fixture, const struct ql_message *message)
{
    struct ql_buffer wire;

    fixture_clear(fixture);
    ql_buffer_init(&wire, DOCUMENT_BYTES);
    if (ql_json_to_wire(&fixture->call, fixture->schema, message, document.data, document.length,
                        "", &wire) != QL_OK)
        fail_msg("%s in %s", fixture->call.status.message, document.data);
    ql_buffer_done(&wire);
}

static void write_document(const struct ql_schema *schema)
{
    char error[256] = "";

    ql_buffer_done(&document);
    ql_buffer_init(&document, DOCUMENT_BYTES);
    if (!openapi_write(schema, &document, error, sizeof(error)))
        fail_msg("%s", error);
    assert_is_json();
    flatten(&document);
}

static struct openapi begin(struct fixture *fixture)
{
    fixture_clear(fixture);
    ql_buffer_done(&document);
    ql_buffer_init(&document, DOCUMENT_BYTES);
    return (struct openapi){.arena = fixture->arena, .doc = {.out = &document}};
}

static void write_schemas(struct fixture *fixture, const char *type, enum openapi_way way)
{
    struct openapi openapi = begin(fixture);

    openapi_reach(&openapi, fixture_type(fixture, type), way);
    doc_open(&openapi.doc, NULL, '{');
    openapi_type_schemas(&openapi);
    doc_close(&openapi.doc, '}');
    assert_false(document.failed || openapi.is_full);
    assert_is_json();
    flatten(&document);
}

static void test_every_method_for_people_is_an_operation(void **state)
{
    const struct ql_method *methods;
    size_t n_methods, n_operations = 0;
    char text[512];

    (void)state;
    write_document(ql_schema_embedded());
    assert_int_equal(strncmp(document.data, "{\"openapi\": \"3.1.0\"", 19), 0);
    methods = ql_schema_methods(ql_schema_embedded(), &n_methods);
    for (size_t i = 0; i < n_methods; i++) {
        snprintf(text, sizeof(text), "\"operationId\": \"%s_%s\"",
                 openapi_service_name(&methods[i]), strrchr(methods[i].full_name, '/') + 1);
        if (!openapi_serves(&methods[i])) {
            assert_has_not(text);
            continue;
        }
        assert_has(text);
        snprintf(text, sizeof(text), "\"%s\": {", methods[i].http.path);
        assert_has(text);
        n_operations++;
    }
    assert_true(n_operations > 10);
}

static void test_methods_that_are_not_for_people_are_left_out(void **state)
{
    struct fixture *fixture = *state;

    write_document(fixture->schema);
    assert_has("\"operationId\": \"ThingService_ClaimThing\"");
    assert_has_not("/v1/things:refresh");
    assert_has_not("PURGE");
    assert_has_not("/v1/things/special");
}

static void test_fields_have_the_types_of_the_json_mapping(void **state)
{
    static const char *const expected[] = {
        "\"fInt64\": {\"type\": \"string\",\"format\": \"int64\",\"pattern\": \"^-?[0-9]+$\"}",
        "\"fUint64\": {\"type\": \"string\",\"format\": \"uint64\",\"pattern\": \"^[0-9]+$\"}",
        "\"fInt32\": {\"type\": \"integer\",\"format\": \"int32\"}",
        "\"fBool\": {\"type\": \"boolean\"}",
        "\"fBytes\": {\"type\": \"string\",\"format\": \"byte\",\"contentEncoding\": \"base64\"}",
        ("\"fFloat\": {\"anyOf\": [{\"type\": \"number\",\"format\": \"float\"},"
         "{\"enum\": [\"NaN\", \"Infinity\", \"-Infinity\"]}]}"),
        "\"fColor\": {\"$ref\": \"#/components/schemas/Color\"}",
        "\"fInner\": {\"$ref\": \"#/components/schemas/EveryKind\"}",
        "\"rInt32\": {\"type\": \"array\",\"items\": {\"type\": \"integer\",\"format\": \"int32\"}}",
        ("\"mString\": {\"type\": \"object\",\"additionalProperties\": "
         "{\"$ref\": \"#/components/schemas/EveryKind\"}}"),
        "\"mBool\": {\"type\": \"object\",\"propertyNames\": {\"enum\": [\"true\", \"false\"]},",
        "\"wTime\": {\"type\": \"string\",\"format\": \"date-time\"}",
        "\"wStruct\": {\"type\": \"object\",\"additionalProperties\": true}",
        "\"wValue\": {}",
        "\"wAny\": {\"type\": \"object\",\"properties\": {\"@type\": {",
        "\"wNull\": {\"type\": \"null\"}",
        "\"bInt64\": {\"type\": \"string\",\"format\": \"int64\",",
        "\"another\\\"Name\": {\"type\": \"string\"}",
        "\"Color\": {\"type\": \"string\",\"enum\": [\"COLOR_UNSPECIFIED\",\"COLOR_RED\",",
        "At most one of oUint32, oString, oInner, oNull, oValue is set.",
    };

    write_schemas(*state, "pbtest.EveryKind", OPENAPI_OUT);
    for (size_t i = 0; i < QL_ARRAY_LENGTH(expected); i++)
        assert_has(expected[i]);
}

static void test_answer_has_all_fields_but_those_with_presence(void **state)
{
    write_schemas(*state, "pbtest.EveryKind", OPENAPI_OUT);
    assert_has("\"required\": [\"fDouble\",");
    assert_has(",\"fSint64\",\"rDouble\",");
    assert_has_not("\"additionalProperties\": false");
    write_schemas(*state, "pbtest.EveryKind", OPENAPI_IN);
    assert_has_not("\"required\": [\"f");
    assert_has("\"additionalProperties\": false");
}

static void test_secret_is_write_only_and_in_no_answer(void **state)
{
    write_schemas(*state, "pbtest.EveryKind", OPENAPI_IN);
    assert_has("\"fSecret\": {\"type\": \"string\",\"format\": \"password\",\"writeOnly\": true}");
    write_schemas(*state, "pbtest.EveryKind", OPENAPI_OUT);
    assert_has_not("fSecret");
}

static void test_message_that_goes_both_ways_has_two_schemas(void **state)
{
    struct fixture *fixture = *state;

    write_document(fixture->schema);
    assert_has("\"Thing\": {\"type\": \"object\"");
    assert_has("\"ThingInput\": {\"type\": \"object\"");
    write_document(ql_schema_embedded());
    assert_has("\"questId\": {\"type\": \"string\",\"readOnly\": true,");
    assert_has("\"QuestInput\": {\"type\": \"object\",\"description\": \"One revision of a quest. "
               "Revisions never change; an edit makes a new one.\","
               "\"properties\": {\"rewardId\": {");
}

static void test_parameters_are_what_path_and_body_leave(void **state)
{
    static const char *const present[] = {
        "\"name\": \"filter.thingId\",\"in\": \"query\"",
        "\"name\": \"since\",\"in\": \"query\"",
        ("\"name\": \"orderBy\",\"in\": \"query\",\"schema\": {\"$ref\": "
         "\"#/components/schemas/ListThingsRequest.Order\",\"default\": \"ORDER_UNSPECIFIED\"}"),
        "\"name\": \"thing_id\",\"in\": \"path\",\"required\": true,",
        "\"name\": \"thing.thing_id\",\"in\": \"path\"",
        "\"name\": \"dryRun\",\"in\": \"query\"",
        /* the body of ClaimThing, without what its path takes */
        "\"schema\": {\"type\": \"object\",\"properties\": {\"count\": {",
    };
    static const char *const absent[] = {"\"name\": \"filters", "\"name\": \"labels",
                                         "\"name\": \"free", "\"name\": \"thingId\""};
    struct fixture *fixture = *state;

    write_document(fixture->schema);
    for (size_t i = 0; i < QL_ARRAY_LENGTH(present); i++)
        assert_has(present[i]);
    for (size_t i = 0; i < QL_ARRAY_LENGTH(absent); i++)
        assert_has_not(absent[i]);
}

static void write_failures(struct fixture *fixture, enum ql_access access,
                           const char *const *reasons, size_t n_reasons)
{
    const struct ql_method method = {.access = access,
                                     .comment = "",
                                     .reasons = reasons,
                                     .n_reasons = n_reasons,
                                     .http = {.verb = "POST", .path = "/x", .body = "*"}};
    struct openapi openapi = begin(fixture);

    doc_open(&openapi.doc, NULL, '{');
    openapi_error_responses(&openapi, &method, "quest.name");
    doc_close(&openapi.doc, '}');
    assert_is_json();
    flatten(&document);
}

static void test_failures_are_those_of_the_option_and_our_own(void **state)
{
    static const char *const reasons[] = {"NOT_FOUND/THING_NOT_FOUND", "NOT_FOUND/PART_NOT_FOUND",
                                          "ALREADY_EXISTS", "RESOURCE_EXHAUSTED/TOO_MANY"};

    write_failures(*state, QL_ACCESS_ADMIN, reasons, QL_ARRAY_LENGTH(reasons));
    assert_has("\"404\": {\"description\": \"NOT_FOUND (THING_NOT_FOUND, PART_NOT_FOUND)\"");
    assert_has("\"message\":\"thing not found\"");
    assert_has("\"409\": {\"description\": \"ALREADY_EXISTS (ALREADY_EXISTS)\"");
    assert_has("\"429\": {\"description\": \"RESOURCE_EXHAUSTED (SERVER_BUSY, TOO_MANY_REQUESTS, "
               "TOO_MANY_TOKENS, TOO_MANY)\"");
    assert_has("\"retryDelay\":\"1s\"");
    assert_has("\"field\":\"quest.name\"");
    assert_has("\"401\": {\"$ref\": \"#/components/responses/Unauthenticated\"}");
    assert_has("\"413\": {\"$ref\": \"#/components/responses/BodyTooLarge\"}");
}

static void test_reason_of_a_method_is_written_beside_a_shared_response(void **state)
{
    static const char *const banned[] = {"PERMISSION_DENIED/USER_BANNED"};
    static const char *const owner[] = {"PERMISSION_DENIED/NOT_OWNER"};

    write_failures(*state, QL_ACCESS_PUBLIC, banned, 1);
    assert_has("\"403\": {\"description\": \"PERMISSION_DENIED (USER_BANNED)\"");
    assert_has_not("\"401\"");
    write_failures(*state, QL_ACCESS_USER, owner, 1);
    assert_has("\"403\": {\"description\": \"PERMISSION_DENIED (ROLE_NOT_ALLOWED, NOT_OWNER)\"");
}

static void test_reason_without_a_code_is_refused(void **state)
{
    static const char *const reasons[] = {"NOT_FOUND/THING_NOT_FOUND", "GONE/THING_GONE"};
    const struct ql_method method = {.reasons = reasons, .n_reasons = 2};
    const char *bad = NULL;

    (void)state;
    assert_false(openapi_reasons_are_good(&method, &bad));
    assert_string_equal(bad, "GONE/THING_GONE");
}

static void write_example(struct fixture *fixture, const struct ql_message *message,
                          enum openapi_way way)
{
    struct openapi openapi = begin(fixture);

    openapi_message_example(&openapi, NULL, message, way, NULL, NULL);
    assert_false(document.failed);
}

static void test_examples_are_read_as_their_messages(void **state)
{
    static const char *const types[] = {"pbtest.EveryKind", "pbtest.OldKind",
                                        "questline.pbtest.v1.ListThingsRequest"};
    struct fixture *fixture = *state;

    for (size_t i = 0; i < QL_ARRAY_LENGTH(types); i++) {
        const struct ql_message *message = fixture_type(fixture, types[i]);

        write_example(fixture, message, OPENAPI_OUT);
        assert_reads_as(fixture, message);
        write_example(fixture, message, OPENAPI_IN);
        assert_reads_as(fixture, message);
    }
}

static void test_examples_come_from_the_option(void **state)
{
    const struct ql_message *quest =
        ql_schema_message(ql_schema_embedded(), "questline.catalog.v1.Quest");

    assert_non_null(quest);
    write_example(*state, quest, OPENAPI_IN);
    assert_has("\"name\": \"Sign in three times\"");
    assert_has("\"streak\": 3");
    assert_has("\"UserSignIn\"");
    assert_has("\"startsAt\": \"2026-12-01T00:00:00Z\"");
    assert_has("\"labels\": {\"category\": \"daily\"");
    assert_has_not("questId");
    write_example(*state, quest, OPENAPI_OUT);
    assert_has("\"questId\": \"");
}

static void test_schemas_have_the_examples(void **state)
{
    static const char *const present[] = {
        "\"format\": \"int32\",\"examples\": [3],",
        "\"examples\": [\"Sign in three times\"]",
        "\"items\": {\"type\": \"string\",\"examples\": [\"UserSignIn\"]}",
        "\"examples\": [{\"category\": \"daily\", \"picture\": \"sword.png\"}]",
    };

    (void)state;
    write_document(ql_schema_embedded());
    for (size_t i = 0; i < QL_ARRAY_LENGTH(present); i++)
        assert_has(present[i]);
}

static void test_document_that_does_not_fit_is_refused(void **state)
{
    char error[256] = "";
    struct ql_buffer small;

    (void)state;
    ql_buffer_init(&small, 1000);
    assert_false(openapi_write(ql_schema_embedded(), &small, error, sizeof(error)));
    assert_true(error[0] != '\0');
    ql_buffer_done(&small);
}

static int tear_down(void **state)
{
    ql_buffer_done(&document);
    return fixture_teardown(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_method_for_people_is_an_operation),
        cmocka_unit_test(test_methods_that_are_not_for_people_are_left_out),
        cmocka_unit_test(test_fields_have_the_types_of_the_json_mapping),
        cmocka_unit_test(test_answer_has_all_fields_but_those_with_presence),
        cmocka_unit_test(test_secret_is_write_only_and_in_no_answer),
        cmocka_unit_test(test_message_that_goes_both_ways_has_two_schemas),
        cmocka_unit_test(test_parameters_are_what_path_and_body_leave),
        cmocka_unit_test(test_failures_are_those_of_the_option_and_our_own),
        cmocka_unit_test(test_reason_of_a_method_is_written_beside_a_shared_response),
        cmocka_unit_test(test_reason_without_a_code_is_refused),
        cmocka_unit_test(test_examples_are_read_as_their_messages),
        cmocka_unit_test(test_examples_come_from_the_option),
        cmocka_unit_test(test_schemas_have_the_examples),
        cmocka_unit_test(test_document_that_does_not_fit_is_refused),
    };

    return cmocka_run_group_tests(tests, fixture_setup, tear_down);
}
