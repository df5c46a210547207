/* Tests of conditional requests against one running gateway with a fake service,
 * which calls a user's etag what stands behind "etag-" in the id. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "gateway/testing/fake_services.h"
#include "gateway/testing/http_client.h"
#include "gateway/testing/test_stack.h"

#define JSON "Content-Type: application/json\r\n"

static struct test_stack stack;
static struct http_response response;

static int set_up(void **state)
{
    (void)state;
    test_stack_init(&stack);
    test_stack_start(&stack);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    test_stack_stop(&stack);
    return 0;
}

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
    snprintf(body, sizeof(body), "{\"userName\":\"%s\",\"password\":\"pw\"}", name);
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

static void test_if_match_reaches_the_service_as_one_list(void **state)
{
    (void)state;
    create_user("If-Match: \"r-1\"\r\nIf-Match: \"r-2\"\r\n", "zoe");
    assert_int_equal(response.status, 200);
}

static void test_etag_mismatch_is_412_of_an_if_match_and_409_without(void **state)
{
    (void)state;
    create_user("If-Match: \"old\"\r\n", "zoe");
    assert_failed(412, "ETAG_MISMATCH");
    create_user("", "changed");
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_resource_with_an_etag_may_be_kept_and_asked_for_again),
        cmocka_unit_test(test_resource_without_an_etag_is_for_once),
        cmocka_unit_test(test_what_the_client_has_is_not_sent_again),
        cmocka_unit_test(test_what_the_client_has_not_is_sent),
        cmocka_unit_test(test_if_match_reaches_the_service_as_one_list),
        cmocka_unit_test(test_etag_mismatch_is_412_of_an_if_match_and_409_without),
        cmocka_unit_test(test_if_match_that_no_service_could_read_is_refused),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
