/* Routes: matching, request messages, bodies of responses. */
#include "platform/pb/testing/json_fixture.h"

#include "platform/pb/json/json.h"
#include "platform/pb/route/request.h"
#include "platform/pb/route/route.h"
#include "platform/pb/schema/wire_check.h"

static struct ql_routes *routes;

static int routes_setup(void **state)
{
    char error[256] = "";
    struct fixture *fixture;

    fixture_setup(state);
    fixture = *state;
    routes = ql_routes_new(fixture->schema, error, sizeof(error));
    assert_string_equal(error, "");
    return routes == NULL;
}

static int routes_teardown(void **state)
{
    ql_routes_free(routes);
    return fixture_teardown(state);
}

/* A case's outcome: the method's short name, "404", or "405 " and what is allowed. */
static const struct {
    const char *verb;
    const char *path;
    const char *outcome;
    const char *variable;
} paths[] = {
    {"GET", "/v1/things/abc", "GetThing", "abc"},
    {"HEAD", "/v1/things/abc", "GetThing", "abc"},
    {"GET", "/v1/things/a%2Fb", "GetThing", "a%2Fb"},
    {"GET", "/v1/things/special", "GetSpecial", NULL},
    {"GET", "/v1/things", "ListThings", NULL},
    {"POST", "/v1/things", "CreateThing", NULL},
    {"PURGE", "/v1/things", "Purge", NULL},
    {"PATCH", "/v1/things/abc", "UpdateThing", "abc"},
    {"PATCH", "/v1/things/special", "UpdateThing", "special"},
    {"POST", "/v1/things/abc:claim", "ClaimThing", "abc"},
    {"POST", "/v1/things/a:b:claim", "ClaimThing", "a:b"},
    {"POST", "/v1/things:refresh", "Refresh", NULL},
    {"GET", "/v1/things/abc/parts/7", "GetPart", "abc"},
    {"GET", "/v1/things/a:other", "404", NULL},
    {"GET", "/v1/things/a%3Aother", "404", NULL},
    {"POST", "/v1/things/abc%3Aclaim", "ClaimThing", "abc"},
    {"POST", "/v1/things/abc%3aclaim", "ClaimThing", "abc"},
    {"POST", "/v1/things%3Arefresh", "Refresh", NULL},
    {"DELETE", "/v1/things", "405 GET, HEAD, POST, PURGE", NULL},
    {"DELETE", "/v1/things/special", "405 GET, HEAD, PATCH", NULL},
    {"GET", "/v1/things/abc:claim", "405 POST", NULL},
    {"GET", "/v1/things:refresh", "405 POST", NULL},
    {"get", "/v1/things", "405 GET, HEAD, POST, PURGE", NULL},
    {"POST", "/v1/things/:claim", "404", NULL},
    {"GET", "/v1/things/", "404", NULL},
    {"GET", "/v1//abc", "404", NULL},
    {"GET", "/v1/things/abc/", "404", NULL},
    {"GET", "/v1/thing", "404", NULL},
    {"GET", "/v1/thingsx", "404", NULL},
    {"GET", "/", "404", NULL},
    {"GET", "", "404", NULL},
    {"GET", "v1/things", "404", NULL},
    {"GET", "//////////////////////////////", "404", NULL},
    {"GET", "/v1/things:", "404", NULL},
};

static void test_verb_and_path_mean_one_method(void **state)
{
    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(paths); i++) {
        struct ql_route_match match;
        char allow[QL_ALLOW_MAX], got[128];

        switch (ql_routes_match(routes, paths[i].verb, strlen(paths[i].verb), paths[i].path,
                                strlen(paths[i].path), &match, allow)) {
        case QL_ROUTE_FOUND:
            snprintf(got, sizeof(got), "%s", strchr(match.method->full_name, '/') + 1);
            assert_int_equal(match.n_variables > 0, paths[i].variable != NULL);
            break;
        case QL_ROUTE_WRONG_VERB:
            snprintf(got, sizeof(got), "405 %s", allow);
            break;
        default:
            snprintf(got, sizeof(got), "404");
        }
        if (strcmp(got, paths[i].outcome) != 0)
            fail_msg("%s %s: got %s", paths[i].verb, paths[i].path, got);
        if (paths[i].variable == NULL)
            continue;
        assert_int_equal(match.variables[0].length, strlen(paths[i].variable));
        assert_memory_equal(match.variables[0].text, paths[i].variable, match.variables[0].length);
    }
}

