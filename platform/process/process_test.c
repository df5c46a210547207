/* The life of a process, each in a child of its own: what its parts did, in
 * order, what it printed, and its exit status. */
#include "platform/process/process.h"

#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "platform/base/clock.h"
#include "platform/process/stop.h"

enum { WAIT_MS = 20000, TEXT_MAX = 16384 };

struct own_settings {
    char *url;
    int64_t size;
};

static const struct ql_setting own_table[] = {
    {"QL_TEST_URL", QL_SETTING_TEXT, offsetof(struct own_settings, url), "", "a secret", 0, 0,
     QL_SECRET},
    {"QL_TEST_SIZE", QL_SETTING_INT, offsetof(struct own_settings, size), "7", "a size", 1, 9,
     QL_PUBLIC},
    {0},
};

static struct ql_process_settings settings;
static struct own_settings own;
static int trail_fd = -1; /* the child's parts write one word per step */

static void leave_word(const char *verb, const void *name)
{
    dprintf(trail_fd, "%s-%s ", verb, (const char *)name);
}

static enum ql_code start_part(struct ql_call *call, void *name)
{
    (void)call;
    leave_word("start", name);
    return QL_OK;
}

static enum ql_code fail_part(struct ql_call *call, void *name)
{
    leave_word("fail", name);
    return ql_fail(call, QL_UNAVAILABLE, "NO_DATABASE", "the database is away");
}

static enum ql_code request_stop_twice(struct ql_call *call, void *name)
{
    (void)call;
    leave_word("start", name);
    ql_process_request_stop();
    ql_process_request_stop();
    return QL_OK;
}

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

static void drain_part(void *name)
{
    leave_word("drain", name);
}

static void drain_forever(void *name)
{
    leave_word("drain", name);
    for (;;)
        pause();
}

static void stop_part(void *name)
{
    leave_word("stop", name);
}

static char name_a[] = "a", name_b[] = "b", name_c[] = "c";

static const struct ql_part parts_good[] = {
    {"a", start_part, drain_part, stop_part, name_a},
    {"b", start_part, NULL, stop_part, name_b},
    {"c", start_part, drain_part, NULL, name_c},
    {0},
};
static const struct ql_part parts_failing[] = {
    {"a", start_part, drain_part, stop_part, name_a},
    {"b", start_part, drain_part, stop_part, name_b},
    {"c", fail_part, drain_part, stop_part, name_c},
    {0},
};
static const struct ql_part parts_hanging[] = {
    {"a", start_part, drain_forever, stop_part, name_a},
    {0},
};
static const struct ql_part parts_requesting[] = {
    {"a", request_stop_twice, drain_part, stop_part, name_a},
    {0},
};

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

static int run_migrate(struct ql_call *call, void *context)
{
    (void)call;
    leave_word("migrate", context);
    return 5;
}

static const char *greeted;

static int run_greet(struct ql_call *call, void *context)
{
    (void)call;
    (void)context;
    leave_word("greet", greeted);
    return 6;
}

static bool is_loud;

static int run_shout(struct ql_call *call, void *context)
{
    (void)call;
    (void)context;
    leave_word("shout", is_loud ? "loud" : "low");
    return 7;
}

static const struct ql_command commands[] = {
    {"--migrate", "brings the schema up to date", run_migrate, name_a, NULL, NULL, NULL},
    {"--greet", "greets who is named behind it", run_greet, NULL, &greeted, NULL, NULL},
    {"--shout", "may be loud", run_shout, NULL, NULL, "--loud", &is_loud},
    {0},
};

static enum ql_code refuse_size_9(struct ql_call *call, void *context)
{
    const struct own_settings *settings_read = context;

    if (settings_read->size == 9)
        return ql_fail(call, QL_INVALID_ARGUMENT, "BAD_COMBINATION", "QL_TEST_SIZE: 9 is too big");
    return QL_OK;
}

struct child {
    pid_t pid;
    int trail, output; /* what its parts wrote; its standard output and error */
    char trail_text[TEXT_MAX], output_text[TEXT_MAX];
};

static void run_in_child(const char *flag, const struct ql_part *parts)
{
    const struct ql_setting *tables[] = {own_table, NULL};
    void *targets[] = {&own, NULL};
    char program[] = "questline-test", *argv[] = {program, NULL, NULL, NULL, NULL};
    int argc = 1;
    struct ql_process process = {"test", &settings, tables,        targets,
                                 parts,  commands,  refuse_size_9, &own};
    char copy[64] = "";

    snprintf(copy, sizeof(copy), "%s", flag != NULL ? flag : "");
    for (char *word = strtok(copy, " "); word != NULL && argc < 4; word = strtok(NULL, " "))
        argv[argc++] = word;
    exit(ql_process_run(argc, argv, &process));
}

