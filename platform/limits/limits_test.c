/* Tests of limits per client: what one client may hold, the windows, a full table,
 * the log, and threads that take and give at once. */
#include "platform/limits/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdatomic.h>

#include "platform/base/clock.h"
#include "platform/base/log.h"
#include "platform/limits/limit_table.h"

enum { MAX = 3, WINDOW_MS = 100, THREADS = 8, TURNS = 20000, MORE_THAN_PLACES = 80 * 1000 };

static struct ql_limits *limits;

static int set_up(void **state)
{
    struct ql_limits_settings settings = {0};

    (void)state;
    for (int i = 0; i < QL_LIMITS; i++)
        settings.max[i] = MAX;
    settings.window_ms[QL_LIMIT_BAD_TOKENS] = WINDOW_MS;
    limits = ql_limits_new(&settings);
    ql_log_setup("test", QL_LOG_ERROR);
    return limits != NULL ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    ql_limits_free(limits);
    return 0;
}

static struct ql_client at(const char *address)
{
    struct ql_client client;

    ql_client_of_address(limits, address, &client);
    return client;
}

static bool take(enum ql_limit limit, const struct ql_client *client)
{
    return ql_client_limit_take(limits, limit, client, 1);
}

static void test_a_client_holds_what_its_limit_allows_and_no_more(void **state)
{
    const struct ql_client one = at("192.0.2.1"), other = at("192.0.2.2");

    (void)state;
    for (int i = 0; i < MAX; i++)
        assert_true(take(QL_LIMIT_HASHES, &one));
    assert_false(take(QL_LIMIT_HASHES, &one));
    assert_true(ql_client_limit_is_reached(limits, QL_LIMIT_HASHES, &one));
    assert_true(take(QL_LIMIT_REQUESTS, &one));
    assert_true(take(QL_LIMIT_HASHES, &other));
    assert_false(ql_client_limit_is_reached(limits, QL_LIMIT_HASHES, &other));
    ql_client_limit_give(limits, QL_LIMIT_HASHES, &one, 1);
    assert_true(take(QL_LIMIT_HASHES, &one));
    ql_client_limit_give(limits, QL_LIMIT_HASHES, &one, MAX);
    assert_int_equal(ql_client_limit_held(limits, QL_LIMIT_HASHES, &one), 0);
    assert_int_equal(ql_client_limit_held(limits, QL_LIMIT_HASHES, &other), 1);
}

static void test_an_amount_is_taken_whole_or_not_at_all(void **state)
{
    const struct ql_client client = at("192.0.2.1");

    (void)state;
    assert_false(ql_client_limit_take(limits, QL_LIMIT_HELD_BYTES, &client, MAX + 1));
    assert_true(ql_client_limit_take(limits, QL_LIMIT_HELD_BYTES, &client, MAX - 1));
    assert_false(ql_client_limit_take(limits, QL_LIMIT_HELD_BYTES, &client, 2));
    assert_true(ql_client_limit_take(limits, QL_LIMIT_HELD_BYTES, &client, 0));
    assert_int_equal(ql_client_limit_held(limits, QL_LIMIT_HELD_BYTES, &client), MAX - 1);
    assert_false(ql_client_limit_take(limits, QL_LIMIT_HELD_BYTES, &client, INT64_MAX));
}

static void test_a_network_or_an_account_is_one_client(void **state)
{
    const struct ql_client here = at("2001:db8:1:2::3"), there = at("2001:db8:1:2:ffff::1");
    const struct ql_client elsewhere = at("2001:db8:1:3::3");
    const struct ql_client four = at("192.0.2.1"), mapped = at("::ffff:192.0.2.1");
    const struct ql_client none = at(NULL), unknown = at("no address");
    struct ql_client account;

    (void)state;
    ql_client_of_account(limits, "192.0.2.1", &account);
    assert_memory_equal(here.key, there.key, sizeof(here.key));
    assert_memory_not_equal(here.key, elsewhere.key, sizeof(here.key));
    assert_memory_equal(four.key, mapped.key, sizeof(four.key));
    assert_memory_equal(none.key, unknown.key, sizeof(none.key));
    assert_memory_not_equal(four.key, account.key, sizeof(four.key));
    assert_string_equal(account.shown, "192.0.2.1");
    assert_true(take(QL_LIMIT_ACCOUNT_HASHES, &account));
}

