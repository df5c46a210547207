/* Tests of shared bodies: forms, validators, and the end with the last user. */
#include "gateway/document.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <zlib.h>

enum { LENGTH = 100 * 1000, GZIP_WINDOW = 15 + 16 };

static char *make_text(void)
{
    char *text = malloc(LENGTH);

    assert_non_null(text);
    for (size_t i = 0; i < LENGTH; i++)
        text[i] = "{\"name\": 1234}"[i % 14];
    return text;
}

static void test_the_gzip_form_is_smaller_and_the_same_text(void **state)
{
    char *text = make_text(), *back = malloc(LENGTH + 1);
    struct document *document = document_new(text, LENGTH);
    const struct document_form *plain = document_form(document, false);
    const struct document_form *gzip = document_form(document, true);
    z_stream stream = {0};

    (void)state;
    assert_non_null(back);
    assert_int_equal(plain->length, LENGTH);
    assert_memory_equal(plain->bytes, text, LENGTH);
    assert_null(plain->coding);
    assert_string_equal(gzip->coding, "gzip");
    assert_true(gzip->length < LENGTH / 10);
    assert_string_not_equal(plain->etag, gzip->etag);
    assert_int_equal(inflateInit2(&stream, GZIP_WINDOW), Z_OK);
    stream.next_in = (unsigned char *)(uintptr_t)gzip->bytes;
    stream.avail_in = (unsigned)gzip->length;
    stream.next_out = (unsigned char *)back;
    stream.avail_out = LENGTH + 1;
    assert_int_equal(inflate(&stream, Z_FINISH), Z_STREAM_END);
    assert_int_equal(stream.total_out, LENGTH);
    assert_memory_equal(back, text, LENGTH);
    (void)inflateEnd(&stream);
    document_release(document);
    free(text);
    free(back);
}

static void test_the_validator_is_the_text_s(void **state)
{
    char *text = make_text();
    struct document *one = document_new(text, LENGTH), *same = document_new(text, LENGTH);
    struct document *other;

    (void)state;
    text[LENGTH / 2] = '!';
    other = document_new(text, LENGTH);
    for (int gzip = 0; gzip < 2; gzip++) {
        const char *etag = document_form(one, gzip)->etag;

        assert_string_equal(etag, document_form(same, gzip)->etag);
        assert_string_not_equal(etag, document_form(other, gzip)->etag);
    }
    document_release(one);
    document_release(same);
    document_release(other);
    free(text);
}

static void test_a_short_text_has_no_gzip_form(void **state)
{
    struct document *document = document_new("{}", 2);

    (void)state;
    assert_null(document_form(document, true)->coding);
    assert_memory_equal(document_form(document, true)->bytes, "{}", 2);
    document_release(document);
}

static void test_a_document_lives_until_its_last_user_goes(void **state)
{
    struct document *document = document_new("{}", 2);

    (void)state;
    assert_ptr_equal(document_use(document), document);
    document_release(document);
    assert_memory_equal(document_form(document, false)->bytes, "{}", 2);
    document_release(document);
    document_release(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_gzip_form_is_smaller_and_the_same_text),
        cmocka_unit_test(test_the_validator_is_the_text_s),
        cmocka_unit_test(test_a_short_text_has_no_gzip_form),
        cmocka_unit_test(test_a_document_lives_until_its_last_user_goes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
