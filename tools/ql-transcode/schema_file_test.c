/* Descriptor sets from files: what is read, and what is said of those that are none. */
#include "tools/ql-transcode/schema_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct ql_schema *read_bytes(const void *bytes, size_t length, char *error, size_t size)
{
    char path[] = "/tmp/ql-transcode-test-XXXXXX";
    int fd = mkstemp(path);
    struct ql_schema *schema;

    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, length), length);
    close(fd);
    schema = schema_file_read(path, error, size);
    unlink(path);
    return schema;
}

static void test_descriptor_set_is_read(void **state)
{
    char error[256] = "";
    struct ql_schema *schema =
        read_bytes(ql_descriptor_set, ql_descriptor_set_length, error, sizeof(error));

    (void)state;
    assert_string_equal(error, "");
    assert_non_null(ql_schema_message(schema, "questline.user.v1.User"));
    ql_schema_free(schema);
}

static void test_options_that_are_groups_are_passed_over(void **state)
{
    /* file {message_type {name: "M" options {7777 as a group}}} */
    static const char set[] = "\n\x0d"
                              "\x22\x0b\n\x01M\x3a\x06\x8b\xe6\x03\x8c\xe6\x03";
    char error[256] = "";
    struct ql_schema *schema = read_bytes(set, sizeof(set) - 1, error, sizeof(error));

    (void)state;
    assert_string_equal(error, "");
    assert_non_null(ql_schema_message(schema, "M"));
    ql_schema_free(schema);
}

static void test_file_that_is_none_is_reported(void **state)
{
    char error[256] = "";

    (void)state;
    assert_null(schema_file_read("/nonexistent/set", error, sizeof(error)));
    assert_string_equal(error, "No such file or directory");
    assert_null(schema_file_read("/", error, sizeof(error)));
    assert_string_equal(error, "it cannot be read, or is too large");
    assert_null(read_bytes("hello", 5, error, sizeof(error)));
    assert_string_equal(error, "the descriptor set is malformed");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_descriptor_set_is_read),
        cmocka_unit_test(test_options_that_are_groups_are_passed_over),
        cmocka_unit_test(test_file_that_is_none_is_reported),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