static void child_start(struct child *child, const char *flag, const struct ql_part *parts)
{
    int trail[2], output[2];

    memset(child, 0, sizeof(*child));
    assert_int_equal(pipe(trail), 0);
    assert_int_equal(pipe(output), 0);
    fflush(NULL);
    child->pid = fork();
    assert_true(child->pid >= 0);
    if (child->pid == 0) {
        trail_fd = trail[1];
        dup2(output[1], STDOUT_FILENO);
        dup2(output[1], STDERR_FILENO);
        close(output[1]);
        close(output[0]);
        close(trail[0]);
        run_in_child(flag, parts);
    }
    close(trail[1]);
    close(output[1]);
    child->trail = trail[0];
    child->output = output[0];
}

/* Reads from fd until text holds word, or to the end for NULL. */
static void read_until(int fd, char text[TEXT_MAX], const char *word)
{
    int64_t deadline_ms = ql_monotonic_ms() + WAIT_MS;
    size_t length = strlen(text);

    while (word == NULL || strstr(text, word) == NULL) {
        struct pollfd ready = {fd, POLLIN, 0};
        ssize_t n;

        assert_true(ql_monotonic_ms() < deadline_ms);
        if (poll(&ready, 1, 100) <= 0)
            continue;
        n = read(fd, text + length, TEXT_MAX - 1 - length);
        if (n <= 0)
            break;
        length += (size_t)n;
        text[length] = '\0';
    }
    if (word != NULL)
        assert_non_null(strstr(text, word));
}