static void match_route(struct ql_route_match *match, const char *verb, const char *path)
{
    char allow[QL_ALLOW_MAX];

    assert_int_equal(ql_routes_match(routes, verb, strlen(verb), path, strlen(path), match, allow),
                     QL_ROUTE_FOUND);
}

static enum ql_code request(struct fixture *fixture, const char *verb, const char *path,
                            const char *query, const char *body, const struct ql_message **type)
{
    struct ql_route_match match;

    match_route(&match, verb, path);
    *type = match.method->input;
    fixture_clear(fixture);
    return ql_route_read_request(&fixture->call, routes, &match, query, strlen(query), body,
                                 strlen(body), &fixture->out);
}

static const struct {
    const char *verb;
    const char *path;
    const char *query;
    const char *body;
    const char *contains; /* of the request as JSON */
} accepted[] = {
    {"GET", "/v1/things/abc", "", "", "{\"thingId\":\"abc\",\"count\":0}"},
    {"GET", "/v1/things/a%2Fb+%C3%A9", "count=5", "", "{\"thingId\":\"a/b+\u00e9\",\"count\":5}"},
    {"POST", "/v1/things/abc:claim", "", "{\"thingId\":\"abc\",\"count\":1}",
     "{\"thingId\":\"abc\",\"count\":1}"},
    {"POST", "/v1/things/abc:claim", "", "", "{\"thingId\":\"abc\",\"count\":0}"},
    {"GET", "/v1/things/abc/parts/-7", "", "", "{\"thingId\":\"abc\",\"number\":\"-7\"}"},
    {"PATCH", "/v1/things/abc", "",
     "{\"thing\":{\"thingId\":\"abc\",\"name\":\"n\"},\"dryRun\":true}",
     "{\"thing\":{\"thingId\":\"abc\",\"name\":\"n\",\"count\":0,\"tags\":[]},\"dryRun\":true}"},
    /* Without a mask the body's members are what changes, whatever their values. */
    {"PATCH", "/v1/edits/abc", "", "{\"name\":null,\"count\":0,\"tags\":[]}",
     "\"updateMask\":\"name,count,tags\""},
    {"PATCH", "/v1/edits/abc", "updateMask=", "{\"thing_id\":\"abc\"}",
     "\"updateMask\":\"thingId\""},
    {"PATCH", "/v1/edits/abc", "updateMask=name", "{\"count\":0}", "\"updateMask\":\"name\""},
    {"PATCH", "/v1/edits/abc", "", "{}", "\"updateMask\":\"\""},
    {"PATCH", "/v1/edits/0190C5F2-8A51-7CC3-9D0E-5B1F4C3A2E10", "",
     "{\"thingId\":\"0190c5f2-8a51-7cc3-9d0e-5b1f4c3a2e10\"}", "\"updateMask\":\"thingId\""},
    {"POST", "/v1/things", "dry_run=true", "{\"name\":\"n\"}",
     "{\"thing\":{\"thingId\":\"\",\"name\":\"n\",\"count\":0,\"tags\":[]},\"dryRun\":true}"},
    {"GET", "/v1/things", "pageSize=5&page_token=a%20b+c&&isOpen=true&weight=-1.5e3", "",
     "{\"pageSize\":5,\"pageToken\":\"a b c\",\"isOpen\":true,\"weight\":-1500"},
    {"GET", "/v1/things", "orderBy=ORDER_NAME", "", "\"orderBy\":\"ORDER_NAME\""},
    {"GET", "/v1/things", "orderBy=1", "", "\"orderBy\":\"ORDER_NAME\""},
    {"GET", "/v1/things", "tags=a&numbers=1&tags=b&numbers=2", "",
     "\"tags\":[\"a\",\"b\"],\"numbers\":[1,2]"},
    {"GET", "/v1/things", "since=2024-02-29T12:00:00Z&within=1.5s", "",
     "\"since\":\"2024-02-29T12:00:00Z\",\"within\":\"1.500s\""},
    {"GET", "/v1/things", "readMask=userName,a&limit=5", "",
     "\"readMask\":\"userName,a\",\"limit\":\"5\""},
    {"GET", "/v1/things", "limit=0", "", "\"limit\":\"0\""},
    {"GET", "/v1/things", "filter.name=n&filter.tags=a&filter.tags=b&filter.thing_id=i", "",
     "\"filter\":{\"thingId\":\"i\",\"name\":\"n\",\"count\":0,\"tags\":[\"a\",\"b\"]}"},
    {"GET", "/v1/things", "byName=", "", "\"byName\":\"\""},
    {"GET", "/v1/things", "pageToken", "", "\"pageToken\":\"\""},
    {"GET", "/v1/things", "cursor=-_8", "", "\"cursor\":\"+/8=\""},
};

