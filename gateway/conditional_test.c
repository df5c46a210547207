/* Tests of conditional requests, against a running gateway with a fake service: the etag of
 * a user is the part of the id after "etag-". */
#include "gateway/testing/request_fixture.h"

static void get_user(const char *verb, const char *id, const char *fields)
{
    char path[128], all[QL_TOKEN_MAX + 512];

    snprintf(path, sizeof(path), "/v1/users/%s", id);
    snprintf(all, sizeof(all), "%s%s", test_stack_authorization(&stack, QL_ROLE_ADMIN), fields);
    http_ask(stack.port, verb, path, all, NULL, &response);
}

static void create_user(const char *fields, const char *name)
{
    char all[1024], body[128];

    snprintf(all, sizeof(all), JSON "%s", fields);
    snprintf(body, sizeof(body), "{\"userName\":\"%s\",\"password\":\"long enough\"}", name);
    http_ask(stack.port, "POST", "/v1/users", all, body, &response);
}

static void assert_failed(int status, const char *reason)
{
    assert_int_equal(response.status, status);
    assert_non_null(strstr(response.body, reason));
}

static void test_resource_with_an_etag_may_be_kept_and_asked_for_again(void **state)
{
    (void)state;
    get_user("GET", "etag-r1", "");
    assert_int_equal(response.status, 200);
    assert_true(http_has_field(&response, "etag: \"r1\""));
    assert_true(http_has_field(&response, "cache-control: private, no-cache"));
    assert_true(http_has_field(&response, "vary: Authorization"));
    assert_true(response.body_length > 0);
}

static void test_resource_without_an_etag_is_for_once(void **state)
{
    (void)state;
    get_user("GET", "plain", "If-None-Match: *\r\n");
    assert_int_equal(response.status, 200);
    assert_null(strcasestr(response.head, "\r\netag:"));
    assert_true(http_has_field(&response, "cache-control: no-store"));
}

static void test_what_the_client_has_is_not_sent_again(void **state)
{
    static const char *const fields[] = {
        "If-None-Match: \"r1\"\r\n",
        "If-None-Match: \"r0\", W/\"r1\"\r\n",
        "If-None-Match: \"r0\"\r\nIf-None-Match: \"r1\"\r\n",
        "If-None-Match: *\r\n",
    };

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(fields); i++) {
        get_user("GET", "etag-r1", fields[i]);
        assert_int_equal(response.status, 304);
        assert_int_equal(response.body_length, 0);
        assert_true(http_has_field(&response, "etag: \"r1\""));
        assert_true(http_has_field(&response, "cache-control: private, no-cache"));
        assert_null(strcasestr(response.head, "\r\ntransfer-encoding:"));
        assert_null(strcasestr(response.head, "\r\ncontent-type:"));
    }
}

static void test_what_the_client_has_not_is_sent(void **state)
{
    static const char *const fields[] = {
        "If-None-Match: \"r0\"\r\n",
        "If-None-Match: r1\r\n",
        "If-None-Match: \"r1\r\n",
        "If-None-Match:\r\n",
    };

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(fields); i++) {
        get_user("GET", "etag-r1", fields[i]);
        assert_int_equal(response.status, 200);
        assert_true(response.body_length > 0);
    }
}

static void test_a_read_with_if_match_is_of_that_etag_or_412(void **state)
{
    static const char *const others[] = {
        "If-Match: \"r0\"\r\n",
        "If-Match: W/\"r1\"\r\n",
        "If-Match: \"r0\"\r\nIf-Match: \"r2\"\r\n",
        "If-Match: r1\r\n",
        "If-Match: \"r0\"\r\nIf-None-Match: \"r1\"\r\n",
    };
    static const char *const same[] = {
        "If-Match: \"r1\"\r\n",
        "If-Match: *\r\n",
        "If-Match: \"r0\"\r\nIf-Match: W/\"r0\", \"r1\"\r\n",
    };

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(others); i++) {
        get_user("GET", "etag-r1", others[i]);
        assert_failed(412, "ETAG_MISMATCH");
        assert_true(http_has_field(&response, "cache-control: no-store"));
    }
    for (size_t i = 0; i < QL_ARRAY_LENGTH(same); i++) {
        get_user("GET", "etag-r1", same[i]);
        assert_int_equal(response.status, 200);
    }
    get_user("GET", "etag-r1", "If-Match: \"r1\"\r\nIf-None-Match: \"r1\"\r\n");
    assert_int_equal(response.status, 304);
    get_user("GET", "plain", "If-Match: \"r1\"\r\n"); /* it has none to compare with */
    assert_int_equal(response.status, 200);
}

