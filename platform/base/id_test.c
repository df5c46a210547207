/* Tests of identifiers. */
#include "platform/base/id.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "platform/base/attributes.h"
#include "platform/base/clock.h"

static void test_new_uuid_is_a_valid_version_7(void **state)
{
    char uuid[QL_UUID_SIZE];

    (void)state;
    for (int i = 0; i < 1000; i++) {
        ql_uuid_new(uuid);
        assert_true(ql_uuid_is_valid(uuid));
        assert_int_equal(uuid[14], '7');
        assert_non_null(strchr("89ab", uuid[19]));
        assert_int_equal(strspn(uuid, "0123456789abcdef-"), 36);
    }
}

static void test_new_uuid_begins_with_the_time(void **state)
{
    int64_t before = ql_unix_ms(), after;
    char uuid[QL_UUID_SIZE], digits[13];
    int64_t inside;

    (void)state;
    ql_uuid_new(uuid);
    after = ql_unix_ms();
    memcpy(digits, uuid, 8);
    memcpy(digits + 8, uuid + 9, 4);
    digits[12] = '\0';
    inside = strtoll(digits, NULL, 16);
    assert_in_range(inside, before, after);
}

static void test_new_uuids_differ(void **state)
{
    static char uuids[500][QL_UUID_SIZE];

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(uuids); i++) {
        ql_uuid_new(uuids[i]);
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(uuids[i], uuids[j]);
    }
}

/* Longer than a thread's block of random bytes, and off its border. */
static void test_random_hex_never_repeats_itself(void **state)
{
    enum { PIECE = 16, PIECES = 400 };
    static char digits[PIECES][PIECE * 2 + 1];

    (void)state;
    ql_random_hex(digits[0], 5);
    for (size_t i = 0; i < PIECES; i++) {
        ql_random_hex(digits[i], PIECE);
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(digits[i], digits[j]);
    }
}

/* More than a thread's block holds, and no byte behind them. */
static void test_random_bytes_fill_what_was_asked_for(void **state)
{
    enum { LENGTH = 1000, PIECE = 8 };
    unsigned char bytes[LENGTH + 1];

    (void)state;
    memset(bytes, 0xa5, sizeof(bytes));
    ql_random_bytes(bytes, 0);
    assert_int_equal(bytes[0], 0xa5);
    ql_random_bytes(bytes, LENGTH);
    assert_int_equal(bytes[LENGTH], 0xa5);
    for (size_t i = 0; i + PIECE <= LENGTH; i += PIECE)
        for (size_t j = 0; j < i; j += PIECE)
            assert_memory_not_equal(bytes + i, bytes + j, PIECE);
}

static void *uuid_in_thread(void *uuid)
{
    ql_uuid_new(uuid);
    return NULL;
}

static void test_new_uuids_of_threads_differ(void **state)
{
    enum { THREADS = 16 };
    static char uuids[THREADS][QL_UUID_SIZE];
    pthread_t threads[THREADS];

    (void)state;
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, uuid_in_thread, uuids[i]), 0);
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    for (size_t i = 0; i < THREADS; i++)
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(uuids[i] + 19, uuids[j] + 19); /* the random end */
}

static void test_derived_uuid_never_changes(void **state)
{
    static const char *const parts[] = {"claim", "abc"};
    char uuid[QL_UUID_SIZE];

    (void)state;
    ql_uuid_derive(uuid, parts, 2);
    /* SHA-256 of 0x0000000000000005 "claim" 0x0000000000000003 "abc" */
    assert_string_equal(uuid, "5ebd49cb-e8a7-87a3-85ab-18c920709c29");
    assert_true(ql_uuid_is_valid(uuid));
}

static void test_only_derived_uuids_are_recognised(void **state)
{
    const char *const parts[] = {"completion", "1"};
    char uuid[QL_UUID_SIZE];

    (void)state;
    ql_uuid_derive(uuid, parts, 2);
    assert_true(ql_uuid_is_derived(uuid));
    ql_uuid_new(uuid);
    assert_false(ql_uuid_is_derived(uuid));
    assert_false(ql_uuid_is_derived("xxxxxxxx-xxxx-8xxx-xxxx-xxxxxxxxxxxx"));
}

static void test_derived_uuid_depends_on_where_parts_end(void **state)
{
    static const char *const one[] = {"ab", "c"}, *const two[] = {"a", "bc"},
                             *const three[] = {"abc"}, *const four[] = {"ab", "c", ""};
    char a[QL_UUID_SIZE], b[QL_UUID_SIZE], c[QL_UUID_SIZE], d[QL_UUID_SIZE];

    (void)state;
    ql_uuid_derive(a, one, 2);
    ql_uuid_derive(b, two, 2);
    ql_uuid_derive(c, three, 1);
    ql_uuid_derive(d, four, 3);
    assert_string_not_equal(a, b);
    assert_string_not_equal(a, c);
    assert_string_not_equal(b, c);
    assert_string_not_equal(a, d);
}

static void test_only_36_characters_of_a_uuid_are_valid(void **state)
{
    static const char *const good[] = {
        "01890a5d-ac96-774b-bcce-b302099a8057",
        "01890A5D-AC96-774B-BCCE-B302099A8057",
        "00000000-0000-0000-0000-000000000000",
    };
    static const char *const bad[] = {
        "",
        "01890a5d-ac96-774b-bcce-b302099a805",
        "01890a5d-ac96-774b-bcce-b302099a80577",
        "01890a5dac96774bbcceb302099a8057",
        "01890a5d-ac96-774b-bcce-b302099a805g",
        "01890a5d_ac96-774b-bcce-b302099a8057",
        "0-890a5d-ac96-774b-bcce-b302099a8057",
        "{01890a5d-ac96-774b-bcce-b302099a80}",
    };

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(good); i++)
        assert_true(ql_uuid_is_valid(good[i]));
    for (size_t i = 0; i < QL_ARRAY_LENGTH(bad); i++)
        assert_false(ql_uuid_is_valid(bad[i]));
    assert_false(ql_uuid_is_valid(NULL));
}

static void test_random_hex_fills_exactly_what_was_asked(void **state)
{
    char first[202], second[202];

    (void)state;
    memset(first, 'x', sizeof(first));
    ql_random_hex(first, 100);
    ql_random_hex(second, 100);
    assert_int_equal(strspn(first, "0123456789abcdef"), 200);
    assert_int_equal(first[200], '\0');
    assert_int_equal(first[201], 'x');
    assert_string_not_equal(first, second);
    ql_random_hex(first, 0);
    assert_string_equal(first, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_new_uuid_is_a_valid_version_7),
        cmocka_unit_test(test_new_uuid_begins_with_the_time),
        cmocka_unit_test(test_new_uuids_differ),
        cmocka_unit_test(test_random_hex_never_repeats_itself),
        cmocka_unit_test(test_random_bytes_fill_what_was_asked_for),
        cmocka_unit_test(test_new_uuids_of_threads_differ),
        cmocka_unit_test(test_derived_uuid_never_changes),
        cmocka_unit_test(test_only_derived_uuids_are_recognised),
        cmocka_unit_test(test_derived_uuid_depends_on_where_parts_end),
        cmocka_unit_test(test_only_36_characters_of_a_uuid_are_valid),
        cmocka_unit_test(test_random_hex_fills_exactly_what_was_asked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