static int child_end(struct child *child)
{
    int status;

    read_until(child->output, child->output_text, NULL);
    read_until(child->trail, child->trail_text, NULL);
    close(child->output);
    close(child->trail);
    assert_int_equal(waitpid(child->pid, &status, 0), child->pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void assert_printed(const struct child *child, const char *text)
{
    if (strstr(child->output_text, text) == NULL)
        fail_msg("\"%s\" is not in: %s", text, child->output_text);
}

static void clear_environment(void)
{
    static const char *const keys[] = {"QL_MODE",     "QL_LOG_LEVEL", "QL_DRAIN_TIMEOUT",
                                       "QL_TEST_URL", "QL_TEST_SIZE", "QL_TEST_ODD"};

    for (size_t i = 0; i < QL_ARRAY_LENGTH(keys); i++)
        unsetenv(keys[i]);
}

static int set_up(void **state)
{
    (void)state;
    clear_environment();
    return 0;
}

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

static void test_bad_settings_name_their_keys_and_exit_2(void **state)
{
    struct child child;

    (void)state;
    setenv("QL_MODE", "staging", 1);
    setenv("QL_LOG_LEVEL", "loud", 1);
    setenv("QL_DRAIN_TIMEOUT", "soon", 1);
    setenv("QL_TEST_SIZE", "10", 1);
    child_start(&child, NULL, parts_good);
    assert_int_equal(child_end(&child), 2);
    assert_string_equal(child.trail_text, "");
    assert_printed(&child, "QL_MODE: \"staging\"");
    assert_printed(&child, "QL_LOG_LEVEL: \"loud\"");
    assert_printed(&child, "QL_DRAIN_TIMEOUT: \"soon\"");
    assert_printed(&child, "QL_TEST_SIZE: \"10\"");
}

static void test_check_config_answers_without_starting(void **state)
{
    struct child child;

    (void)state;
    child_start(&child, "--check-config", parts_good);
    assert_int_equal(child_end(&child), 0);
    assert_string_equal(child.trail_text, "");
    setenv("QL_TEST_SIZE", "x", 1);
    child_start(&child, "--check-config", parts_good);
    assert_int_equal(child_end(&child), 2);
    assert_printed(&child, "QL_TEST_SIZE: \"x\"");
    setenv("QL_TEST_SIZE", "9", 1);
    child_start(&child, "--check-config", parts_good);
    assert_int_equal(child_end(&child), 2);
    assert_printed(&child, "BAD_COMBINATION: QL_TEST_SIZE: 9 is too big");
}

static void test_weak_secret_is_refused_outside_local_mode_only(void **state)
{
    static const struct {
        const char *mode, *url;
        int status;
    } cases[] = {
        {"local", "changeme", 0},
        {"production", "changeme", 2},
        {"production", "postgres://u:changeme@host/db", 2},
        {"production", "amqp://u:@host", 2},
        {"production", "postgres://postgres:postgres@host/db", 2},
        {NULL, "amqp://guest:guest@host", 2}, /* production is the default */
        {"production", "postgres://u:k1tChen-table@host/db", 0},
        {"production", "postgres://u@host:5432/db", 0},
        {"production", "", 0}, /* optional, and not given */
    };
    struct child child;

    (void)state;
    for (size_t i = 0; i < QL_ARRAY_LENGTH(cases); i++) {
        unsetenv("QL_MODE");
        if (cases[i].mode != NULL)
            setenv("QL_MODE", cases[i].mode, 1);
        setenv("QL_TEST_URL", cases[i].url, 1);
        child_start(&child, "--check-config", parts_good);
        assert_int_equal(child_end(&child), cases[i].status);
        if (cases[i].status != 0)
            assert_printed(&child, "QL_TEST_URL: ");
        assert_null(strstr(child.output_text, "changeme"));
    }
}

static void test_unknown_setting_only_warns(void **state)
{
    struct child child;

    (void)state;
    setenv("QL_TEST_ODD", "1", 1);
    child_start(&child, NULL, parts_requesting);
    assert_int_equal(child_end(&child), 0);
    assert_printed(&child, "\"level\":\"warn\"");
    assert_printed(&child, "QL_TEST_ODD");
}

static void test_command_runs_instead_and_gives_the_status(void **state)
{
    struct child child;

    (void)state;
    child_start(&child, "--migrate", parts_good);
    assert_int_equal(child_end(&child), 5);
    assert_string_equal(child.trail_text, "migrate-a ");
}

static void test_command_gets_the_word_that_it_takes_and_no_other(void **state)
{
    struct child child;

    (void)state;
    child_start(&child, "--greet ada", parts_good);
    assert_int_equal(child_end(&child), 6);
    assert_string_equal(child.trail_text, "greet-ada ");
    child_start(&child, "--greet", parts_good);
    assert_int_equal(child_end(&child), 2);
    assert_printed(&child, "--greet needs an argument");
    child_start(&child, "--greet ada bob", parts_good);
    assert_int_equal(child_end(&child), 2);
    assert_printed(&child, "\"bob\" is not understood");
    child_start(&child, "--migrate ada", parts_good);
    assert_int_equal(child_end(&child), 2);
    assert_printed(&child, "\"ada\" is not understood");
}

static void test_command_knows_whether_its_option_stands_behind_it(void **state)
{
    struct child child;

    (void)state;
    child_start(&child, "--shout", parts_good);
    assert_int_equal(child_end(&child), 7);
    assert_string_equal(child.trail_text, "shout-low ");
    child_start(&child, "--shout --loud", parts_good);
    assert_int_equal(child_end(&child), 7);
    assert_string_equal(child.trail_text, "shout-loud ");
    child_start(&child, "--shout --lout", parts_good);
    assert_int_equal(child_end(&child), 2);
    assert_printed(&child, "\"--lout\" is not understood");
    child_start(&child, "--shout --loud --loud", parts_good);
    assert_int_equal(child_end(&child), 2);
    child_start(&child, "--migrate --loud", parts_good);
    assert_int_equal(child_end(&child), 2);
}

static void test_help_prints_every_setting_and_flag(void **state)
{
    struct child child;

    (void)state;
    setenv("QL_MODE", "nonsense", 1); /* help needs no good settings */
    child_start(&child, "--help", parts_good);
    assert_int_equal(child_end(&child), 0);
    assert_printed(&child, "Usage: questline-test");
    assert_printed(&child, "--migrate");
    assert_printed(&child, "--check-config");
    assert_printed(&child, "QL_DRAIN_TIMEOUT");
    assert_printed(&child, "QL_TEST_URL");
}

static void test_version_names_the_program(void **state)
{
    struct child child;

    (void)state;
    child_start(&child, "--version", parts_good);
    assert_int_equal(child_end(&child), 0);
    assert_printed(&child, "questline-test ");
}

static void test_unknown_flag_is_bad_usage(void **state)
{
    struct child child;

    (void)state;
    child_start(&child, "--verbose", parts_good);
    assert_int_equal(child_end(&child), 2);
    assert_printed(&child, "\"--verbose\" is not understood");
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
        cmocka_unit_test_setup(test_bad_settings_name_their_keys_and_exit_2, set_up),
        cmocka_unit_test_setup(test_check_config_answers_without_starting, set_up),
        cmocka_unit_test_setup(test_weak_secret_is_refused_outside_local_mode_only, set_up),
        cmocka_unit_test_setup(test_unknown_setting_only_warns, set_up),
        cmocka_unit_test_setup(test_command_runs_instead_and_gives_the_status, set_up),
        cmocka_unit_test_setup(test_command_gets_the_word_that_it_takes_and_no_other, set_up),
        cmocka_unit_test_setup(test_command_knows_whether_its_option_stands_behind_it, set_up),
        cmocka_unit_test_setup(test_help_prints_every_setting_and_flag, set_up),
        cmocka_unit_test_setup(test_version_names_the_program, set_up),
        cmocka_unit_test_setup(test_unknown_flag_is_bad_usage, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
