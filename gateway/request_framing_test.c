/* Tests of bodies, heads and the boundaries of requests, against a running gateway. */
#include "gateway/testing/request_fixture.h"

static void test_body_over_the_limit_is_refused(void **state)
{
    static char body[10002];

    (void)state;
    memset(body, ' ', sizeof(body) - 1);
    sign_in(body); /* one byte more than the application's limit, below the library's */
    assert_error(413, "BODY_TOO_LARGE");
    http_ask(stack.port, "POST", "/v1/sessions", JSON "Content-Length: 20000000\r\n", NULL,
             &response);
    assert_error(413, "BODY_TOO_LARGE");
}

static void send_chunked_head(struct http_client *client)
{
    http_client_open(client, stack.port);
    http_client_print(client, "POST /v1/sessions HTTP/1.1\r\nHost: t\r\n" JSON
                              "Transfer-Encoding: chunked\r\n\r\n");
}

static void test_chunked_body_over_the_limit_is_refused(void **state)
{
    enum { LIBRARY_LIMIT = 4 * 10000 + 64 * 1024 };
    struct http_client *client = malloc(sizeof(*client));
    static char bytes[LIBRARY_LIMIT];

    (void)state;
    memset(bytes, ' ', sizeof(bytes));
    send_chunked_head(client);
    http_client_print(client, "%x\r\n", 10001);
    http_client_send(client, bytes, 10001);
    http_client_print(client, "\r\n0\r\n\r\n");
    http_client_read(client, &response);
    assert_error(413, "BODY_TOO_LARGE");
    http_client_close(client);

    send_chunked_head(client);
    http_client_print(client, "%x\r\n", 2 * LIBRARY_LIMIT); /* is refused half way */
    http_client_send(client, bytes, LIBRARY_LIMIT);
    http_client_read(client, &response);
    assert_error(413, "BODY_TOO_LARGE");
    assert_true(http_client_is_ended(client));
    http_client_close(client);
    free(client);
}

static void test_chunked_body_within_the_limit_is_taken(void **state)
{
    struct http_client *client = malloc(sizeof(*client));

    (void)state;
    http_client_open(client, stack.port);
    http_client_print(client, "POST /v1/sessions HTTP/1.1\r\nHost: t\r\n" JSON
                              "Transfer-Encoding: chunked\r\n\r\n"
                              "8\r\n{\"userNa\r\n1c\r\nme\":\"zoe\",\"password\":\"pwpw\"}\r\n"
                              "0\r\n\r\n");
    http_client_read(client, &response);
    assert_int_equal(response.status, 200);
    http_client_close(client);
    free(client);
}

static void test_library_refusals_have_our_shape(void **state)
{
    (void)state;
    http_ask(stack.port, "POST", "/v1/sessions", JSON "Expect: miracles\r\n", "{}", &response);
    assert_error(417, "EXPECTATION_FAILED");
    http_ask(stack.port, "POST", "/v1/sessions", JSON "Transfer-Encoding: gzip\r\n", NULL,
             &response);
    assert_error(400, "MALFORMED_REQUEST");
}

static void ask_raw(const char *bytes)
{
    struct http_client *client = malloc(sizeof(*client));

    http_client_open(client, stack.port);
    http_client_send(client, bytes, strlen(bytes));
    http_client_read(client, &response);
    assert_true(http_client_is_ended(client));
    http_client_close(client);
    free(client);
}

/* The request behind each of them would be answered if its bytes were believed. */
static void test_requests_with_two_ends_are_refused_and_their_connection_ended(void **state)
{
    static const char next[] = "GET /livez HTTP/1.1\r\nHost: t\r\n\r\n";
    static const char *const fields[] = {
        "Host: t\r\nContent-Length: 0\r\nContent-Length: 5\r\n",
        "Host: t\r\nContent-Length: 0\r\nContent-Length: 0\r\n",
        "Host: t\r\nContent-Length: 0\r\n Content-Length: 5\r\n",
        "Host: t\r\nContent-Length: 0\r\nFolded: a\r\n b\r\n",
        "Host: t\r\nContent-Length: 0\nLoose: a\r\n",
        "Host: t\r\nHost: u\r\n",
        "Content-Length: 0\r\n",
    };
    char bytes[512];

    (void)state;
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        snprintf(bytes, sizeof(bytes), "GET /livez HTTP/1.1\r\n%s\r\n%s", fields[i], next);
        ask_raw(bytes);
        assert_error(400, "MALFORMED_REQUEST");
    }
    snprintf(bytes, sizeof(bytes),
             "GET /livez HTTP/1.1\r\nHost: t\r\nContent-Length: 4\r\n"
             "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n%s",
             next);
    ask_raw(bytes);
    assert_error(400, "MALFORMED_REQUEST");
}

static void test_chunked_request_is_the_last_of_its_connection(void **state)
{
    (void)state;
    ask_raw("GET /livez HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n"
            "0\r\n\r\nGET /livez HTTP/1.1\r\nHost: t\r\n\r\n");
    assert_int_equal(response.status, 200);
    assert_true(http_has_field(&response, "connection: close"));
}

static void ask_fields(const char *fields)
{
    struct http_client *client = malloc(sizeof(*client));

    http_client_open(client, stack.port);
    http_client_print(client, "GET /livez HTTP/1.1\r\nHost: t\r\n");
    http_client_send(client, fields, strlen(fields));
    http_client_print(client, "\r\n");
    http_client_read(client, &response);
    http_client_close(client);
    free(client);
}

static void test_large_heads_are_refused(void **state)
{
    static char fields[40000];

    (void)state;
    snprintf(fields, sizeof(fields), "Padding: %033000d\r\n", 0);
    http_ask(stack.port, "GET", "/livez", "", NULL, &response);
    assert_int_equal(response.status, 200);
    ask_fields(fields);
    assert_error(431, "HEADER_TOO_LARGE");
    snprintf(fields, sizeof(fields), "Padding: %032000d\r\n", 0);
    ask_fields(fields);
    assert_int_equal(response.status, 200);
}

static void test_more_than_100_fields_are_refused(void **state)
{
    static char fields[8000];
    size_t length = 0;

    (void)state;
    for (int i = 0; i < 99; i++) /* and Host */
        length += (size_t)snprintf(fields + length, sizeof(fields) - length, "x-%d: v\r\n", i);
    ask_fields(fields);
    assert_int_equal(response.status, 200);
    for (int i = 99; i < 400; i++)
        length += (size_t)snprintf(fields + length, sizeof(fields) - length, "x-%d: v\r\n", i);
    snprintf(fields + length, sizeof(fields) - length, "Content-Length: 5\r\n");
    ask_fields(fields);
    assert_error(431, "HEADER_TOO_LARGE");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_body_over_the_limit_is_refused),
        cmocka_unit_test(test_chunked_body_over_the_limit_is_refused),
        cmocka_unit_test(test_chunked_body_within_the_limit_is_taken),
        cmocka_unit_test(test_library_refusals_have_our_shape),
        cmocka_unit_test(test_requests_with_two_ends_are_refused_and_their_connection_ended),
        cmocka_unit_test(test_chunked_request_is_the_last_of_its_connection),
        cmocka_unit_test(test_large_heads_are_refused),
        cmocka_unit_test(test_more_than_100_fields_are_refused),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