static void test_requests_are_put_together_from_their_parts(void **state)
{
    struct fixture *fixture = *state;

    for (size_t i = 0; i < QL_ARRAY_LENGTH(accepted); i++) {
        const struct ql_message *type;
        struct ql_buffer json;

        if (request(fixture, accepted[i].verb, accepted[i].path, accepted[i].query,
                    accepted[i].body, &type) != QL_OK)
            fail_msg("%s?%s: %s", accepted[i].path, accepted[i].query,
                     fixture->call.status.message);
        ql_buffer_init(&json, 1 << 16);
        assert_int_equal(
            ql_wire_check(&fixture->call, type, fixture->out.data, fixture->out.length), QL_OK);
        assert_int_equal(ql_json_from_wire(&fixture->call, fixture->schema, type, fixture->out.data,
                                           fixture->out.length, &json),
                         QL_OK);
        if (strstr(json.data, accepted[i].contains) == NULL)
            fail_msg("%s?%s: got %s", accepted[i].path, accepted[i].query, json.data);
        ql_buffer_done(&json);
    }
}

static const struct {
    const char *verb;
    const char *path;
    const char *query;
    const char *body;
    const char *field;
} refused[] = {
    {"GET", "/v1/things", "nope=1", "", "nope"},
    {"GET", "/v1/things", "filter.nope=1", "", "filter.nope"},
    {"GET", "/v1/things", "=1", "", ""},
    {"GET", "/v1/things", "pageSize=1&page_size=2", "", "pageSize"},
    {"GET", "/v1/things", "pageSize=x", "", "pageSize"},
    {"GET", "/v1/things", "pageSize=", "", "pageSize"},
    {"GET", "/v1/things", "pageSize=2147483648", "", "pageSize"},
    {"GET", "/v1/things", "isOpen=1", "", "isOpen"},
    {"GET", "/v1/things", "orderBy=NAME", "", "orderBy"},
    {"GET", "/v1/things", "since=yesterday", "", "since"},
    {"GET", "/v1/things", "pageToken=%zz", "", "pageToken"},
    {"GET", "/v1/things", "pageToken=%4", "", "pageToken"},
    {"GET", "/v1/things", "pageToken=%00", "", "pageToken"},
    {"GET", "/v1/things", "pageToken=%ff", "", "pageToken"},
    {"GET", "/v1/things", "%ff=1", "", "query"},
    {"GET", "/v1/things", "filter=1", "", "filter"},
    {"GET", "/v1/things", "filters.name=n", "", "filters.name"},
    {"GET", "/v1/things", "labels=1", "", "labels"},
    {"GET", "/v1/things", "labels.a=1", "", "labels.a"},
    {"GET", "/v1/things", "free=1", "", "free"},
    {"GET", "/v1/things", "since.seconds=1", "", "since.seconds"},
    {"GET", "/v1/things", "byName=a&byId=b", "", "byId"},
    {"GET", "/v1/things/abc", "thingId=x", "", "thingId"},
    {"GET", "/v1/things/%ff", "", "", "thingId"},
    {"GET", "/v1/things/%00", "", "", "thingId"},
    {"GET", "/v1/things/%2", "", "", "thingId"},
    {"GET", "/v1/things/abc/parts/x", "", "", "number"},
    {"POST", "/v1/things/abc:claim", "count=1", "{}", "count"},
    {"POST", "/v1/things", "thing.name=x", "{}", "thing.name"},
    {"POST", "/v1/things", "", "{\"nope\":1}", "thing.nope"},
    {"PATCH", "/v1/things/abc", "", "{\"thing\":{\"nope\":1}}", "thing.nope"},
    {"PATCH", "/v1/things/abc", "", "{\"thing\":{\"thingId\":\"ABC\"}}", "thing.thingId"},
    {"PATCH", "/v1/edits/abc", "", "{\"name\":\"n\",\"thingId\":\"x\"}", "thing.thingId"},
    {"POST", "/v1/things/abc:claim", "", "{\"thingId\":\"x\"}", "thingId"},
};