static void test_a_window_ends_by_itself(void **state)
{
    const struct ql_client client = at("192.0.2.1");
    int64_t began_ms = ql_monotonic_ms();

    (void)state;
    for (int i = 0; i < MAX; i++)
        assert_true(take(QL_LIMIT_BAD_TOKENS, &client));
    while (ql_client_limit_is_reached(limits, QL_LIMIT_BAD_TOKENS, &client))
        (void)ql_sleep_ms(1, NULL);
    assert_true(ql_monotonic_ms() - began_ms >= WINDOW_MS);
    assert_int_equal(ql_client_limit_held(limits, QL_LIMIT_BAD_TOKENS, &client), 0);
    assert_true(take(QL_LIMIT_BAD_TOKENS, &client));
    assert_int_equal(ql_client_limit_held(limits, QL_LIMIT_BAD_TOKENS, &client), 1);
}

static void client_number(int i, struct ql_client *ret_client)
{
    char address[QL_NETWORK_SIZE];

    snprintf(address, sizeof(address), "2001:db8:%x:%x::1", (unsigned)i >> 16,
             (unsigned)i & 0xffff);
    ql_client_of_address(limits, address, ret_client);
}

/* Beyond the last place nobody escapes, and nothing that was taken is lost. */
static void test_clients_beyond_a_full_table_share_one_count(void **state)
{
    char *is_taken = calloc(MORE_THAN_PLACES, 1);
    struct ql_client client;
    int n_taken = 0;

    (void)state;
    assert_non_null(is_taken);
    for (int i = 0; i < MORE_THAN_PLACES; i++) {
        client_number(i, &client);
        is_taken[i] = take(QL_LIMIT_CONNECTIONS, &client);
        n_taken += is_taken[i];
    }
    assert_in_range(n_taken, 60 * 1000, 65536 + 64 * MAX);
    for (int i = 0; i < MORE_THAN_PLACES; i++) {
        client_number(i, &client);
        if (is_taken[i])
            ql_client_limit_give(limits, QL_LIMIT_CONNECTIONS, &client, 1);
    }
    /* All of it was given back: each client can hold its own maximum again. */
    for (int i = 0; i < MORE_THAN_PLACES; i += 7) {
        client_number(i, &client);
        for (int n = 0; n < MAX; n++)
            assert_true(take(QL_LIMIT_CONNECTIONS, &client));
        assert_false(take(QL_LIMIT_CONNECTIONS, &client));
        ql_client_limit_give(limits, QL_LIMIT_CONNECTIONS, &client, MAX);
    }
    free(is_taken);
}

/* What the log got since it was redirected; the caller frees it. */
static char *log_read(FILE *log)
{
    char *text;
    long length;

    fseek(log, 0, SEEK_END);
    length = ftell(log);
    rewind(log);
    text = calloc(1, (size_t)length + 1);
    assert_non_null(text);
    assert_int_equal(fread(text, 1, (size_t)length, log), length);
    return text;
}

static int count(const char *text, const char *part)
{
    int n = 0;

    for (; (text = strstr(text, part)) != NULL; text++)
        n++;
    return n;
}

static void test_the_log_has_one_line_for_each_client_and_limit(void **state)
{
    const struct ql_client one = at("192.0.2.1"), other = at("192.0.2.2");
    FILE *log = tmpfile();
    char *text;

    (void)state;
    assert_non_null(log);
    ql_log_setup("test", QL_LOG_WARN);
    ql_log_redirect(fileno(log));
    for (int i = 0; i < MAX; i++) {
        assert_true(take(QL_LIMIT_HASHES, &one));
        assert_true(take(QL_LIMIT_HASHES, &other));
    }
    for (int i = 0; i < 1000; i++) {
        assert_false(take(QL_LIMIT_HASHES, &one));
        ql_client_limit_give(limits, QL_LIMIT_HASHES, &one, MAX);
        for (int n = 0; n < MAX; n++)
            assert_true(take(QL_LIMIT_HASHES, &one));
    }
    assert_false(take(QL_LIMIT_HASHES, &other));
    ql_log_redirect(STDERR_FILENO);
    text = log_read(log);
    assert_int_equal(count(text, "\n"), 2);
    assert_int_equal(count(text, "\"event\":\"limit reached\",\"limit\":\"hashes\""), 2);
    assert_int_equal(count(text, "\"address\":\"192.0.2.1\",\"max\":3"), 1);
    assert_int_equal(count(text, "\"address\":\"192.0.2.2\",\"max\":3"), 1);
    assert_int_equal(count(text, "\"setting\":\"QL_MAX_HASHES_PER_ADDRESS\",\"refused\":1"), 2);
    free(text);
    fclose(log);
}

