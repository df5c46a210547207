/* Tests of the metrics registry. Slots live as long as the process, so every
 * test has metrics of its own. */
#include "platform/base/metrics.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void assert_exposed(const char *text, bool expected)
{
    QL_CLEANUP(ql_buffer_done) struct ql_buffer out;

    ql_buffer_init(&out, 1 << 20);
    ql_metrics_expose(&out);
    ql_buffer_append_byte(&out, '\n'); /* with nothing registered there would be no data */
    assert_false(out.failed);
    if ((strstr(out.data, text) != NULL) != expected)
        fail_msg("%s: %s in\n%s", text, expected ? "not" : "wrongly", out.data);
}

static void test_counter_counts_per_label_value(void **state)
{
    static struct ql_metric metric = {
        .kind = QL_METRIC_COUNTER, .name = "t_calls_total", .help = "Calls.", .label = "method"};

    (void)state;
    assert_int_equal(ql_metric_value(&metric, "Get"), 0);
    ql_metric_add(&metric, "Get", 1);
    ql_metric_add(&metric, "Get", 2);
    ql_metric_add(&metric, "List", 5);
    assert_int_equal(ql_metric_value(&metric, "Get"), 3);
    assert_int_equal(ql_metric_value(&metric, "List"), 5);
    assert_int_equal(ql_metric_value(&metric, "Create"), 0);
    assert_int_equal(ql_metric_value(&metric, "other"), 0);
}

static void test_registered_metric_is_exposed_once(void **state)
{
    static struct ql_metric metrics[] = {
        {.kind = QL_METRIC_GAUGE, .name = "t_open", .help = "Open \\ things\nnow."},
        {.kind = QL_METRIC_COUNTER, .name = "t_seen_total", .help = "Seen.", .label = "kind"},
    };
    QL_CLEANUP(ql_buffer_done) struct ql_buffer out;
    const char *first;

    (void)state;
    assert_exposed("t_open", false);
    ql_metrics_register(metrics, 2);
    ql_metrics_register(metrics, 2);
    assert_exposed("# HELP t_open Open \\\\ things\\nnow.\n# TYPE t_open gauge\nt_open 0\n", true);
    assert_exposed("# TYPE t_seen_total counter\n", true);
    assert_exposed("t_seen_total{", false);
    ql_metric_set(&metrics[0], NULL, -7);
    ql_metric_add(&metrics[1], "say \"hi\" \\", 2);
    assert_exposed("\nt_open -7\n", true);
    assert_exposed("\nt_seen_total{kind=\"say \\\"hi\\\" \\\\\"} 2\n", true);
    ql_buffer_init(&out, 1 << 20);
    ql_metrics_expose(&out);
    first = strstr(out.data, "# TYPE t_open ");
    assert_non_null(first);
    assert_null(strstr(first + 1, "# TYPE t_open "));
}

static void test_values_past_the_bound_count_as_other(void **state)
{
    static struct ql_metric metric = {
        .kind = QL_METRIC_COUNTER, .name = "t_many_total", .help = "Many.", .label = "path"};
    char value[16];

    (void)state;
    ql_metrics_register(&metric, 1);
    for (int i = 0; i < 100; i++) {
        snprintf(value, sizeof(value), "v%d", i);
        ql_metric_add(&metric, value, 1);
    }
    ql_metric_add(&metric, "v63", 1);
    assert_int_equal(ql_metric_value(&metric, "v0"), 1);
    assert_int_equal(ql_metric_value(&metric, "v63"), 2);
    assert_int_equal(ql_metric_value(&metric, "v64"), 0);
    assert_int_equal(ql_metric_value(&metric, "other"), 36);
    assert_exposed("t_many_total{path=\"other\"} 36\n", true);
}

static void test_values_of_strangers_count_as_other(void **state)
{
    static struct ql_metric metric = {
        .kind = QL_METRIC_COUNTER, .name = "t_odd_total", .help = "Odd.", .label = "path"};
    char longest[130];

    (void)state;
    memset(longest, 'x', 129);
    longest[129] = '\0';
    ql_metric_add(&metric, longest, 1);
    ql_metric_add(&metric, "a\nb", 1);
    ql_metric_add(&metric, "caf\xc3\xa9", 1);
    ql_metric_add(&metric, "", 1);
    ql_metric_add(&metric, NULL, 1);
    ql_metric_add(&metric, "other", 1);
    assert_int_equal(ql_metric_value(&metric, "other"), 6);
    longest[128] = '\0';
    ql_metric_add(&metric, longest, 1);
    assert_int_equal(ql_metric_value(&metric, longest), 1);
}