static void test_misfits_in_requests_are_refused_with_their_path(void **state)
{
    struct fixture *fixture = *state;

    for (size_t i = 0; i < QL_ARRAY_LENGTH(refused); i++) {
        const struct ql_message *type;
        enum ql_code rc = request(fixture, refused[i].verb, refused[i].path, refused[i].query,
                                  refused[i].body, &type);

        fixture_assert_refused(fixture, refused[i].query, rc, "INVALID_FIELD", refused[i].field);
    }
}

static void test_a_message_of_body_and_path_is_said_once(void **state)
{
    struct fixture *fixture = *state;
    const struct ql_message *type;

    assert_int_equal(request(fixture, "PATCH", "/v1/things/abc", "",
                             "{\"thing\":{\"thingId\":\"abc\",\"count\":7},\"dryRun\":true}",
                             &type),
                     QL_OK);
    assert_int_equal(fixture->out.length, 11);
    assert_memory_equal(fixture->out.data,
                        "\x0a\x07\x0a\x03"
                        "abc"
                        "\x18\x07"
                        "\x10\x01",
                        11);
}

static void test_path_goes_into_a_message_whose_length_gets_longer(void **state)
{
    static const size_t lengths[] = {117, 118, 119, 120, 121, 122, 127, 128, 129, 16379, 16380};
    struct fixture *fixture = *state;
    const struct ql_message *type;
    char body[16500], expected[16500];

    for (size_t i = 0; i < QL_ARRAY_LENGTH(lengths); i++) {
        struct ql_buffer json;
        int name = (int)lengths[i];

        snprintf(body, sizeof(body), "{\"thing\":{\"name\":\"%0*d\"},\"dryRun\":true}", name, 0);
        snprintf(expected, sizeof(expected),
                 "{\"thing\":{\"thingId\":\"abc\",\"name\":\"%0*d\",\"count\":0,\"tags\":[]},"
                 "\"dryRun\":true}",
                 name, 0);
        assert_int_equal(request(fixture, "PATCH", "/v1/things/abc", "", body, &type), QL_OK);
        ql_buffer_init(&json, 1 << 16);
        assert_int_equal(
            ql_wire_check(&fixture->call, type, fixture->out.data, fixture->out.length), QL_OK);
        assert_int_equal(ql_json_from_wire(&fixture->call, fixture->schema, type, fixture->out.data,
                                           fixture->out.length, &json),
                         QL_OK);
        assert_string_equal(json.data, expected);
        ql_buffer_done(&json);
    }
}

