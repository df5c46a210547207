/* Secrets that production takes, and those that it does not. */
#include "platform/process/secret.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "platform/base/attributes.h"

static void test_weak_secrets_are_found_wherever_they_stand(void **state)
{
    static const char *const weak[] = {
        "amqp://guest:guest@broker:5672/%2f",
        "amqps://guest:guest@broker",
        "amqp://broker:5672",
        "amqp://questline@broker",
        "postgres://postgres:postgres@db/questline",
        "postgresql://questline:Changeme123@db:5432/questline",
        "postgresql://questline:change-me-2024!@db/questline",
        "postgresql://a_long_name_of_one:a_long_name_of_one@db/questline",
        "postgresql://questline:%63hangeme@db/questline",
        "postgresql://questline@db/questline?password=short",
        "postgresql://db/questline?sslmode=require&user=u&password=Password1234",
        "postgresql://questline:kq3Xw9zTb7L@db/questline", /* eleven */
        "postgresql://questline:abababababababab@db/questline",
        "postgresql://questline:1a2b@3c4d@db/questline",
        "host=db user=questline password=postgres dbname=questline",
        "host=db user=questline password='changeme' dbname=questline",
        "redis://cache:6379/0",
        "redis://:foobared@cache:6379/0",
        "redis://127.0.0.1.example:6379",
        "Changeme123",
        "hunter2",
        "",
    };

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(weak); i++)
        if (qli_secret_fault(weak[i]) == NULL)
            fail_msg("taken: %s", weak[i]);
}

static void test_good_secrets_are_taken(void **state)
{
    static const char *const good[] = {
        "amqp://user:f3a9c41be02d77a8@broker:5672/%2f",
        "postgresql://ql_user:6bd1f0c2a94e7735@/questline_user?host=/run/postgresql",
        "postgresql://ql_user@/questline_user?host=/run/postgresql", /* by the socket's account */
        "postgresql://ql_user@db/questline?sslcert=user.pem&sslkey=user.key",
        "postgresql://ql_user@db/questline?password=6bd1f0c2a94e7735",
        "host=db user=ql_user password=6bd1f0c2a94e7735",
        "host=/run/postgresql user=ql_user",
        "postgres://u:k1tChen-table@host/db",
        "postgres://u:correct%20horse%20battery@host/db",
        "redis://:6bd1f0c2a94e7735@cache:6379/0",
        "redis://127.0.0.1:6379/0",
        "redis://localhost:6379/0",
        "rediss://[::1]:6379/0",
        "d2f8a1c09b7e4455",
    };

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(good); i++)
        if (qli_secret_fault(good[i]) != NULL)
            fail_msg("%s: %s", good[i], qli_secret_fault(good[i]));
}

static void test_file_that_others_read_or_write_is_found(void **state)
{
    static const struct {
        mode_t permissions;
        bool is_good;
    } cases[] = {{0644, false}, {0604, false}, {0602, false}, {0660, false},
                 {0640, true},  {0600, true},  {0400, true}};
    char path[] = "/tmp/ql_secret_XXXXXX";
    int fd = mkstemp(path);

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(cases); i++) {
        assert_int_equal(fchmod(fd, cases[i].permissions), 0);
        assert_int_equal(qli_secret_file_fault(path) == NULL, cases[i].is_good);
    }
    close(fd);
    unlink(path);
    assert_null(qli_secret_file_fault(path)); /* that there is none is for its reader to say */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_weak_secrets_are_found_wherever_they_stand),
        cmocka_unit_test(test_good_secrets_are_taken),
        cmocka_unit_test(test_file_that_others_read_or_write_is_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