static void test_if_match_of_what_has_no_etag_is_412_but_for_any(void **state)
{
    (void)state;
    create_user("If-Match: *\r\n", "zoe");
    assert_int_equal(response.status, 200);
    create_user("If-Match: \"r-1\"\r\nIf-Match: \"r-2\"\r\n", "zoe");
    assert_failed(412, "ETAG_MISMATCH");
}

static void test_etag_mismatch_is_412_of_an_if_match_and_409_without(void **state)
{
    (void)state;
    create_user("If-Match: \"old\"\r\n", "zoe");
    assert_failed(412, "ETAG_MISMATCH");
    create_user("", "changed");
    assert_failed(409, "ETAG_MISMATCH");
    create_user("If-Match: *\r\n", "changed"); /* the etag in the body is another */
    assert_failed(409, "ETAG_MISMATCH");
}

static void test_if_match_that_no_service_could_read_is_refused(void **state)
{
    char fields[700];

    (void)state;
    create_user("If-Match: \"\xc3\xa4\"\r\n", "zoe");
    assert_failed(400, "BAD_IF_MATCH");
    snprintf(fields, sizeof(fields), "If-Match: \"%0300d\"\r\nIf-Match: \"%0210d\"\r\n", 1, 2);
    create_user(fields, "zoe");
    assert_failed(400, "BAD_IF_MATCH");
}

/* Compressed, so that it fits into the test's buffer. */
static void get_document(const char *path, const char *fields)
{
    char all[512];

    snprintf(all, sizeof(all), "Accept-Encoding: gzip\r\n%s", fields);
    http_ask(stack.port, "GET", path, all, NULL, &response);
}

/* The value of ETag, with its quotes. */
static void read_etag(char *ret_etag, size_t size)
{
    const char *at = strstr(response.head, "etag: ");

    assert_non_null(at);
    snprintf(ret_etag, size, "%.*s", (int)strcspn(at + 6, "\r"), at + 6);
}

static void test_documents_are_shared_by_all_and_kept_by_clients(void **state)
{
    static const char *const paths[] = {"/openapi.json", "/.well-known/jwks.json"};
    char etag[128], field[256];

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(paths); i++) {
        get_document(paths[i], "");
        assert_int_equal(response.status, 200);
        assert_true(http_has_field(&response, "Cache-Control: public, no-cache"));
        assert_true(http_has_field(&response, "Vary: Accept-Encoding"));
        read_etag(etag, sizeof(etag));
        snprintf(field, sizeof(field), "If-None-Match: %s\r\n", etag);
        get_document(paths[i], field);
        assert_int_equal(response.status, 304);
        assert_int_equal(response.body_length, 0);
        get_document(paths[i], "If-None-Match: \"another\"\r\n");
        assert_int_equal(response.status, 200);
        get_document(paths[i], "If-Match: \"another\"\r\n");
        assert_int_equal(response.status, 412);
        snprintf(field, sizeof(field), "If-Match: %s\r\n", etag);
        get_document(paths[i], field);
        assert_int_equal(response.status, 200);
    }
}

static void test_the_description_is_compressed_for_those_who_want_it(void **state)
{
    struct http_client *client = malloc(sizeof(*client));
    char plain[128], gzip[128];

    (void)state;
    assert_non_null(client);
    http_client_open(client, stack.port);
    http_client_print(client, "HEAD /openapi.json HTTP/1.1\r\nHost: t\r\n\r\n");
    http_client_read_head(client, &response);
    http_client_close(client);
    free(client);
    assert_null(strstr(response.head, "content-encoding"));
    read_etag(plain, sizeof(plain));
    get_document("/openapi.json", "");
    assert_true(http_has_field(&response, "Content-Encoding: gzip"));
    assert_memory_equal(response.body, "\x1f\x8b", 2);
    read_etag(gzip, sizeof(gzip));
    assert_string_not_equal(plain, gzip);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_resource_with_an_etag_may_be_kept_and_asked_for_again),
        cmocka_unit_test(test_resource_without_an_etag_is_for_once),
        cmocka_unit_test(test_what_the_client_has_is_not_sent_again),
        cmocka_unit_test(test_what_the_client_has_not_is_sent),
        cmocka_unit_test(test_a_read_with_if_match_is_of_that_etag_or_412),
        cmocka_unit_test(test_if_match_of_what_has_no_etag_is_412_but_for_any),
        cmocka_unit_test(test_etag_mismatch_is_412_of_an_if_match_and_409_without),
        cmocka_unit_test(test_if_match_that_no_service_could_read_is_refused),
        cmocka_unit_test(test_documents_are_shared_by_all_and_kept_by_clients),
        cmocka_unit_test(test_the_description_is_compressed_for_those_who_want_it),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