static void test_body_where_none_belongs_is_refused(void **state)
{
    struct fixture *fixture = *state;
    const struct ql_message *type;

    assert_int_equal(request(fixture, "GET", "/v1/things/abc", "", "{}", &type),
                     QL_INVALID_ARGUMENT);
    assert_string_equal(fixture->call.status.reason, "BODY_NOT_ALLOWED");
    assert_int_equal(request(fixture, "POST", "/v1/things", "", "{} x", &type),
                     QL_INVALID_ARGUMENT);
    assert_string_equal(fixture->call.status.reason, "MALFORMED_JSON");
}

static void test_flood_of_parameters_is_refused(void **state)
{
    struct fixture *fixture = *state;
    const struct ql_message *type;
    char query[8 * 200 + 1] = "";

    for (int i = 0; i < 200; i++)
        memcpy(query + 8 * i, "&tags=ab", 9);
    assert_int_equal(request(fixture, "GET", "/v1/things", query, "", &type), QL_INVALID_ARGUMENT);
    assert_string_equal(fixture->call.status.violations[0].field, "tags");
}

static void assert_response(struct fixture *fixture, const char *verb, const char *path,
                            const char *wire, size_t length, const char *json)
{
    struct ql_route_match match;

    match_route(&match, verb, path);
    fixture_clear(fixture);
    assert_int_equal(
        ql_route_write_response(&fixture->call, routes, &match, wire, length, &fixture->out),
        QL_OK);
    assert_string_equal(fixture->out.data, json);
}

static void test_response_body_is_the_field_alone(void **state)
{
    static const char thing[] = "\x0a\x05\x0a\x03"
                                "abc";
    struct fixture *fixture = *state;

    assert_response(fixture, "GET", "/v1/things/abc", thing, 7,
                    "{\"thingId\":\"abc\",\"name\":\"\",\"count\":0,\"tags\":[]}");
    assert_response(fixture, "GET", "/v1/things/abc", "", 0, "null");
    assert_response(fixture, "GET", "/v1/things", thing, 7,
                    "[{\"thingId\":\"abc\",\"name\":\"\",\"count\":0,\"tags\":[]}]");
    assert_response(fixture, "GET", "/v1/things", "", 0, "[]");
    assert_response(fixture, "POST", "/v1/things", thing, 7,
                    "{\"thing\":{\"thingId\":\"abc\",\"name\":\"\",\"count\":0,\"tags\":[]}}");
}

static void test_table_prints_verb_path_method_and_access(void **state)
{
    struct fixture *fixture = *state;

    fixture_clear(fixture);
    ql_routes_print(routes, &fixture->out);
    assert_int_equal(strncmp(fixture->out.data, "GET    /v1/things/{thing_id} ", 29), 0);
    assert_non_null(strstr(fixture->out.data, "questline.pbtest.v1.ThingService/ListThings"));
    assert_non_null(strstr(fixture->out.data, " admin\n"));
    assert_null(strstr(fixture->out.data, "ThingService/Inner"));
}

static void test_embedded_contract_compiles(void **state)
{
    char error[256] = "";
    struct ql_routes *embedded = ql_routes_new(ql_schema_embedded(), error, sizeof(error));

    (void)state;
    assert_string_equal(error, "");
    assert_non_null(embedded);
    ql_routes_free(embedded);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_verb_and_path_mean_one_method),
        cmocka_unit_test(test_requests_are_put_together_from_their_parts),
        cmocka_unit_test(test_misfits_in_requests_are_refused_with_their_path),
        cmocka_unit_test(test_a_message_of_body_and_path_is_said_once),
        cmocka_unit_test(test_path_goes_into_a_message_whose_length_gets_longer),
        cmocka_unit_test(test_body_where_none_belongs_is_refused),
        cmocka_unit_test(test_flood_of_parameters_is_refused),
        cmocka_unit_test(test_response_body_is_the_field_alone),
        cmocka_unit_test(test_table_prints_verb_path_method_and_access),
        cmocka_unit_test(test_embedded_contract_compiles),
    };

    return cmocka_run_group_tests(tests, routes_setup, routes_teardown);
}
