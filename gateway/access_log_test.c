/* Tests of the access log: its line, and what happens when nobody reads it. */
#include "gateway/access_log.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "gateway/metrics.h"

static struct access_record record_of(const char *path)
{
    struct access_record record = {.level = QL_LOG_INFO,
                                   .verb = "GET",
                                   .request_id = "req-1",
                                   .user = "user-1",
                                   .method = "a.B/C",
                                   .client = "192.0.2.7",
                                   .http_status = 404,
                                   .ms = 12,
                                   .bytes = 34,
                                   .reason = "GONE"};

    ql_trace_new(&record.trace);
    snprintf(record.path, sizeof(record.path), "%s", path);
    return record;
}

static void test_line_has_the_request_and_its_answer(void **state)
{
    struct access_record record = record_of("/v1/things");
    char line[2048];
    ssize_t length;
    int ends[2];

    (void)state;
    assert_int_equal(pipe(ends), 0);
    ql_log_redirect(ends[1]);
    assert_true(ql_log_start());
    access_log_add(&record);
    ql_log_stop();
    length = read(ends[0], line, sizeof(line) - 1);
    assert_true(length > 0);
    line[length] = '\0';
    assert_non_null(strstr(line, "\"service\":\"gateway\""));
    assert_non_null(strstr(line, record.trace.trace_id));
    assert_non_null(strstr(
        line,
        "\"event\":\"request\",\"verb\":\"GET\",\"path\":\"/v1/things\","
        "\"status\":404,\"ms\":12,\"bytes\":34,\"requestId\":\"req-1\","
        "\"client\":\"192.0.2.7\",\"user\":\"user-1\",\"method\":\"a.B/C\",\"reason\":\"GONE\","
        "\"error\":null}\n"));
    ql_log_redirect(STDERR_FILENO);
    close(ends[0]);
    close(ends[1]);
}

static size_t read_lines(int fd, size_t wanted)
{
    char bytes[65536];
    size_t lines = 0;

    while (lines < wanted) {
        ssize_t got = read(fd, bytes, sizeof(bytes));

        assert_true(got > 0);
        for (ssize_t i = 0; i < got; i++)
            lines += bytes[i] == '\n';
    }
    return lines;
}

/* A pipe that nobody reads stops the writer; those who add never wait. */
static void test_full_log_drops_and_counts_instead_of_waiting(void **state)
{
    enum { RECORDS = 8192 };
    struct access_record record = record_of("/v1/things");
    struct ql_metric *dropped = &gateway_metrics[GATEWAY_LOG_DROPPED];
    int64_t before = ql_metric_value(dropped, NULL), lost;
    int ends[2];

    (void)state;
    assert_int_equal(pipe(ends), 0);
    assert_true(fcntl(ends[1], F_SETPIPE_SZ, 4096) >= 4096);
    ql_log_redirect(ends[1]);
    assert_true(ql_log_start());
    for (int i = 0; i < RECORDS; i++)
        access_log_add(&record);
    lost = ql_metric_value(dropped, NULL) - before;
    assert_true(lost > 0);
    assert_int_equal(read_lines(ends[0], (size_t)(RECORDS - lost)), RECORDS - lost);
    ql_log_stop();
    ql_log_redirect(STDERR_FILENO);
    close(ends[0]);
    close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_line_has_the_request_and_its_answer),
        cmocka_unit_test(test_full_log_drops_and_counts_instead_of_waiting),
    };

    ql_log_setup("gateway", QL_LOG_INFO);
    ql_metrics_register(gateway_metrics, GATEWAY_METRICS_COUNT);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
