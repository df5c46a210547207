/* Tests of start, signals, drain and stop, in a child process. */
#include "platform/process/process.h"

#include "platform/process/testing/process_fixture.h"

/* Sends the signal and waits until it was noticed. */
static enum ql_code start_signalled(struct ql_call *call, void *name)
{
    (void)call;
    leave_word("start", name);
    kill(getpid(), SIGTERM);
    while (!qli_stop_is_requested())
        ql_sleep_ms(1, NULL);
    return QL_OK;
}

static enum ql_code start_forever(struct ql_call *call, void *name)
{
    (void)call;
    leave_word("start", name);
    while (pause() != 0)
        continue;
    return QL_OK;
}

static const struct ql_part parts_signalled[] = {
    {"a", start_part, drain_part, stop_part, name_a},
    {"b", start_signalled, drain_part, stop_part, name_b},
    {"c", start_part, drain_part, stop_part, name_c},
    {0},
};
static const struct ql_part parts_stuck[] = {
    {"a", start_forever, drain_part, stop_part, name_a},
    {0},
};

static void test_parts_drain_and_stop_in_reverse_order_on_sigterm(void **state)
{
    struct child child;

    (void)state;
    child_start(&child, NULL, parts_good);
    read_until(child.output, child.output_text, "\"event\":\"started\"");
    kill(child.pid, SIGTERM);
    assert_int_equal(child_end(&child), 0);
    assert_string_equal(child.trail_text, "start-a start-b start-c drain-c drain-a stop-b stop-a ");
    assert_printed(&child, "\"event\":\"stopping\",\"reason\":\"SIGTERM\"");
    assert_printed(&child, "\"event\":\"stopped\"");
}

static void test_sigint_stops_too(void **state)
{
    struct child child;

    (void)state;
    child_start(&child, NULL, parts_good);
    read_until(child.output, child.output_text, "\"event\":\"started\"");
    kill(child.pid, SIGINT);
    assert_int_equal(child_end(&child), 0);
    assert_printed(&child, "\"reason\":\"SIGINT\"");
}

static void test_part_that_fails_stops_the_started_ones_and_exits_1(void **state)
{
    struct child child;

    (void)state;
    child_start(&child, NULL, parts_failing);
    assert_int_equal(child_end(&child), 1);
    assert_string_equal(child.trail_text, "start-a start-b fail-c stop-b stop-a ");
    assert_printed(&child, "\"event\":\"start failed\",\"part\":\"c\",\"code\":\"UNAVAILABLE\","
                           "\"reason\":\"NO_DATABASE\",\"message\":\"the database is away\"");
    assert_null(strstr(child.output_text, "\"event\":\"started\""));
}

static void test_second_signal_ends_a_hanging_drain(void **state)
{
    struct child child;

    (void)state;
    child_start(&child, NULL, parts_hanging);
    read_until(child.output, child.output_text, "\"event\":\"started\"");
    kill(child.pid, SIGTERM);
    read_until(child.trail, child.trail_text, "drain-a");
    kill(child.pid, SIGTERM);
    assert_int_equal(child_end(&child), 1);
    assert_printed(&child, "\"reason\":\"a second signal\"");
    assert_null(strstr(child.trail_text, "stop-a"));
}

static void test_drain_timeout_ends_a_hanging_drain(void **state)
{
    struct child child;

    (void)state;
    setenv("QL_DRAIN_TIMEOUT", "50ms", 1);
    child_start(&child, NULL, parts_hanging);
    read_until(child.output, child.output_text, "\"event\":\"started\"");
    kill(child.pid, SIGTERM);
    assert_int_equal(child_end(&child), 1);
    assert_printed(&child, "\"reason\":\"the time to stop is over\"");
}

static void test_requested_stop_is_clean_however_often_it_is_requested(void **state)
{
    struct child child;

    (void)state;
    child_start(&child, NULL, parts_requesting);
    assert_int_equal(child_end(&child), 0);
    assert_string_equal(child.trail_text, "start-a drain-a stop-a ");
    assert_printed(&child, "\"reason\":\"request\"");
}

static void test_request_without_a_process_does_nothing(void **state)
{
    int status;
    pid_t pid;

    (void)state;
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        ql_process_request_stop();
        _exit(3);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 3);
}

static void test_signal_during_the_start_stops_what_was_started(void **state)
{
    struct child child;

    (void)state;
    child_start(&child, NULL, parts_signalled);
    assert_int_equal(child_end(&child), 0);
    assert_string_equal(child.trail_text, "start-a start-b drain-b drain-a stop-b stop-a ");
    assert_null(strstr(child.output_text, "\"event\":\"started\""));
}

static void test_start_that_hangs_ends_when_the_time_to_stop_is_over(void **state)
{
    struct child child;

    (void)state;
    setenv("QL_DRAIN_TIMEOUT", "50ms", 1);
    child_start(&child, NULL, parts_stuck);
    read_until(child.trail, child.trail_text, "start-a");
    kill(child.pid, SIGTERM);
    assert_int_equal(child_end(&child), 1);
    assert_string_equal(child.trail_text, "start-a ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_parts_drain_and_stop_in_reverse_order_on_sigterm, set_up),
        cmocka_unit_test_setup(test_sigint_stops_too, set_up),
        cmocka_unit_test_setup(test_part_that_fails_stops_the_started_ones_and_exits_1, set_up),
        cmocka_unit_test_setup(test_second_signal_ends_a_hanging_drain, set_up),
        cmocka_unit_test_setup(test_drain_timeout_ends_a_hanging_drain, set_up),
        cmocka_unit_test_setup(test_requested_stop_is_clean_however_often_it_is_requested, set_up),
        cmocka_unit_test_setup(test_request_without_a_process_does_nothing, set_up),
        cmocka_unit_test_setup(test_signal_during_the_start_stops_what_was_started, set_up),
        cmocka_unit_test_setup(test_start_that_hangs_ends_when_the_time_to_stop_is_over, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