static void test_histogram_buckets_are_cumulative(void **state)
{
    static struct ql_metric metric = {
        .kind = QL_METRIC_HISTOGRAM_MS, .name = "t_wait_ms", .help = "Waits.", .label = "queue"};

    (void)state;
    ql_metrics_register(&metric, 1);
    ql_metric_observe_ms(&metric, "a", 0);
    ql_metric_observe_ms(&metric, "a", 2);
    ql_metric_observe_ms(&metric, "a", 3);
    ql_metric_observe_ms(&metric, "a", 10000);
    ql_metric_observe_ms(&metric, "a", 10001);
    assert_int_equal(ql_metric_value(&metric, "a"), 5);
    assert_exposed("# TYPE t_wait_ms histogram\n"
                   "t_wait_ms_bucket{queue=\"a\",le=\"1\"} 1\n"
                   "t_wait_ms_bucket{queue=\"a\",le=\"2\"} 2\n"
                   "t_wait_ms_bucket{queue=\"a\",le=\"5\"} 3\n",
                   true);
    assert_exposed("t_wait_ms_bucket{queue=\"a\",le=\"10000\"} 4\n"
                   "t_wait_ms_bucket{queue=\"a\",le=\"+Inf\"} 5\n"
                   "t_wait_ms_sum{queue=\"a\"} 20006\n"
                   "t_wait_ms_count{queue=\"a\"} 5\n",
                   true);
}

static void test_histogram_without_label_has_only_bounds(void **state)
{
    static struct ql_metric metric = {
        .kind = QL_METRIC_HISTOGRAM_MS, .name = "t_plain_ms", .help = "Plain."};

    (void)state;
    ql_metrics_register(&metric, 1);
    ql_metric_observe_ms(&metric, NULL, 700);
    assert_int_equal(ql_metric_value(&metric, NULL), 1);
    assert_exposed("t_plain_ms_bucket{le=\"500\"} 0\nt_plain_ms_bucket{le=\"1000\"} 1\n", true);
    assert_exposed("t_plain_ms_sum 700\nt_plain_ms_count 1\n", true);
}

enum { N_THREADS = 4, N_ROUNDS = 200, N_VALUES = 20 };

static void *count_together(void *argument)
{
    struct ql_metric *metric = argument;

    for (int i = 0; i < N_ROUNDS; i++) {
        for (int j = 0; j < N_VALUES; j++) {
            char value[16];

            snprintf(value, sizeof(value), "v%d", j);
            ql_metric_add(metric, value, 1);
        }
    }
    return NULL;
}

static void test_threads_lose_no_count(void **state)
{
    static struct ql_metric metric = {
        .kind = QL_METRIC_COUNTER, .name = "t_race_total", .help = "Race.", .label = "v"};
    pthread_t threads[N_THREADS];
    char value[16];

    (void)state;
    for (int i = 0; i < N_THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, count_together, &metric), 0);
    for (int i = 0; i < N_THREADS; i++)
        pthread_join(threads[i], NULL);
    for (int j = 0; j < N_VALUES; j++) {
        snprintf(value, sizeof(value), "v%d", j);
        assert_int_equal(ql_metric_value(&metric, value), N_THREADS * N_ROUNDS);
    }
    assert_int_equal(ql_metric_value(&metric, "other"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counter_counts_per_label_value),
        cmocka_unit_test(test_registered_metric_is_exposed_once),
        cmocka_unit_test(test_values_past_the_bound_count_as_other),
        cmocka_unit_test(test_values_of_strangers_count_as_other),
        cmocka_unit_test(test_histogram_buckets_are_cumulative),
        cmocka_unit_test(test_histogram_without_label_has_only_bounds),
        cmocka_unit_test(test_threads_lose_no_count),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
