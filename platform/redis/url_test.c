/* What a redis:// URL may say. */
#include "platform/redis/url.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "platform/base/attributes.h"
#include "platform/redis/redis.h"

static void assert_text(const char *actual, const char *expected)
{
    if (expected == NULL)
        assert_null(actual);
    else
        assert_string_equal(actual, expected);
}

static void test_parts_of_a_url_are_found(void **state)
{
    static const struct {
        const char *url, *host, *port, *user, *password;
        int database;
    } cases[] = {
        {"redis://127.0.0.1", "127.0.0.1", "6379", NULL, NULL, 0},
        {"redis://cache.local:7000/", "cache.local", "7000", NULL, NULL, 0},
        {"redis://:pw@h/3", "h", "6379", NULL, "pw", 3},
        {"redis://me:pw@h:1/15", "h", "1", "me", "pw", 15},
        {"redis://me:a:b@h", "h", "6379", "me", "a:b", 0},
        {"redis://:a@b@h", "h", "6379", NULL, "a@b", 0},
        {"redis://:p%40%2f%25%3A@h", "h", "6379", NULL, "p@/%:", 0},
        {"redis://[::1]:6380/1", "::1", "6380", NULL, NULL, 1},
        {"redis://:pw@[fe80::1]", "fe80::1", "6379", NULL, "pw", 0},
    };

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(cases); i++) {
        struct qli_redis_address address;

        assert_null(qli_redis_address_parse(cases[i].url, &address));
        assert_text(address.host, cases[i].host);
        assert_text(address.port, cases[i].port);
        assert_text(address.user, cases[i].user);
        assert_text(address.password, cases[i].password);
        assert_int_equal(address.database, cases[i].database);
        qli_redis_address_done(&address);
    }
}

static void test_broken_urls_are_refused_without_repeating_them(void **state)
{
    static const char *const urls[] = {
        "",
        "localhost:6379",
        "http://h",
        "rediss://:hunter2@h",
        "redis://",
        "redis://:hunter2@",
        "redis://hunter2@h",
        "redis://me:@h",
        "redis://:hunter2%4@h",
        "redis://:hunter2%00@h",
        "redis://:hunter2%zz@h",
        "redis://h:",
        "redis://h:0",
        "redis://h:65536",
        "redis://h:123456",
        "redis://h:12a",
        "redis://h:-1",
        "redis://::1",
        "redis://[::1",
        "redis://[::1]x",
        "redis://[]",
        "redis://h/one",
        "redis://h/-1",
        "redis://h/1/2",
        "redis://h/10000",
        "redis://:hunter2@h?db=1",
        "redis://h#1",
    };
    char long_url[4096] = "redis://";

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(urls); i++) {
        const struct ql_redis_options options = {.url = urls[i]};

        assert_non_null(ql_redis_url_fault(urls[i]));
        assert_null(strstr(ql_redis_url_fault(urls[i]), "hunter2"));
        assert_null(ql_redis_new(&options));
    }
    memset(long_url + 8, 'h', sizeof(long_url) - 9);
    assert_non_null(ql_redis_url_fault(long_url));
    assert_null(ql_redis_url_fault("redis://:hunter2@127.0.0.1:6379/0"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parts_of_a_url_are_found),
        cmocka_unit_test(test_broken_urls_are_refused_without_repeating_them),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
