/* Tests of the second look at heads: what is let through, what is not. */
#include "gateway/framing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "platform/base/attributes.h"

#define GET  "GET /x HTTP/1.1\r\n"
#define HOST "host: a\r\n"

static struct framing read_text(const char *text)
{
    /* Without a NUL behind it, so that a read beyond the end is seen. */
    size_t length = strlen(text);
    char *copy = malloc(length);
    struct framing framing;
    bool is_good;

    assert_non_null(copy);
    memcpy(copy, text, length);
    is_good = framing_read(copy, length, &framing);
    assert_int_equal(is_good, framing.fault == NULL);
    free(copy);
    return framing;
}

static void test_well_formed_heads_pass(void **state)
{
    static const char *const heads[] = {
        GET HOST "\r\n",
        "\r\n" GET HOST "\r\n",
        GET "HoSt: a:80\r\nContent-Length: 12\r\n\r\n{}",
        GET "Host:\r\ncontent-length:\t0 \r\n\r\n",
        GET "Host: [::1]:8000\r\nTransfer-Encoding: Chunked\r\n\r\n",
        GET HOST "a:\r\nb: c:d\r\nx-content-length: 1\r\nx-content-length: 2\r\n\r\n",
        "GET / HTTP/1.0\r\n\r\n",
        "GET / HTTP/1.0\r\ncontent-length: 3\r\n\r\nabc",
    };

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(heads); i++)
        if (read_text(heads[i]).fault != NULL)
            fail_msg("%s: %s", heads[i], read_text(heads[i]).fault);
}

static void test_heads_that_smuggle_are_refused(void **state)
{
    static const char *const heads[] = {
        GET HOST "content-length: 1\r\ncontent-length: 2\r\n\r\n",
        GET HOST "content-length: 1\r\ncontent-length: 1\r\n\r\n",
        GET HOST "content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n",
        GET HOST "transfer-encoding: chunked\r\ncontent-length: 1\r\n\r\n",
        GET HOST "transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n",
        GET HOST "transfer-encoding: identity\r\ntransfer-encoding: chunked\r\n\r\n",
        GET HOST "transfer-encoding: chunked, identity\r\n\r\n",
        GET HOST "transfer-encoding: identity\r\n\r\n",
        GET HOST "transfer-encoding: \"chunked\"\r\n\r\n",
        GET HOST "content-length: +1\r\n\r\n",
        GET HOST "content-length: 1, 1\r\n\r\n",
        GET HOST "content-length: 0x1\r\n\r\n",
        GET HOST "content-length:\r\n\r\n",
        GET HOST "content-length: 1234567890123456789\r\n\r\n",
        GET HOST "content-length : 1\r\n\r\n",
        GET HOST " content-length: 1\r\n\r\n",
        GET HOST "a: b\r\n\tc\r\n\r\n",
        GET HOST "a\r\n\r\n",
        GET HOST ": a\r\n\r\n",
        GET HOST "a: b\n\r\n",
        GET HOST "a: b\r\n\n",
        "GET /x HTTP/1.1\n" HOST "\r\n",
        "\n" GET HOST "\r\n",
        GET "\r\n",
        GET HOST HOST "\r\n",
        GET "host: a b\r\n\r\n",
        GET "host: a, b\r\n\r\n",
        GET "host: a/b\r\n\r\n",
        GET "host: u@a\r\n\r\n",
        "GET / HTTP/1.0\r\ntransfer-encoding: chunked\r\n\r\n",
    };

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(heads); i++)
        if (read_text(heads[i]).fault == NULL)
            fail_msg("passed: %s", heads[i]);
}

static void test_length_and_coding_are_read(void **state)
{
    struct framing framing = read_text(GET HOST "transfer-encoding: chunked\r\n\r\n0\r\n\r\n");

    (void)state;
    assert_true(framing.is_chunked);
    assert_int_equal(framing.head_length, strlen(GET HOST "transfer-encoding: chunked\r\n\r\n"));
    framing = read_text("\r\n" GET HOST "\r\nGET /y");
    assert_false(framing.is_chunked);
    assert_int_equal(framing.head_length, strlen("\r\n" GET HOST "\r\n"));
}

static void test_every_cut_of_a_head_is_refused(void **state)
{
    static const char head[] = GET HOST "content-length: 5\r\n\r\n";
    struct framing framing;

    (void)state;
    for (size_t length = 0; length < sizeof(head) - 1; length++) {
        char *copy = malloc(length + 1);

        assert_non_null(copy);
        memcpy(copy, head, length);
        assert_false(framing_read(copy, length, &framing));
        free(copy);
    }
    assert_true(framing_read(head, sizeof(head) - 1, &framing));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_well_formed_heads_pass),
        cmocka_unit_test(test_heads_that_smuggle_are_refused),
        cmocka_unit_test(test_length_and_coding_are_read),
        cmocka_unit_test(test_every_cut_of_a_head_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