/* A flood from many addresses must not become a flood of lines. */
static void test_the_log_has_a_few_lines_of_many_clients(void **state)
{
    FILE *log = tmpfile();
    char *text;

    (void)state;
    assert_non_null(log);
    ql_log_setup("test", QL_LOG_WARN);
    ql_log_redirect(fileno(log));
    for (int i = 0; i < 1000; i++) {
        struct ql_client client;

        client_number(i, &client);
        assert_false(ql_client_limit_take(limits, QL_LIMIT_HASHES, &client, MAX + 1));
    }
    ql_log_redirect(STDERR_FILENO);
    text = log_read(log);
    assert_in_range(count(text, "\n"), 1, 200);
    free(text);
    fclose(log);
}

static atomic_int n_held, n_most;

static void *take_and_give(void *argument)
{
    const struct ql_client shared = at("192.0.2.1");
    struct ql_client own;

    client_number((int)(intptr_t)argument, &own);
    for (int i = 0; i < TURNS; i++) {
        if (ql_client_limit_take(limits, QL_LIMIT_PIPES, &shared, 1)) {
            int n = atomic_fetch_add(&n_held, 1) + 1, most = atomic_load(&n_most);

            while (n > most && !atomic_compare_exchange_weak(&n_most, &most, n)) {
            }
            atomic_fetch_sub(&n_held, 1);
            ql_client_limit_give(limits, QL_LIMIT_PIPES, &shared, 1);
        }
        assert_true(ql_client_limit_take(limits, QL_LIMIT_PIPES, &own, 1));
        ql_client_limit_give(limits, QL_LIMIT_PIPES, &own, 1);
    }
    return NULL;
}

static void test_threads_together_hold_no_more_than_the_limit(void **state)
{
    const struct ql_client shared = at("192.0.2.1");
    pthread_t threads[THREADS];

    (void)state;
    for (intptr_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, take_and_give, (void *)i), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    assert_in_range(atomic_load(&n_most), 1, MAX);
    assert_int_equal(ql_client_limit_held(limits, QL_LIMIT_PIPES, &shared), 0);
}

static void test_each_limit_has_a_name_a_setting_and_a_default(void **state)
{
    struct ql_limits *defaults = ql_limits_new(NULL);

    (void)state;
    assert_non_null(defaults);
    for (int i = 0; i < QL_LIMITS; i++) {
        const struct ql_setting *setting = qli_limit_setting((enum ql_limit)i);
        bool is_of_account = strstr(setting->key, "_PER_ACCOUNT") != NULL;

        assert_non_null(qli_limit_table[i].name);
        assert_int_equal(is_of_account, qli_limit_table[i].is_of_account);
        assert_in_range(ql_limit_max(defaults, (enum ql_limit)i), setting->min, setting->max);
        assert_int_equal(ql_limit_max(limits, (enum ql_limit)i), MAX);
    }
    ql_limits_free(defaults);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_client_holds_what_its_limit_allows_and_no_more,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_an_amount_is_taken_whole_or_not_at_all, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_a_network_or_an_account_is_one_client, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_a_window_ends_by_itself, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_clients_beyond_a_full_table_share_one_count, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_the_log_has_one_line_for_each_client_and_limit, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_the_log_has_a_few_lines_of_many_clients, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_threads_together_hold_no_more_than_the_limit, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_each_limit_has_a_name_a_setting_and_a_default, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
